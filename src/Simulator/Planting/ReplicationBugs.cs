using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Planting;

/// <summary>Mistakes in replication.</summary>
internal static class ReplicationBugs
{
    /// <summary>A primary counts the copies of a record wrongly.</summary>
    internal abstract class Miscount(Simulation world) : Sabotage
    {
        private readonly Dictionary<int, Books> _books = [];

        protected Simulation World => world;

        public override IReplicatedLog Log(SimulatedNode node, IReplicatedLog log)
        {
            _books[node.Index] = new Books(log);
            return log;
        }

        public override ReplicaInput? Told(SimulatedNode node, ReplicaInput input)
        {
            var books = _books[node.Index];
            switch (input)
            {
                case ReplicaInput.ShardChanged changed:
                    books.Shard = changed.Shard;
                    break;
                case ReplicaInput.Peer { Message: ReplicaMessage.Ack ack } peer when ack.Epoch == books.Epoch:
                    books.Held[peer.From] = world.Plan.AckDurable ? ack.DurableLsn : ack.ReceivedLsn;
                    break;
            }

            return input;
        }

        public override void Wanted(SimulatedNode node, List<ReplicaEffect> effects)
        {
            var books = _books[node.Index];
            foreach (var effect in effects)
            {
                switch (effect)
                {
                    case ReplicaEffect.Serve serve:
                        (books.Epoch, books.Acked) = (serve.On ? serve.Epoch : 0, 0);
                        books.Held.Clear();
                        break;
                    case ReplicaEffect.Acked acked:
                        books.Acked = acked.Lsn;
                        break;
                }
            }

            if (books.Epoch == 0 || books.Shard is not { Mode: not ReplicationMode.Asynchronous } shard || shard.Epoch != books.Epoch)
            {
                return;
            }

            books.Held[node.Identity.Node] = world.Plan.AckDurable ? books.Log.DurableLsn : books.Log.LastLsn;
            var needed = Needed(node, shard);
            var counted = shard.ReplicaSet.Select(member => books.Held.GetValueOrDefault(member)).OrderDescending().ElementAt(Math.Max(needed, 1) - 1);
            if (counted > books.Acked)
            {
                books.Acked = counted;
                effects.Add(new ReplicaEffect.Acked(counted));
            }
        }

        /// <summary>How many copies are taken to be enough.</summary>
        protected abstract int Needed(SimulatedNode node, ShardView shard);

        private sealed class Books(IReplicatedLog log)
        {
            public IReplicatedLog Log => log;

            public SortedDictionary<NodeId, ulong> Held { get; } = [];

            public ShardView? Shard { get; set; }

            public ulong Epoch { get; set; }

            public ulong Acked { get; set; }
        }
    }

    /// <summary>A primary's own copy is enough.</summary>
    internal sealed class AnswersAtOnce(Simulation world) : Miscount(world)
    {
        protected override int Needed(SimulatedNode node, ShardView shard) => 1;
    }

    /// <summary>One copy less than a quorum is enough.</summary>
    internal sealed class OneLess(Simulation world) : Miscount(world)
    {
        protected override int Needed(SimulatedNode node, ShardView shard) => RequiredAcks.Of(shard.Mode, shard.ReplicaSet.Count) - 1;
    }

    /// <summary>A quorum of those that were heard of lately is enough.</summary>
    internal sealed class CountsTheLiving(Simulation world) : Miscount(world)
    {
        private static readonly TimeSpan Lately = TimeSpan.FromMilliseconds(400);
        private readonly Dictionary<(int Node, NodeId Member), TimeSpan> _heard = [];

        public override ReplicaInput? Told(SimulatedNode node, ReplicaInput input)
        {
            if (input is ReplicaInput.Peer peer)
            {
                _heard[(node.Index, peer.From)] = World.Now;
            }

            return base.Told(node, input);
        }

        protected override int Needed(SimulatedNode node, ShardView shard) => RequiredAcks.Of(
            shard.Mode,
            shard.ReplicaSet.Count(id => id == node.Identity.Node || World.Now - _heard.GetValueOrDefault((node.Index, id), -Lately) < Lately));
    }

    /// <summary>A member of an electing shard tells where its log ends, and goes on to take what the old primary sends.</summary>
    internal sealed class NotFenced : Sabotage
    {
        private readonly Dictionary<int, IReplicatedLog> _logs = [];

        public override IReplicatedLog Log(SimulatedNode node, IReplicatedLog log) => _logs[node.Index] = log;

        public override ReplicaInput? Told(SimulatedNode node, ReplicaInput input)
        {
            if (input is not ReplicaInput.ShardChanged { Shard: { IsElecting: true } shard } changed)
            {
                return input;
            }

            var log = _logs[node.Index];
            var epoch = log.History.LastEpoch(changed.Cluster);
            node.Post(new ControlInput.LogFenced(changed.Cluster, shard.Epoch, new LogPosition(epoch, log.LastLsn, log.ConsistentLsn <= log.LastLsn)));
            return null;
        }
    }

    /// <summary>The last part of a snapshot is sent cut short, and said to be whole.</summary>
    internal sealed class SnapshotCutShort : Sabotage
    {
        private const int Cut = 8;

        public override void Wanted(SimulatedNode node, List<ReplicaEffect> effects) => Replace(effects, effect =>
            effect is ReplicaEffect.Send { Message: ReplicaMessage.SnapshotPart { Bytes.Length: > Cut } part } send
                ? send with
                {
                    Message = part with
                    {
                        Length = part.Length - Cut,
                        Bytes = part.Offset + part.Bytes.Length == part.Length ? part.Bytes[..^Cut] : part.Bytes,
                    },
                }
                : effect);
    }
}

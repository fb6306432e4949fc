using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;
using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Storage;

namespace Trefoil.Simulator.Planting;

/// <summary>Mistakes in the key-value engine, as its disk, its clients and its copies see them.</summary>
internal static class KeyBugs
{
    /// <summary>Says that the keys' log is durable, and has not asked the disk.</summary>
    internal sealed class NoSync : Sabotage
    {
        public override IDisk KeyDisk(SimulatedNode node, IDisk disk) => new CarelessDisk(disk) { SyncsFiles = false };
    }

    /// <summary>Records are acknowledged while they are in a buffer of the process.</summary>
    internal sealed class WritesBehind : Sabotage
    {
        public override IDisk KeyDisk(SimulatedNode node, IDisk disk) => new CarelessDisk(disk) { WritesAtOnce = false };
    }

    /// <summary>A recovery takes the last group of the log for a torn one.</summary>
    internal sealed class LastGroupDropped : Sabotage
    {
        public override IDisk KeyDisk(SimulatedNode node, IDisk disk)
        {
            const string directory = KeyValue.Persistence.KeyStorageOptions.LogDirectory;
            if (disk.List(directory) is [.., var last])
            {
                using var file = disk.Open($"{directory}/{last}", create: false);
                file.Truncate(Math.Max(0, file.Length - 1));
            }

            return disk;
        }
    }

    /// <summary>A lease is never looked at again once it was given.</summary>
    internal sealed class LeaseNotAsked : Sabotage
    {
        public override TimeSpan LeaseClock(SimulatedNode node, TimeSpan now) => TimeSpan.Zero;
    }

    /// <summary>Replies of a term that is over leave all the same.</summary>
    internal sealed class AnswersWhenDeposed : Sabotage
    {
        public override int Sendable(SimulatedNode node, Connection client, int bytes) => bytes == Connection.Deposed ? client.Output.Length : bytes;
    }

    /// <summary>Who loses slots goes by the old map for two seconds.</summary>
    internal sealed class StaleRoute(Simulation world) : Sabotage
    {
        private readonly Dictionary<int, (Topology Known, TimeSpan Until)> _stale = [];

        public override Topology Routes(SimulatedNode node, Topology topology)
        {
            var (self, before) = (node.Identity.Node, node.Keys.Cluster.Topology);
            if (_stale.TryGetValue(node.Index, out var stale) && world.Now < stale.Until && stale.Known.ClusterId == topology.ClusterId)
            {
                return stale.Known;
            }

            if (before.ClusterId != topology.ClusterId || topology.SlotCountOf(self) >= before.SlotCountOf(self))
            {
                return topology;
            }

            var (life, until) = (node.Life, world.Now + TimeSpan.FromSeconds(2));
            _stale[node.Index] = (before, until);
            world.Queue.At(until, () =>
            {
                if (node.Up && node.Life == life)
                {
                    node.Keys.Cluster.Publish(node.Control.Topology);
                }
            });
            return before;
        }
    }

    /// <summary>A mistake in how a copy takes records.</summary>
    internal abstract class CopyBug : Sabotage
    {
        public override IReplicatedLog Log(SimulatedNode node, IReplicatedLog log) => new CarelessLog(log, record => Taken(node, record), record => Taking(node, record));

        /// <summary>What a copy makes of a record.</summary>
        protected virtual byte[] Taking(SimulatedNode node, byte[] record) => record;

        /// <summary>It was taken.</summary>
        protected virtual void Taken(SimulatedNode node, byte[] record)
        {
        }

        /// <summary>Changes a copy's keys, and not its log.</summary>
        protected static void Apply(SimulatedNode node, ReadOnlySpan<byte> record)
        {
            var effect = new EffectReader(record);
            if (effect.IsClearAll || effect.Failed)
            {
                return;
            }

            var table = node.Keys.Store.Table(effect.Slot);
            while (effect.Next() && table.Apply(ref effect))
            {
            }
        }
    }

    /// <summary>The first records after a restart are applied twice.</summary>
    internal sealed class AppliedTwice : CopyBug
    {
        private const int After = 20;
        private readonly Dictionary<(int Node, uint Life), int> _taken = [];

        protected override void Taken(SimulatedNode node, byte[] record)
        {
            var count = _taken.GetValueOrDefault((node.Index, node.Life));
            _taken[(node.Index, node.Life)] = count + 1;
            if (count < After)
            {
                Apply(node, record);
            }
        }
    }

    /// <summary>Of a record that sets two keys a copy takes the first.</summary>
    internal sealed class HalfATransaction : CopyBug
    {
        protected override byte[] Taking(SimulatedNode node, byte[] record)
        {
            var effect = new EffectReader(record);
            if (effect.IsClearAll || effect.Failed || !effect.Next() || effect.Kind is not (EffectKind.SetString or EffectKind.SetInteger))
            {
                return record;
            }

            var writer = new EffectWriter();
            writer.Begin(effect.Slot, effect.Kind, effect.Key);
            writer.Number(effect.Number());
            if (effect.Kind == EffectKind.SetInteger)
            {
                writer.Number(effect.Number());
            }
            else
            {
                writer.Bytes(effect.Bytes());
            }

            return writer.Written.ToArray();
        }
    }

    /// <summary>A copy removes keys when its own clock says so.</summary>
    internal sealed class ExpiresOnCopies : CopyBug
    {
        private readonly Dictionary<int, List<(long AtMs, int Slot, byte[] Key)>> _due = [];

        public override ReplicaInput? Told(SimulatedNode node, ReplicaInput input)
        {
            if (_due.TryGetValue(node.Index, out var due) && node.Keys.Store.IsFollowing)
            {
                foreach (var (_, slot, key) in due.Where(each => each.AtMs <= node.Clock.WallMs))
                {
                    var writer = new EffectWriter();
                    writer.Begin(slot, EffectKind.Remove, key);
                    Apply(node, writer.Written);
                }

                due.RemoveAll(each => each.AtMs <= node.Clock.WallMs);
            }

            return input;
        }

        protected override void Taken(SimulatedNode node, byte[] record)
        {
            var effect = new EffectReader(record);
            if (!effect.IsClearAll && !effect.Failed && effect.Next() && effect.Kind is EffectKind.SetString or EffectKind.SetInteger or EffectKind.SetExpiry
                && effect.Number() is var atMs && atMs != KeyedValue.NoExpiry)
            {
                _due.TryAdd(node.Index, []);
                _due[node.Index].Add((atMs, effect.Slot, effect.Key.ToArray()));
            }
        }
    }
}

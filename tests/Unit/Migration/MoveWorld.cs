using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Unit.Sharding;
using MigrationCodec = Trefoil.Migration.MigrationCodec;

namespace Trefoil.Unit.Migration;

/// <summary>What one run of a <see cref="MoveWorld"/> is made of.</summary>
internal sealed record MovePlan
{
    /// <summary>Each of two nodes: 1, 2, .. lead at first, the others copy them.</summary>
    public int Shards { get; init; } = 2;

    /// <summary>Probabilities for a message.</summary>
    public double Loss { get; init; }

    public double Duplicates { get; init; }

    /// <summary>Probability that a message overtakes: streams keep their order, but for what an earlier connection still delivers.</summary>
    public double Overtaking { get; init; }

    /// <summary>The longest time that anything takes.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Probability that a topology, or a proposal, takes up to two seconds: others overtake it.</summary>
    public double Late { get; init; }

    /// <summary>Probability that a proposal is lost, or that its answer is.</summary>
    public double LostProposals { get; init; }

    public TimeSpan? FaultEvery { get; init; }

    public TimeSpan CallEvery { get; init; } = TimeSpan.FromMilliseconds(2);

    public long Rate { get; init; }

    public (double OutOfMemory, double NoFreeze) Mishaps { get; init; }

    /// <summary>A member's process ends right behind this effect of any migration.</summary>
    public (int Step, int Member)? CrashAt { get; init; }

    public MigrationConfig Config { get; init; } = new() { MaxMessageBytes = 60, WindowBytes = 300, FreezeBelow = 100, StepBytes = 512, ClearSlots = 1 };
}

/// <summary>Shards of two on virtual time under production cores: real topologies, but a council in place of consensus and a hand that copies logs.</summary>
internal sealed partial class MoveWorld
{
    /// <summary>How long a primary may answer after it was deposed; nobody is promoted before.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(100);

    private readonly PriorityQueue<Action, (TimeSpan, long)> _queue = new();
    private readonly SortedSet<(int, int)> _cuts = [];
    private readonly SortedDictionary<(int, int), TimeSpan> _arrivals = [];
    private readonly List<ShardState> _shards = [];
    private long _order;

    public MoveWorld(ulong seed, MovePlan plan)
    {
        (Random, Plan) = (new Prng(seed), plan);
        Cluster = Cluster.Of(plan.Shards * 2);
        Oracle = new MoveOracle(this);
        Members = [.. Enumerable.Range(1, plan.Shards * 2).Select(number => new MoveMember(this, number))];
        for (var first = 1; first <= plan.Shards; first++)
        {
            var (lead, heir) = (Sharding.Cluster.Member(first), Sharding.Cluster.Member(first + plan.Shards));
            Cluster.Do(id => new TopologyCommand.Replicate(id, heir, lead));
            _shards.Add(new ShardState(Cluster.Topology.ShardOf(lead)!.Id));
        }

        Cluster.Assign(1, new SlotRange(0, ModelSlots.Count - 1));
        Members.ToList().ForEach(member => member.See(Cluster.Topology));
        At(Now, null, Turn);
        At(Now, null, Call);
        if (plan.FaultEvery is not null)
        {
            At(Now + NextFault(), null, Fault);
        }
    }

    public Prng Random { get; }

    public MovePlan Plan { get; }

    public TimeSpan Now { get; private set; }

    public Cluster Cluster { get; }

    public MoveOracle Oracle { get; }

    public IReadOnlyList<MoveMember> Members { get; }

    public bool IsHealing { get; private set; }

    /// <summary>Effects of migrations so far.</summary>
    public int Steps { get; private set; }

    public List<string> Story { get; } = [];

    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>Replaces what a member tells another, or its core; null loses it.</summary>
    public Func<MoveMember, MigrationMessage, MigrationMessage?>? Lie { get; init; }

    public void Count(string what, int times = 1) => Counts[what] = Counts.GetValueOrDefault(what) + times;

    public MoveMember Find(NodeId id) => Members.Single(member => member.Id == id);

    /// <summary>At that time, unless the process has ended by then.</summary>
    public void At(TimeSpan time, MoveMember? member, Action action)
    {
        var life = member?.Life;
        _queue.Enqueue(
            () =>
            {
                if (member is null || (member.Up && member.Life == life))
                {
                    action();
                }
            },
            (time, ++_order));
    }

    public void Later(MoveMember? member, Action action) => At(Now + Delay(), member, action);

    public void Run(TimeSpan duration)
    {
        var end = Now + duration;
        while (_queue.TryPeek(out _, out var next) && next.Item1 <= end)
        {
            Now = next.Item1;
            _queue.Dequeue()();
        }

        Now = end;
    }

    public bool RunUntil(Func<bool> condition, TimeSpan limit, double everyMs = 20)
    {
        for (var end = Now + limit; Now < end && !condition();)
        {
            Run(TimeSpan.FromMilliseconds(everyMs));
        }

        return condition();
    }

    public CommandResult Do(Func<RequestId, TopologyCommand> build)
    {
        var result = Cluster.Do(build);
        var topology = Cluster.Topology;
        foreach (var member in Members)
        {
            At(Now + (Random.Chance(Plan.Late) ? Random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)) : Delay()), member, () => member.See(topology));
        }

        return result;
    }

    public MigrationId Begin(int source, int target, params SlotRange[] ranges)
    {
        Do(id => new TopologyCommand.BeginMigrations(
            id, Sharding.Cluster.Member(source), [new MigrationPart(Sharding.Cluster.Member(target), ranges)], 0));
        return Cluster.Topology.Migrations[^1].Id;
    }

    public void Cut(int one, int other) => _cuts.Add((one, other));

    public void Join(int one, int other) => _cuts.Remove((one, other));

    /// <summary>Takes a member's process down, and up again after a while.</summary>
    public void Crash(MoveMember member, TimeSpan pause)
    {
        if (member.Up)
        {
            Tell($"n{member.Number} crashes");
            member.Crash();
            At(Now + pause, null, member.Start);
        }
    }

    public void Perform(MoveMember by, MigrationEffect effect)
    {
        switch (effect)
        {
            case MigrationEffect.Send send:
                var sent = Lie is null ? send.Message : Lie(by, send.Message);
                Tell($"n{by.Number} > n{Find(send.To).Number} {Text(send.Message)}");
                Transmit(by, Find(send.To), sent);
                break;
            case MigrationEffect.Propose propose:
                Tell($"n{by.Number} proposes {propose.Proposal.ToString()!.Replace($" Migration = {propose.Proposal.Migration},", "", StringComparison.Ordinal)}");
                Propose(by, propose);
                break;
            case MigrationEffect.Note note:
                Tell($"n{by.Number} notes {note.Event}{(note.Detail.Length > 40 ? note.Detail[40..] : "")}");
                Count(note.Event.ToString());
                break;
        }

        if (Plan.CrashAt is { } crash && Steps++ == crash.Step)
        {
            Crash(Members[crash.Member - 1], TimeSpan.FromMilliseconds(400));
        }
    }

    public void Tell(string line) => Story.Add($"{Now.TotalMilliseconds,9:0.0} {line}");

    private void Transmit(MoveMember from, MoveMember to, MigrationMessage? message)
    {
        if (message is null || _cuts.Contains((from.Number, to.Number)) || Random.Chance(Plan.Loss))
        {
            return;
        }

        var writer = new ByteWriter();
        MigrationCodec.Write(writer, message);
        var bytes = writer.ToArray();
        for (var times = Random.Chance(Plan.Duplicates) ? 2 : 1; times > 0; times--)
        {
            var (link, arrival) = ((from.Number, to.Number), Now + Delay());
            if (!Random.Chance(Plan.Overtaking))
            {
                arrival = arrival > _arrivals.GetValueOrDefault(link) ? arrival : _arrivals[link];
                _arrivals[link] = arrival;
            }

            At(arrival, null, () =>
            {
                if (to.Up)
                {
                    to.Hand(new MigrationInput.Peer(from.Id, MigrationCodec.Read(bytes)!));
                }
            });
        }
    }

    /// <summary>A proposal outlives its proposer; nobody may ever hear what became of it.</summary>
    private void Propose(MoveMember by, MigrationEffect.Propose propose)
    {
        if (Random.Chance(Plan.LostProposals))
        {
            return;
        }

        var (answered, member) = (!Random.Chance(Plan.LostProposals), by);
        var life = by.Life;
        At(Now + (Random.Chance(Plan.Late) ? Random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)) : Delay()), null, () =>
        {
            var result = Do(id => CommandFor(id, propose.Proposal));
            if (result is CommandResult.Refused refused && answered && life == member.Life && member.Up)
            {
                Later(member, () => member.Hand(new MigrationInput.Refused(propose.Token, refused.Error)));
            }
        });
    }

    private static TopologyCommand CommandFor(RequestId id, MigrationProposal proposal) => proposal switch
    {
        MigrationProposal.Restart restart => new TopologyCommand.RestartMigration(id, restart.Migration, restart.Attempt, restart.Reason, 0),
        MigrationProposal.Complete complete => new TopologyCommand.CompleteMigration(id, complete.Migration, complete.Attempt, 0),
        MigrationProposal.Abort abort => new TopologyCommand.AbortMigration(id, abort.Migration, abort.Reason, 0),
        MigrationProposal.Clean clean => new TopologyCommand.CleanMigration(id, clean.Migration, clean.Epoch),
        _ => throw new ArgumentException($"Nobody proposes {proposal}.", nameof(proposal)),
    };

    private static string Text(MigrationMessage message) => message switch
    {
        MigrationMessage.Ack ack => $"Ack {ack.Attempt}: {ack.Received}, held {ack.Held}",
        MigrationMessage.Bytes bytes => $"Bytes {bytes.Attempt}: {bytes.Offset}..{bytes.Offset + bytes.Data.Length}",
        MigrationMessage.Frozen frozen => $"Frozen {frozen.Attempt}: to {frozen.End}",
        _ => message.ToString(),
    };

    private TimeSpan Delay() => Random.Between(TimeSpan.FromMicroseconds(100), Plan.MaxDelay);

    /// <summary>What stands in for replication and elections of one shard.</summary>
    private sealed class ShardState(NodeId id)
    {
        public NodeId Id => id;

        /// <summary>The copy is in the set: it holds what is acknowledged.</summary>
        public bool InSync { get; set; }

        public ulong DeposedEpoch { get; set; }

        public TimeSpan DeposedAt { get; set; }
    }
}

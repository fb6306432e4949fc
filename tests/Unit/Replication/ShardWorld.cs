using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Storage;

namespace Trefoil.Unit.Replication;

/// <summary>What one run of a <see cref="ShardWorld"/> is made of.</summary>
internal sealed record WorldPlan
{
    public int Members { get; init; } = 3;

    public ReplicationMode Mode { get; init; } = ReplicationMode.Quorum;

    public AckKind Ack { get; init; } = AckKind.Received;

    /// <summary>Probability that a message is lost, and that it comes twice.</summary>
    public double Loss { get; init; }

    public double Duplicates { get; init; }

    /// <summary>Probability that a message overtakes: streams keep their order, but for what an earlier connection still delivers.</summary>
    public double Overtaking { get; init; }

    /// <summary>Longest time a message takes; the shortest is 0.2 ms.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(3);

    /// <summary>Mean time between faults; none when null.</summary>
    public TimeSpan? FaultEvery { get; init; }

    public CrashMode Crash { get; init; } = CrashMode.KeepAll;

    /// <summary>Records of the backlog that are kept, once in a while.</summary>
    public int Backlog { get; init; } = 200;

    public bool ChangesMode { get; init; }

    /// <summary>A planted bug: what a member says instead.</summary>
    public Func<ReplicaMessage, ReplicaMessage>? Lie { get; init; }

    public TimeSpan ClientEvery { get; init; } = TimeSpan.FromMilliseconds(5);

    public ReplicationConfig Config { get; init; } = new() { MaxMessageBytes = 256, WindowBytes = 4096, WindowMessages = 16 };
}

/// <summary>One shard on virtual time: members that run the production core, a lossy network, a council in place of the control plane, clients, oracles.</summary>
internal sealed class ShardWorld
{
    private readonly PriorityQueue<Action, (TimeSpan, long)> _queue = new();
    private readonly SortedSet<(int, int)> _cuts = [];
    private readonly SortedDictionary<(int, int), TimeSpan> _arrivals = [];
    private readonly List<string> _trace = [];
    private long _order;
    private bool _healing;

    public ShardWorld(ulong seed, WorldPlan plan)
    {
        (Random, Plan) = (new Prng(seed), plan);
        Members = [.. Enumerable.Range(0, plan.Members).Select(index => new ShardMember(this, index))];
        Oracle = new ShardOracle(this);
        Council = new ShardCouncil(this);
        Clients = new ShardClients(this);
        foreach (var member in Members)
        {
            member.Start(KnowsNothing);
        }

        Council.Start();
        Clients.Start();
        After(TimeSpan.Zero, Sweep);
        if (plan.FaultEvery is not null)
        {
            After(NextFault(), Fault);
        }
    }

    public static readonly ClusterId Cluster = new(0xC1, 0x57);

    private static readonly ReplicaInput.ShardChanged KnowsNothing = new(Cluster, null, ReplicationMode.Quorum, 0);

    public Prng Random { get; }

    public WorldPlan Plan { get; }

    public TimeSpan Now { get; private set; }

    public IReadOnlyList<ShardMember> Members { get; }

    public ShardCouncil Council { get; }

    public ShardClients Clients { get; }

    public ShardOracle Oracle { get; }

    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>Set to see everything; a failing seed prints its tail anyway.</summary>
    public IEnumerable<string> Trace => _trace;

    public ShardMember Find(NodeId id) => Members.Single(member => member.Id == id);

    public void After(TimeSpan delay, Action action) => _queue.Enqueue(action, (Now + delay, ++_order));

    public void Run(TimeSpan duration)
    {
        var end = Now + duration;
        while (_queue.TryPeek(out _, out var next) && next.Item1 <= end)
        {
            var action = _queue.Dequeue();
            Now = next.Item1;
            action();
            Oracle.CheckServers();
        }

        Now = end;
    }

    /// <summary>Runs until it holds, at most that long.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        for (var end = Now + limit; Now < end && !condition();)
        {
            Run(TimeSpan.FromMilliseconds(20));
        }

        return condition();
    }

    /// <summary>No more faults; everybody is back.</summary>
    public void Heal()
    {
        _healing = true;
        _cuts.Clear();
        foreach (var member in Members.Where(member => !member.Up))
        {
            member.Start(null);
        }
    }

    public void Count(string what) => Counts[what] = Counts.GetValueOrDefault(what) + 1;

    public void Note(string line) => _trace.Add($"{Now.TotalMilliseconds,9:0.0} {line}");

    /// <summary>Between members; −1 is the council.</summary>
    public void Cut(int one, int other) => _cuts.Add((one, other));

    public void Join(int one, int other) => _cuts.Remove((one, other));

    /// <summary>Delivers later, twice, or never.</summary>
    public void Transmit(int from, int to, Action deliver)
    {
        if (_cuts.Contains((from, to)) || (!_healing && Random.Chance(Plan.Loss)))
        {
            Count("lost");
            return;
        }

        var arrival = Now + Delay();
        var last = _arrivals.GetValueOrDefault((from, to));
        if (_healing || !Random.Chance(Plan.Overtaking))
        {
            arrival = arrival > last ? arrival : last;
            _arrivals[(from, to)] = arrival;
        }

        After(arrival - Now, deliver);
        if (!_healing && Random.Chance(Plan.Duplicates))
        {
            Count("duplicated");
            After(Delay() * 3, deliver);
        }
    }

    public ShardOracleViolation Violation(string what) =>
        new($"{what}\nat {Now}\n{string.Join('\n', _trace.TakeLast(120))}");

    private TimeSpan Delay() => Random.Between(TimeSpan.FromMilliseconds(0.2), Plan.MaxDelay);

    private TimeSpan NextFault() => Plan.FaultEvery!.Value * (0.2 + (1.6 * Random.Fraction()));

    /// <summary>Disks sync, backlogs lose their oldest records, slow work ends.</summary>
    private void Sweep()
    {
        foreach (var member in Members.Where(member => member.Up))
        {
            if (Random.Chance(0.5))
            {
                member.Log.Sync();
                member.Post(new ReplicaInput.Appended());
            }

            if (Random.Chance(0.02) && member.Log.LastLsn > (ulong)Plan.Backlog)
            {
                member.Log.Trim(member.Log.LastLsn - (ulong)Plan.Backlog);
            }

            if (member.Log.Jobs > 0 && Random.Chance(0.1))
            {
                member.Post(member.Log.FinishJob(_healing || !Random.Chance(0.1)));
            }
        }

        After(TimeSpan.FromMilliseconds(10), Sweep);
    }

    private void Fault()
    {
        if (_healing)
        {
            return;
        }

        After(NextFault(), Fault);
        var member = Members[Random.Below(Members.Count)];
        switch (Random.Below(8))
        {
            case 0 or 1 when member.Up:
                Count("crash");
                member.Crash(Plan.Crash);
                After(Random.Between(TimeSpan.FromSeconds(0.05), TimeSpan.FromSeconds(6)), () => Restart(member));
                break;
            case 2 or 3:
                Count("cut");
                CutFor(member.Index, Random.Below(Members.Count + 1) - 1, Random.Chance(0.5));
                break;
            case 4:
                Count("isolated");
                for (var other = -1; other < Members.Count; other++)
                {
                    CutFor(member.Index, other, both: true);
                }

                break;
            case 5:
                Count("hand-over asked");
                member.AskHandOver();
                break;
            case 6 when Plan.ChangesMode:
                Count("mode changed");
                Council.ChangeMode((ReplicationMode)(1 + Random.Below(2)));
                break;
            default:
                Count("stalled");
                member.StallUntil(Now + Random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(3)));
                break;
        }
    }

    private void CutFor(int one, int other, bool both)
    {
        if (one == other)
        {
            return;
        }

        Cut(one, other);
        if (both)
        {
            Cut(other, one);
        }

        After(Random.Between(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(4)), () =>
        {
            Join(one, other);
            Join(other, one);
        });
    }

    private static void Restart(ShardMember member)
    {
        if (!member.Up)
        {
            member.Start(null);
        }
    }
}

internal sealed class ShardOracleViolation(string message) : Exception(message);

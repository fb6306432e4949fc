using Trefoil.KeyValue.Cluster;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Unit.KeyValue.Server;

/// <summary>A cluster source whose proposals go straight into a topology machine, at once or when the test says so.</summary>
internal sealed class ScriptedCluster : IClusterSource
{
    private readonly TopologyMachine _machine = new();
    private readonly Queue<(TaskCompletionSource<CommandResult> Answer, TopologyCommand Command)> _held = new();
    private ulong _index;
    private ulong _sequence;

    public ScriptedCluster(int nodes = 1)
    {
        var random = new Prng(42);
        for (var i = 0; i < nodes; i++)
        {
            var id = NodeId.Draw(random);
            Ids.Add(id);
            var record = new NodeRecord { Id = id, ShardId = id, Endpoints = new NodeEndpoints("10.0.0." + (i + 1), RespPort: 7000 + i, SwimPort: 17000 + i) };
            Apply(i == 0
                ? new TopologyCommand.FoundCluster(Next(), ClusterId.Draw(random), "test", record)
                : new TopologyCommand.AddNode(Next(), record, []));
        }
    }

    public event Action? TopologyChanged;

    /// <summary>The nodes; the first is this one unless <see cref="SelfIndex"/> says otherwise.</summary>
    public List<NodeId> Ids { get; } = [];

    /// <summary>Proposals wait for <see cref="Release"/>.</summary>
    public bool Hold { get; set; }

    public Dictionary<NodeId, NodeHealth> Health { get; } = [];

    /// <summary>Which of them is this one.</summary>
    public int SelfIndex { get; init; }

    public NodeId Self => Ids[SelfIndex];

    public Topology Topology => _machine.Topology;

    public bool AcceptsWrites { get; set; } = true;

    public string? RefusalReason => AcceptsWrites ? null : "TRYAGAIN This node is joining another cluster";

    public ClusterStatistics Statistics => new([new("ping", 3), new("pong", 2)], [new("pong", 3)], [new ClusterLink(true, Ids[^1], 1000, 64)]);

    public NodeHealth HealthOf(NodeId id) => Health.GetValueOrDefault(id, new NodeHealth(NodeLiveness.Alive, 0, 1234));

    public void Assign(int node, int start, int end) => Apply(new TopologyCommand.AssignSlots(Next(), Ids[node], [new SlotRange(start, end)]));

    /// <summary>A node is found there from now on.</summary>
    public void Move(int node, string host, int respPort) =>
        Apply(new TopologyCommand.UpdateNode(Next(), Ids[node], new NodeEndpoints(host, RespPort: respPort, SwimPort: respPort + 10_000), ""));

    public void Changed() => TopologyChanged?.Invoke();

    /// <summary>Answers the oldest held proposal: with what the machine says to it, or with <paramref name="instead"/>.</summary>
    public void Release(CommandResult? instead = null)
    {
        var (answer, command) = _held.Dequeue();
        answer.SetResult(instead ?? Apply(command));
    }

    public bool HasHeld => _held.Count > 0;

    public IReadOnlyList<KeyValuePair<string, string>> Consensus => [new("raft_term", "1")];

    public ValueTask<CommandResult> ProposeAsync(Func<RequestId, TopologyCommand> build, CancellationToken cancellation)
    {
        var command = build(Next());
        if (!Hold)
        {
            return new(Apply(command));
        }

        var answer = new TaskCompletionSource<CommandResult>();
        _held.Enqueue((answer, command));
        return new(answer.Task);
    }

    /// <summary>Who was asked to let go of which slot; the scripted others always do.</summary>
    public List<(NodeId Owner, int Slot)> Taken { get; } = [];

    public ValueTask<CommandResult> TakeSlotAsync(NodeId owner, int slot, NodeId to, CancellationToken cancellation)
    {
        Taken.Add((owner, slot));
        return new(Apply(new TopologyCommand.MoveSlot(Next(), slot, owner, to)));
    }

    public ValueTask<bool> ShowsAsync(ulong version, CancellationToken cancellation) => new(version <= Topology.Version);

    public ValueTask<CommandResult> MeetAsync(string host, int port, CancellationToken cancellation) => new(CommandResult.Ok);

    public ValueTask<CommandResult> ForgetAsync(NodeId id, CancellationToken cancellation) => new(Apply(new TopologyCommand.RemoveNode(Next(), id, 1000)));

    public ValueTask<CommandResult> ResetAsync(bool hard, CancellationToken cancellation) => new(CommandResult.Ok);

    public bool HasMajority { get; set; } = true;

    /// <summary>What asking the primary to hand over comes to.</summary>
    public Func<CommandResult> HandOver { get; set; } = () => CommandResult.Ok;

    public ValueTask<CommandResult> HandOverAsync(CancellationToken cancellation) => new(HandOver());

    public string RespId(int node) => NodeRecord.RespIdOf(Ids[node]);

    /// <summary>A node becomes the replica of another.</summary>
    public void Follow(int node, int primary) => Must(Commit(request => new TopologyCommand.Replicate(request, Ids[node], Ids[primary])));

    /// <summary>A replica has caught up: it is in its shard's set from now on.</summary>
    public void Join(int node)
    {
        var shard = Topology.ShardOf(Ids[node])!;
        Must(Commit(request => new TopologyCommand.ChangeReplicaSet(request, shard.Id, shard.ConfigVersion, [.. shard.ReplicaSet, Ids[node]], shard.Mode)));
    }

    /// <summary>A replica is elected.</summary>
    public void Promote(int node)
    {
        var shard = Topology.ShardOf(Ids[node])!;
        Must(Commit(request => new TopologyCommand.BeginElection(request, shard.Id, shard.Epoch, NodeId.None, IsForced: false)));
        shard = Topology.ShardOf(Ids[node])!;
        Must(Commit(request => new TopologyCommand.Promote(request, shard.Id, shard.Epoch, Ids[node], shard.ReplicaSet)));
    }

    /// <summary>What replication says on a primary whose log ends at <paramref name="lsn"/>: its followers, what each holds and has on disk, last heard at 0.</summary>
    public ReplicaStatus Primary(ulong lsn, params (int Node, ulong Received, ulong Durable)[] followers) => new()
    {
        Role = ReplicaRole.Primary,
        Begun = true,
        Serving = true,
        Consistent = true,
        Primary = Self,
        LastLsn = lsn,
        Followers =
        [
            .. followers.Select(each => new FollowerStatus(
                Ids[each.Node], Topology.ShardOf(Self)!.ReplicaSet.Contains(Ids[each.Node]), FollowerState.Online, each.Received, each.Durable, lsn - each.Received,
                TimeSpan.Zero, 0, 0)),
        ],
    };

    /// <summary>A committed command that nobody here proposed.</summary>
    public CommandResult Commit(Func<RequestId, TopologyCommand> build) => Apply(build(Next()));

    public PeerDescription Describe() => new([new("id", Self.ToString()), new("host", "10.0.0.1")]);

    private static void Must(CommandResult result)
    {
        if (result is CommandResult.Refused refused)
        {
            throw new InvalidOperationException(refused.Error);
        }
    }

    private CommandResult Apply(TopologyCommand command)
    {
        var result = _machine.Apply(++_index, command);
        TopologyChanged?.Invoke();
        return result;
    }

    private RequestId Next() => new(Ids.Count > 0 ? Ids[0] : new NodeId(1, 1), ++_sequence);
}

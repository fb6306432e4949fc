using System.Collections.Concurrent;
using System.Globalization;
using Trefoil.ControlPlane;
using Trefoil.Drivers.Control;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Store;
using Trefoil.Membership;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Node.Cluster;

/// <summary>The cluster as SWIM and Raft have it: what the key-value leaf asks, and the way its CLUSTER commands take.</summary>
/// <remarks>Reads are lock-free: the topology is swapped whole by the control thread, health by the SWIM thread.</remarks>
public sealed class ConsensusClusterSource : IClusterSource
{
    private const string Joining = "TRYAGAIN This node is joining another cluster";

    /// <summary>How long this node may take to learn what another one shows; deltas are pushed, so it takes milliseconds.</summary>
    private static readonly TimeSpan MaxLag = TimeSpan.FromSeconds(5);

    private readonly NodeEndpoints _endpoints;
    private readonly Keyspace _store;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<NodeId, NodeLiveness> _health = new();
    private ControlDriver? _control;
    private Func<SwimCounters>? _swim;
    private SlotTaking? _taking;
    private Func<CancellationToken, ValueTask<CommandResult>>? _handOver;
    private Func<NodeId, (long PingSentMs, long PongReceivedMs)>? _contacts;
    private volatile Topology _topology;
    private volatile bool _offered;

    /// <summary>A source that shows <paramref name="topology"/> until the control thread publishes a newer one.</summary>
    public ConsensusClusterSource(
        NodeId self, Topology topology, NodeEndpoints endpoints, Keyspace store, TimeProvider time)
    {
        Self = self;
        _topology = topology;
        _endpoints = endpoints;
        _store = store;
        _time = time;
    }

    /// <inheritdoc/>
    public event Action? TopologyChanged;

    /// <inheritdoc/>
    public NodeId Self { get; private set; }

    /// <inheritdoc/>
    public Topology Topology => _topology;

    /// <inheritdoc/>
    public bool AcceptsWrites => !_offered;

    /// <inheritdoc/>
    public string? RefusalReason => _offered ? Joining : null;

    /// <inheritdoc/>
    public ClusterStatistics Statistics => _swim is { } swim ? StatisticsOf(swim()) : ClusterStatistics.None;

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Consensus
    {
        get
        {
            var status = _control!.Status;
            return
            [
                new("raft_role", status.Role),
                new("raft_term", Invariant((long)status.Term)),
                new("raft_leader", status.Leader.IsNone ? "" : NodeRecord.RespIdOf(status.Leader)),
                new("raft_voters", string.Join(',', status.Voters.Select(NodeRecord.RespIdOf))),
                new("raft_commit", Invariant((long)status.Commit)),
                new("raft_elections_won", Invariant(status.Elections)),
            ];
        }
    }

    /// <inheritdoc/>
    public NodeHealth HealthOf(NodeId id)
    {
        if (id == Self)
        {
            return new NodeHealth(NodeLiveness.Alive);
        }

        var state = _health.GetValueOrDefault(id, NodeLiveness.Unknown);
        var (ping, pong) = _contacts?.Invoke(id) ?? (0, 0);
        return new NodeHealth(state, ping, pong, state is NodeLiveness.Alive or NodeLiveness.Suspect);
    }

    /// <inheritdoc/>
    public async ValueTask<CommandResult> ProposeAsync(
        Func<RequestId, TopologyCommand> build, CancellationToken cancellation) =>
        await _control!.Ask(token => new ControlInput.Propose(token, build), cancellation);

    /// <inheritdoc/>
    public ValueTask<CommandResult> TakeSlotAsync(NodeId owner, int slot, NodeId to, CancellationToken cancellation) =>
        _taking!.TakeAsync(owner, slot, to, cancellation);

    /// <inheritdoc/>
    public async ValueTask<bool> ShowsAsync(ulong version, CancellationToken cancellation)
    {
        if (_topology.Version >= version)
        {
            return true;
        }

        var shown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (_topology.Version >= version)
            {
                shown.TrySetResult();
            }
        }

        TopologyChanged += Look;
        try
        {
            Look();
            await shown.Task.WaitAsync(MaxLag, _time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            TopologyChanged -= Look;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<CommandResult> MeetAsync(string host, int port, CancellationToken cancellation)
    {
        var (peer, problem) = await PeerQuery.AskAsync(new HostPort(host, port), _time, cancellation);
        return peer is null
            ? new CommandResult.Refused($"ERR {problem}")
            : await _control!.Ask(token => new ControlInput.Meet(token, peer), cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<CommandResult> ForgetAsync(NodeId id, CancellationToken cancellation)
    {
        var now = NowMs;
        return ProposeAsync(request => new TopologyCommand.RemoveNode(request, id, now), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<CommandResult> ResetAsync(bool hard, CancellationToken cancellation)
    {
        var now = NowMs;
        return await _control!.Ask(token => new ControlInput.Reset(token, hard, now), cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<CommandResult> HandOverAsync(CancellationToken cancellation) =>
        _handOver?.Invoke(cancellation) ?? new(new CommandResult.Refused("ERR This node does not replicate"));

    /// <inheritdoc/>
    public bool HasMajority
    {
        get
        {
            var voters = _control?.Status.Voters ?? [];
            return voters.Count == 0 || voters.Count(voter => HealthOf(voter).State != NodeLiveness.Dead) > voters.Count / 2;
        }
    }

    /// <inheritdoc/>
    public PeerDescription Describe()
    {
        var topology = _topology;
        return new PeerDescription(
        [
            new("id", Self.ToString()),
            new("cluster-id", topology.ClusterId.ToString()),
            new("cluster-name", topology.ClusterName),
            new("members", Invariant(topology.Nodes.Count)),
            new("slots", Invariant(topology.SlotCountOf(Self))),
            new("keys", Invariant(_store.Count)),
            new("host", _endpoints.Host),
            new("resp-port", Invariant(_endpoints.RespPort)),
            new("api-port", Invariant(_endpoints.ApiPort)),
            new("gateway-port", Invariant(_endpoints.GatewayPort)),
            new("rpc-port", Invariant(_endpoints.RpcPort)),
            new("swim-port", Invariant(_endpoints.SwimPort)),
            new("line-port", Invariant(_endpoints.LineProtocolPort)),
        ]);
    }

    /// <summary>Connects the source to what runs it; called once, before anything asks.</summary>
    internal void Attach(ControlDriver control, Func<SwimCounters> swim)
    {
        _control = control;
        _swim = swim;
    }

    /// <summary>What the RESP ports of this cluster ask for; empty: nothing.</summary>
    internal Func<string> Password { get; set; } = () => "";

    /// <summary>How slots are taken from their owners; called once, before anything asks.</summary>
    internal void TakeThrough(SlotTaking taking) => _taking = taking;

    /// <summary>What CLUSTER FAILOVER asks on a replica; called once, before anything asks.</summary>
    internal void HandOverThrough(Func<CancellationToken, ValueTask<CommandResult>> handOver) => _handOver = handOver;

    /// <summary>Control thread: there is a new topology.</summary>
    internal void Publish(Topology topology)
    {
        _topology = topology;
        TopologyChanged?.Invoke();
    }

    /// <summary>Control thread: refuse or accept writes; returns how many keys there are once refusing has taken effect.</summary>
    internal long Fence(bool on)
    {
        _offered = on;
        TopologyChanged?.Invoke();
        return on ? _store.CountSettled() : 0;
    }

    /// <summary>Control thread: another cluster, possibly under another id; what was known of members is void.</summary>
    internal void Rebase(NodeId self)
    {
        Self = self;
        _health.Clear();
    }

    /// <summary>Where ping and pong times come from; called once, before anything asks.</summary>
    internal void WatchContacts(Func<NodeId, (long PingSentMs, long PongReceivedMs)> contacts) => _contacts = contacts;

    /// <summary>SWIM thread: a member's state changed.</summary>
    internal void SetHealth(NodeId id, NodeLiveness state)
    {
        _health[id] = state;
        TopologyChanged?.Invoke();
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static ClusterStatistics StatisticsOf(SwimCounters counters) => new(
        [
            new("ping", counters.PingsSent + counters.PingRequestsSent),
            new("pong", counters.AcksSent),
            new("update", counters.GossipSent),
        ],
        [
            new("ping", counters.PingsReceived + counters.PingRequestsReceived),
            new("pong", counters.AcksReceived),
            new("update", counters.GossipReceived),
        ],
        []);
}

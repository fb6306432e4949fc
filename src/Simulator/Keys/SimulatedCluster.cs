#pragma warning disable RS0030 // What the engine asks of a cluster it asks with tasks; nobody here waits for one.
using Trefoil.ControlPlane;
using Trefoil.KeyValue.Cluster;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Keys;

/// <summary>The cluster as a simulated machine's SWIM and control core have it: what the engine asks, and the way its CLUSTER commands take.</summary>
/// <remarks>
/// Answers complete in the event in which the core gives them, and whoever awaits one goes on in that event: no source here has its continuations
/// run elsewhere, so that a run stays on one thread.
/// </remarks>
internal sealed class SimulatedCluster(SimulatedNode node, Topology first) : IClusterSource
{
    private readonly Dictionary<ulong, TaskCompletionSource<CommandResult>> _asked = [];
    private readonly List<(ulong Version, TaskCompletionSource<bool> Shown)> _awaited = [];
    private Action? _changed;
    private bool _offered;

    /// <inheritdoc/>
    /// <remarks>A list of its own: an event that the compiler makes is changed atomically, and nothing here may know of other threads.</remarks>
    public event Action? TopologyChanged
    {
        add => _changed += value;
        remove => _changed -= value;
    }

    /// <inheritdoc/>
    public NodeId Self => node.Control.Identity.Node;

    /// <inheritdoc/>
    public Topology Topology { get; private set; } = first;

    /// <inheritdoc/>
    public bool AcceptsWrites => !_offered;

    /// <inheritdoc/>
    public string? RefusalReason => _offered ? "TRYAGAIN This node is joining another cluster" : null;

    /// <inheritdoc/>
    public ClusterStatistics Statistics => ClusterStatistics.None;

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Consensus => [];

    /// <inheritdoc/>
    public bool HasMajority
    {
        get
        {
            var voters = node.Control.Status().Voters;
            return voters.Count == 0 || voters.Count(voter => HealthOf(voter).State != NodeLiveness.Dead) > voters.Count / 2;
        }
    }

    /// <summary>A hand-over that CLUSTER FAILOVER asks for; the core answers it by its token.</summary>
    public Action<ulong>? HandOver { get; set; }

    /// <inheritdoc/>
    public NodeHealth HealthOf(NodeId id)
    {
        if (id == Self)
        {
            return new NodeHealth(NodeLiveness.Alive);
        }

        foreach (var member in node.Swim.Members)
        {
            if (member.Id == id)
            {
                return new NodeHealth(member.IsLive ? NodeLiveness.Alive : NodeLiveness.Dead);
            }
        }

        return new NodeHealth(NodeLiveness.Unknown);
    }

    /// <summary>The control core published this.</summary>
    public void Publish(Topology topology)
    {
        Topology = topology = node.World.Sabotage.Routes(node, topology);
        _changed?.Invoke();
        foreach (var awaited in _awaited.Where(each => each.Version <= topology.Version).ToArray())
        {
            _awaited.Remove(awaited);
            awaited.Shown.SetResult(true);
        }
    }

    /// <summary>Refuse or accept writes.</summary>
    public void Fence(bool on)
    {
        _offered = on;
        _changed?.Invoke();
    }

    /// <summary>SWIM has changed its mind about somebody.</summary>
    public void HealthChanged() => _changed?.Invoke();

    /// <summary>What became of a request; false if it is not of this engine.</summary>
    public bool Answered(ulong token, CommandResult result)
    {
        if (!_asked.Remove(token, out var asked))
        {
            return false;
        }

        asked.SetResult(result);
        return true;
    }

    /// <inheritdoc/>
    public ValueTask<CommandResult> ProposeAsync(Func<RequestId, TopologyCommand> build, CancellationToken cancellation) =>
        Ask(token => node.Post(new ControlInput.Propose(token, build)));

    /// <inheritdoc/>
    /// <remarks>Asks another node over RESP in production; here only owners give their slots.</remarks>
    public ValueTask<CommandResult> TakeSlotAsync(NodeId owner, int slot, NodeId to, CancellationToken cancellation) =>
        new(new CommandResult.Refused("ERR ask the slot's owner"));

    /// <inheritdoc/>
    public ValueTask<bool> ShowsAsync(ulong version, CancellationToken cancellation)
    {
        if (Topology.Version >= version)
        {
            return new(true);
        }

        var shown = new TaskCompletionSource<bool>();
        _awaited.Add((version, shown));
        return new(shown.Task);
    }

    /// <inheritdoc/>
    /// <remarks>The simulator's operators introduce nodes themselves (<see cref="Workload"/>).</remarks>
    public ValueTask<CommandResult> MeetAsync(string host, int port, CancellationToken cancellation) =>
        new(new CommandResult.Refused("ERR not by this way"));

    /// <inheritdoc/>
    public ValueTask<CommandResult> ForgetAsync(NodeId id, CancellationToken cancellation)
    {
        var now = node.Keys.NowMs;
        return ProposeAsync(request => new TopologyCommand.RemoveNode(request, id, now), cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<CommandResult> ResetAsync(bool hard, CancellationToken cancellation)
    {
        var now = node.Keys.NowMs;
        return Ask(token => node.Post(new ControlInput.Reset(token, hard, now)));
    }

    /// <inheritdoc/>
    public ValueTask<CommandResult> HandOverAsync(CancellationToken cancellation) => Ask(token => HandOver?.Invoke(token));

    /// <inheritdoc/>
    public PeerDescription Describe() => new([new("id", Self.ToString())]);

    private ValueTask<CommandResult> Ask(Action<ulong> post)
    {
        var token = node.Keys.NextToken();
        var asked = new TaskCompletionSource<CommandResult>();
        _asked.Add(token, asked);
        post(token);
        return new(asked.Task);
    }
}

using System.Globalization;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Cluster;

/// <summary>A topology that never changes: from a cluster file, or one node inside a program. Every change is refused.</summary>
public sealed class StaticClusterSource(NodeId self, Topology topology) : IClusterSource
{
    /// <summary>The answer to everything that would change the map.</summary>
    public const string Refusal = "ERR This cluster has a static topology: change its cluster file and restart the nodes";

    private static readonly CommandResult Refused = new CommandResult.Refused(Refusal);

    /// <inheritdoc/>
    public event Action? TopologyChanged
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public NodeId Self { get; } = self;

    /// <inheritdoc/>
    public Topology Topology { get; } = topology;

    /// <inheritdoc/>
    public bool AcceptsWrites => true;

    /// <inheritdoc/>
    public string? RefusalReason => null;

    /// <inheritdoc/>
    public ClusterStatistics Statistics => ClusterStatistics.None;

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Consensus => [];

    /// <summary>Nobody watches a static map: everyone it names is taken to be there.</summary>
    public NodeHealth HealthOf(NodeId id) =>
        new(Topology.Find(id) is null ? NodeLiveness.Unknown : NodeLiveness.Alive);

    /// <inheritdoc/>
    public ValueTask<CommandResult> ProposeAsync(Func<RequestId, TopologyCommand> build, CancellationToken cancellation) => new(Refused);

    /// <inheritdoc/>
    public ValueTask<CommandResult> TakeSlotAsync(NodeId owner, int slot, NodeId to, CancellationToken cancellation) => new(Refused);

    /// <inheritdoc/>
    public ValueTask<bool> ShowsAsync(ulong version, CancellationToken cancellation) => new(version <= Topology.Version);

    /// <inheritdoc/>
    public ValueTask<CommandResult> MeetAsync(string host, int port, CancellationToken cancellation) => new(Refused);

    /// <inheritdoc/>
    public ValueTask<CommandResult> ForgetAsync(NodeId id, CancellationToken cancellation) => new(Refused);

    /// <inheritdoc/>
    public ValueTask<CommandResult> ResetAsync(bool hard, CancellationToken cancellation) => new(Refused);

    /// <inheritdoc/>
    public ValueTask<CommandResult> HandOverAsync(CancellationToken cancellation) => new(Refused);

    /// <summary>Nobody votes on a static map.</summary>
    public bool HasMajority => true;

    /// <inheritdoc/>
    public PeerDescription Describe() => new(
    [
        new("id", Self.ToString()),
        new("cluster-id", Topology.ClusterId.ToString()),
        new("cluster-name", Topology.ClusterName),
        new("members", Topology.Nodes.Count.ToString(CultureInfo.InvariantCulture)),
    ]);
}

using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <summary>One node's part in its shard: ships its log as primary, follows another's as replica.</summary>
public sealed class ReplicaNode
{
    private readonly IReplicatedLog _log;

    /// <summary>Starts as a follower of nobody.</summary>
    public ReplicaNode(NodeId self, ReplicationConfig config, IReplicatedLog log, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(log);
        (Self, Config, _log) = (self, config, log);
        Deadline = now;
    }

    /// <summary>Who this is.</summary>
    public NodeId Self { get; }

    /// <summary>Its settings.</summary>
    public ReplicationConfig Config { get; }

    /// <summary>When <see cref="Tick"/> next has something to do.</summary>
    public TimeSpan Deadline { get; private set; }

    /// <summary>Takes one input. Call <see cref="Tick"/> after each batch of them.</summary>
    public void Handle(TimeSpan now, ReplicaInput input, List<ReplicaEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(effects);
        Deadline = now;
    }

    /// <summary>Lets time pass to <paramref name="now"/> and settles what the inputs since the last call caused.</summary>
    public void Tick(TimeSpan now, List<ReplicaEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        Deadline = now + Config.Housekeeping;
    }

    /// <summary>Where this node stands.</summary>
    public ReplicaStatus Status() => new() { LastLsn = _log.LastLsn };
}

using System.Collections.Concurrent;
using Trefoil.KeyValue.Blocking;
using Trefoil.Primitives;
using Trefoil.Replication;

namespace Trefoil.KeyValue.Cluster;

/// <summary>Where replication stands on this node: what ROLE, INFO, WAIT and -NOREPLICAS ask. Thread-safe.</summary>
/// <remarks>Whoever drives the replication core publishes its status after every round of inputs; while nobody does, this node has no replicas.</remarks>
public sealed class ReplicationView(TimeProvider time)
{
    /// <summary>Redis' repl-timeout: after that a link counts as broken.</summary>
    private const int MaxSilenceSeconds = 60;

    private readonly ConcurrentDictionary<BlockedWait, bool> _waiting = new();
    private volatile Published? _published;

    /// <summary>As it was published last; null: nobody replicates here.</summary>
    public ReplicaStatus? Status => _published?.Status;

    /// <summary>What is held of the backlog: its first record and its bytes; null while there is none.</summary>
    public Func<(ulong FirstLsn, long Bytes)?> Backlog { get; set; } = static () => null;

    /// <summary>Any thread, in the order of the rounds: where the core stands at <paramref name="now"/> on its own clock. Wakes those who wait for acknowledgements.</summary>
    public void Publish(ReplicaStatus status, TimeSpan now)
    {
        _published = new Published(status, now, time.GetTimestamp());
        foreach (var (wait, _) in _waiting)
        {
            wait.Look();
        }
    }

    /// <summary>How many replicas hold everything up to <paramref name="lsn"/> in their memory, or on their disk.</summary>
    public int CountAcked(ulong lsn, bool durable)
    {
        var count = 0;
        foreach (var follower in Status?.Followers ?? [])
        {
            count += follower.State == FollowerState.Online && (durable ? follower.DurableLsn : follower.ReceivedLsn) >= lsn ? 1 : 0;
        }

        return count;
    }

    /// <summary>How many members of the replica set copy this node and were heard within so many seconds.</summary>
    /// <remarks>One that is still catching up does not protect a write, so it is not good, whatever Redis says.</remarks>
    public int CountGood(int maxLagSeconds)
    {
        var count = 0;
        foreach (var follower in Status?.Followers ?? [])
        {
            count += follower is { InSet: true, State: FollowerState.Online } && SecondsSince(follower.LastHeard) <= maxLagSeconds ? 1 : 0;
        }

        return count;
    }

    /// <summary>The followers that are there: they have said something in this epoch, not too long ago, and nobody calls them dead.</summary>
    internal IEnumerable<FollowerStatus> Connected(IClusterSource cluster) => (Status?.Followers ?? []).Where(
        follower => follower.State != FollowerState.Unknown && SecondsSince(follower.LastHeard) <= MaxSilenceSeconds
            && cluster.HealthOf(follower.Id).State != NodeLiveness.Dead);

    /// <summary>Whole seconds from <paramref name="then"/>, on the core's clock, until now.</summary>
    public long SecondsSince(TimeSpan then) => _published is { } published
        ? Math.Max(0, (long)(published.Now - then + time.GetElapsedTime(published.Timestamp)).TotalSeconds)
        : 0;

    /// <summary>What is known of a follower, as its primary; null if it is none.</summary>
    internal FollowerStatus? Find(NodeId id)
    {
        foreach (var follower in Status?.Followers ?? [])
        {
            if (follower.Id == id)
            {
                return follower;
            }
        }

        return null;
    }

    internal void Add(BlockedWait wait) => _waiting[wait] = true;

    internal void Remove(BlockedWait wait) => _waiting.TryRemove(wait, out _);

    private sealed record Published(ReplicaStatus Status, TimeSpan Now, long Timestamp);
}

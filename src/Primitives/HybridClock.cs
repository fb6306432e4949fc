namespace Trefoil.Primitives;

/// <summary>A hybrid logical clock: close to physical time, and later than everything it has read or seen.</summary>
/// <remarks>
/// Kulkarni et al., "Logical Physical Clocks", 2014. Strictly monotone over restarts too, even with the wall clock set
/// back: every reading stays below a bound that the owner has persisted, and a restarted clock begins at that bound.
/// The owner persists <see cref="BoundToPersist"/> when it changes and confirms it with <see cref="Persisted"/>; until
/// then <see cref="TryRead"/> refuses readings at or above the old bound.
/// </remarks>
public sealed class HybridClock
{
    /// <summary>A remote reading further ahead of our wall clock than this is refused, in milliseconds.</summary>
    public const long MaxAheadMs = 500;

    /// <summary>How far a new bound is put ahead, in milliseconds: how often one is persisted.</summary>
    public const long BoundStepMs = 10_000;

    private readonly NodeId _node;
    private ulong _last; // packed; every reading so far, and every one seen, is at or below it
    private long _boundMs;

    /// <summary>Starts a clock.</summary>
    /// <param name="node">Whose readings they are.</param>
    /// <param name="persistedBoundMs">What was persisted last, 0 on an empty directory: all earlier readings are below it.</param>
    public HybridClock(NodeId node, long persistedBoundMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(persistedBoundMs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(persistedBoundMs, HybridTime.MaxPhysicalMs);
        _node = node;
        _boundMs = persistedBoundMs;
        _last = persistedBoundMs == 0 ? 0 : ((ulong)persistedBoundMs << 16) - 1;
        BoundToPersist = persistedBoundMs;
    }

    /// <summary>The bound to persist next, in milliseconds since 1970; equal to the persisted one when there is nothing to do.</summary>
    public long BoundToPersist { get; private set; }

    /// <summary>The last reading given out or seen.</summary>
    public HybridTime Last => HybridTime.Unpack(_last, _node);

    /// <summary>Reports that <see cref="BoundToPersist"/>, or an earlier value of it, is durable.</summary>
    public void Persisted(long boundMs) => _boundMs = Math.Max(_boundMs, Math.Min(boundMs, BoundToPersist));

    /// <summary>Reads the clock: later than all before. False while the persisted bound is in the way: persist, then ask again.</summary>
    /// <param name="wallMs">The wall clock, milliseconds since 1970; may go back.</param>
    /// <param name="time">The reading.</param>
    public bool TryRead(long wallMs, out HybridTime time)
    {
        // Adding one carries from a full counter into the next millisecond.
        var next = Math.Max(Pack(wallMs), _last + 1);
        time = HybridTime.Unpack(next, _node);
        Raise(time.PhysicalMs);
        if (time.PhysicalMs >= _boundMs)
        {
            time = default;
            return false;
        }

        _last = next;
        return true;
    }

    /// <summary>Takes in a remote reading, so that all later ones of ours are above it; false if it is too far ahead.</summary>
    public bool TryObserve(long wallMs, HybridTime remote)
    {
        if (remote.PhysicalMs > wallMs + MaxAheadMs)
        {
            return false;
        }

        _last = Math.Max(_last, remote.Packed);
        Raise(remote.PhysicalMs);
        return true;
    }

    /// <summary>Asks for a new bound when half a step or less is left of the one asked for.</summary>
    private void Raise(long physicalMs)
    {
        if (BoundToPersist - physicalMs <= BoundStepMs / 2)
        {
            BoundToPersist = Math.Min(physicalMs + BoundStepMs, HybridTime.MaxPhysicalMs);
        }
    }

    private static ulong Pack(long wallMs) => (ulong)Math.Clamp(wallMs, 0, HybridTime.MaxPhysicalMs) << 16;
}

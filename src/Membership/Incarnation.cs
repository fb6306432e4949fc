namespace Trefoil.Membership;

/// <summary>How new a claim about a member is: the member's boot epoch first, then a counter it raises to refute.</summary>
/// <remarks>
/// Only the member itself makes new ones. The boot epoch is persisted and grows with each start of the process, so a
/// restarted node is never older than its own ghost, whose counter it does not know (SWIM, section 4.2, has only the counter).
/// </remarks>
public readonly record struct Incarnation(uint BootEpoch, uint Counter) : IComparable<Incarnation>
{
    /// <summary>The next newer one. It saturates at the largest, which no honest member ever reaches.</summary>
    public Incarnation Next() =>
        Counter < uint.MaxValue ? this with { Counter = Counter + 1 }
        : BootEpoch < uint.MaxValue ? new Incarnation(BootEpoch + 1, 0)
        : this;

    /// <inheritdoc/>
    public int CompareTo(Incarnation other) =>
        BootEpoch != other.BootEpoch ? BootEpoch.CompareTo(other.BootEpoch) : Counter.CompareTo(other.Counter);

    public static bool operator <(Incarnation left, Incarnation right) => left.CompareTo(right) < 0;

    public static bool operator >(Incarnation left, Incarnation right) => left.CompareTo(right) > 0;

    public static bool operator <=(Incarnation left, Incarnation right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Incarnation left, Incarnation right) => left.CompareTo(right) >= 0;

    /// <summary><c>epoch.counter</c>.</summary>
    public override string ToString() => $"{BootEpoch}.{Counter}";
}

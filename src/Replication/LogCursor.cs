namespace Trefoil.Replication;

/// <summary>A place between two bytes of a log's framed records (<c>[u32 length][bytes]</c> each).</summary>
/// <param name="Lsn">The record of the next byte.</param>
/// <param name="Offset">Bytes of that framed record that were already taken, its length field included.</param>
public readonly record struct LogCursor(ulong Lsn, int Offset) : IComparable<LogCursor>
{
    /// <inheritdoc/>
    public int CompareTo(LogCursor other) => Lsn != other.Lsn ? Lsn.CompareTo(other.Lsn) : Offset.CompareTo(other.Offset);

    /// <inheritdoc/>
    public override string ToString() => Offset == 0 ? $"{Lsn}" : $"{Lsn}+{Offset}";

    public static bool operator <(LogCursor left, LogCursor right) => left.CompareTo(right) < 0;

    public static bool operator >(LogCursor left, LogCursor right) => left.CompareTo(right) > 0;

    public static bool operator <=(LogCursor left, LogCursor right) => left.CompareTo(right) <= 0;

    public static bool operator >=(LogCursor left, LogCursor right) => left.CompareTo(right) >= 0;
}

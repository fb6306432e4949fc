using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <summary>All that a replica keeps while it follows one primary in one epoch.</summary>
internal sealed class Following(NodeId primary, ulong epoch)
{
    public NodeId Primary => primary;

    public ulong Epoch => epoch;

    /// <summary>Of the last hello: only what is said under it is true of this log.</summary>
    public ulong Session { get; set; }

    /// <summary>End of the log when it was opened: what came since is the primary's.</summary>
    public ulong OpenedAt { get; set; }

    /// <summary>The primary has answered in this session.</summary>
    public bool Linked { get; set; }

    public TimeSpan? LastHeard { get; set; }

    public TimeSpan HelloAt { get; set; }

    /// <summary>The next record to append; behind what was appended and not committed yet.</summary>
    public ulong NextLsn { get; set; }

    /// <summary>The first bytes of the record at <see cref="NextLsn"/>, framed, until the rest of them is here.</summary>
    public ByteWriter Partial { get; set; } = new();

    public bool AckDue { get; set; }

    /// <summary>The last durable LSN said.</summary>
    public ulong ToldDurable { get; set; }

    public ulong PrimaryLsn { get; set; }

    public ulong AckedLsn { get; set; }

    public Receiving? Receiving { get; set; }

    public bool IsAlive(TimeSpan now, TimeSpan timeout) => Linked && LastHeard is { } heard && now - heard <= timeout;
}

/// <summary>A snapshot on its way here.</summary>
/// <param name="transfer">The primary's number of it.</param>
/// <param name="local">This node's: two primaries may use the same numbers.</param>
/// <param name="length">Bytes in all.</param>
/// <param name="shared">How far the two logs agree, plus one; 0: nobody knows.</param>
internal sealed class Receiving(ulong transfer, ulong local, long length, ulong shared)
{
    public ulong Transfer => transfer;

    public ulong Local => local;

    public long Length => length;

    public ulong Shared => shared;

    public long Offset { get; set; }
}

namespace Trefoil.Consensus;

/// <summary>A snapshot on its way to one follower: chunk after chunk, each acknowledged before the next.</summary>
/// <remarks>It holds on to the snapshot it started with, so that a newer one does not mix into the bytes.</remarks>
internal sealed class SnapshotTransfer(Snapshot snapshot)
{
    public Snapshot Snapshot { get; } = snapshot;

    /// <summary>Bytes the follower has acknowledged: where to go on from.</summary>
    public ulong Offset { get; private set; }

    /// <summary>When the outstanding chunk left; null if none is outstanding.</summary>
    public TimeSpan? SentAt { get; set; }

    public ulong Total => (ulong)Snapshot.Data.Length;

    /// <summary>The follower says where it is: it may be ahead (an earlier attempt) or back at 0 (it forgot).</summary>
    public void Acknowledge(ulong offset)
    {
        Offset = Math.Min(offset, Total);
        SentAt = null;
    }

    public RaftMessage.SnapshotChunk Chunk(ulong from, ulong to, ulong term, int maxBytes, TimeSpan now)
    {
        var length = (int)Math.Min((ulong)maxBytes, Total - Offset);
        SentAt = now;
        return new RaftMessage.SnapshotChunk(
            from, to, term, Snapshot.Index, Snapshot.Term, Snapshot.Configuration,
            Offset, Total, Snapshot.Data.Slice((int)Offset, length), Offset + (ulong)length == Total);
    }
}

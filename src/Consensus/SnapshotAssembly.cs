using Trefoil.Primitives;

namespace Trefoil.Consensus;

/// <summary>A snapshot being received: chunks are appended in order, anything else is answered with where it stands.</summary>
/// <remarks>
/// Bytes of two leaders are never mixed, because nothing proves that they encode the same state alike: the sender and its
/// term are part of the identity, and a different one starts over.
/// </remarks>
internal sealed class SnapshotAssembly(RaftMessage.SnapshotChunk first)
{
    private readonly ByteWriter _bytes = new(first.Data.Length);

    public ulong Received => (ulong)_bytes.Length;

    public bool IsFor(RaftMessage.SnapshotChunk chunk) =>
        chunk.From == first.From && chunk.Term == first.Term && chunk.Index == first.Index
        && chunk.IndexTerm == first.IndexTerm && chunk.Total == first.Total;

    /// <summary>Takes the chunk if it is the next one; true when that completes the snapshot.</summary>
    public bool Add(RaftMessage.SnapshotChunk chunk)
    {
        if (chunk.Offset != Received || Received + (ulong)chunk.Data.Length > first.Total)
        {
            return false;
        }

        _bytes.Raw(chunk.Data.Span);
        return chunk.Done && Received == first.Total;
    }

    public Snapshot Complete() => new(first.Index, first.IndexTerm, first.Configuration, _bytes.ToArray());
}

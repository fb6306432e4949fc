using Trefoil.Primitives;

namespace Trefoil.Storage;

/// <summary>The layout of a Raft snapshot inside its <see cref="AtomicFile"/>.</summary>
internal static class SnapshotFile
{
    public static void Write(IDisk disk, string path, StoredSnapshot snapshot)
    {
        var writer = new ByteWriter(snapshot.Data.Length + snapshot.Configuration.Length + 64);
        writer.UInt64(snapshot.Index);
        writer.UInt64(snapshot.Term);
        writer.Bytes(snapshot.Configuration.Span);
        writer.Bytes(snapshot.Data.Span);
        AtomicFile.Write(disk, path, writer.Written);
    }

    /// <summary>The snapshot, null if there is none, or the text of a refusal.</summary>
    public static (StoredSnapshot? Snapshot, string? Refusal) Read(IDisk disk, string path)
    {
        switch (AtomicFile.Read(disk, path))
        {
            case AtomicFileResult.Corrupt corrupt:
                return (null, corrupt.Refusal);
            case AtomicFileResult.Found found:
                var reader = new ByteReader(found.Content.Span);
                var index = reader.UInt64();
                var term = reader.UInt64();
                var configuration = reader.Bytes(int.MaxValue).ToArray();
                var data = reader.Bytes(int.MaxValue).ToArray();
                return reader.Ended
                    ? (new StoredSnapshot(index, term, configuration, data), null)
                    : (null, $"The snapshot '{path}' has a valid checksum and an unknown layout: it was written by another version.");
            default:
                return (null, null);
        }
    }
}

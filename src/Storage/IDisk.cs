namespace Trefoil.Storage;

/// <summary>One directory tree that a log lives in: <see cref="FileDisk"/> in production, <c>MemoryDisk</c> in the simulator.</summary>
/// <remarks>
/// Paths are relative and use '/', as in <c>wal/raft/0000000000000001.wal</c>. Nothing is durable until it is synced:
/// file contents by <see cref="IDiskFile.Sync"/>, names (created, renamed, deleted) by <see cref="SyncDirectory"/>.
/// Errors are <see cref="IOException"/>; a failed sync is <see cref="DiskFailure"/>, after which nobody may go on.
/// </remarks>
public interface IDisk
{
    /// <summary>Opens a file for reading and writing; a missing one is created if <paramref name="create"/>, else FileNotFoundException.</summary>
    IDiskFile Open(string path, bool create);

    /// <summary>True if there is a file of this name.</summary>
    bool Exists(string path);

    /// <summary>Names of the files directly in a directory, sorted ordinally; empty if there is no such directory.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Deletes a file; no error if it is missing.</summary>
    void Delete(string path);

    /// <summary>Renames a file within one directory, replacing the target atomically.</summary>
    void Rename(string from, string to);

    /// <summary>Creates a directory and its parents, durably; no error if it exists.</summary>
    void CreateDirectory(string path);

    /// <summary>Makes the names in a directory durable.</summary>
    void SyncDirectory(string directory);
}

/// <summary>An open file. One owner; synchronous.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads up to the span's length; fewer only at the end of the file. Returns the count.</summary>
    int Read(long offset, Span<byte> destination);

    /// <summary>Writes all bytes, extending the file as needed. Durable only after <see cref="Sync"/>.</summary>
    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Cuts or extends (with zeros) the file. Durable only after <see cref="Sync"/>.</summary>
    void Truncate(long length);

    /// <summary>Makes contents and length durable, or throws <see cref="DiskFailure"/>.</summary>
    void Sync();
}

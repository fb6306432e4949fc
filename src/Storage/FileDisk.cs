using Microsoft.Win32.SafeHandles;

namespace Trefoil.Storage;

/// <summary>The real disk, below one root directory.</summary>
public sealed class FileDisk : IDisk
{
    private readonly string _root;

    /// <summary>Creates the root directory if it is missing.</summary>
    public FileDisk(string root)
    {
        _root = Path.GetFullPath(root);
        Directory.CreateDirectory(_root);
    }

    /// <inheritdoc/>
    public IDiskFile Open(string path, bool create)
    {
        var mode = create ? FileMode.OpenOrCreate : FileMode.Open;
        return new OpenFile(Full(path), File.OpenHandle(Full(path), mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));
    }

    /// <inheritdoc/>
    public bool Exists(string path) => File.Exists(Full(path));

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory)
    {
        var full = Full(directory);
        if (!Directory.Exists(full))
        {
            return [];
        }

        var names = Array.ConvertAll(Directory.GetFiles(full), path => Path.GetFileName(path)!);
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(Full(path));

    /// <inheritdoc/>
    public void Rename(string from, string to) => File.Move(Full(from), Full(to), overwrite: true);

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        var full = Full(path);
        if (Directory.Exists(full))
        {
            return;
        }

        // Each new name is durable only once its parent is synced.
        var parent = Path.GetDirectoryName(path.TrimEnd('/')) ?? "";
        if (parent.Length > 0)
        {
            CreateDirectory(parent);
        }

        Directory.CreateDirectory(full);
        SyncDirectory(parent);
    }

    /// <inheritdoc/>
    public void SyncDirectory(string directory) => FileSync.Directory(Full(directory));

    private string Full(string path)
    {
        var full = Path.GetFullPath(Path.Combine(_root, path));
        return full == _root || full.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new ArgumentException($"The path '{path}' leads out of the disk's root.", nameof(path));
    }

    private sealed class OpenFile(string path, SafeFileHandle handle) : IDiskFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(long offset, Span<byte> destination)
        {
            var total = 0;
            while (total < destination.Length)
            {
                var count = RandomAccess.Read(handle, destination[total..], offset + total);
                if (count == 0)
                {
                    break;
                }

                total += count;
            }

            return total;
        }

        public void Write(long offset, ReadOnlySpan<byte> source) => RandomAccess.Write(handle, source, offset);

        public void Truncate(long length) => RandomAccess.SetLength(handle, length);

        public void Sync() => FileSync.Data(handle, path);

        public void Dispose() => handle.Dispose();
    }
}

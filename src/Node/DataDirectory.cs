using Trefoil.ControlPlane;
using Trefoil.Storage;

namespace Trefoil.Node;

/// <summary>Takes a data directory for this process: neither somebody else's files nor another process's node.</summary>
internal sealed class DataDirectory : IDisposable
{
    private readonly DirectoryLock _lock;

    private DataDirectory(FileDisk disk, DirectoryLock @lock)
    {
        Disk = disk;
        _lock = @lock;
    }

    public FileDisk Disk { get; }

    /// <summary>Opens the directory, or says why not.</summary>
    public static DataDirectory? Open(string path, out StartFailure? failure)
    {
        try
        {
            if (Directory.Exists(path) && Foreign(path) is { } stranger)
            {
                failure = StartFailure.Configuration(
                    $"data_dir '{path}' holds files that are no Trefoil node's (such as '{stranger}'): "
                    + "choose an empty directory or one that a node has used.");
                return null;
            }

            var held = DirectoryLock.TryAcquire(path, out var refusal);
            failure = held is null ? StartFailure.Failed(refusal) : null;
            return held is null ? null : new DataDirectory(new FileDisk(path), held);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            failure = StartFailure.Configuration($"data_dir '{path}' cannot be used: {error.Message}");
            return null;
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string? Foreign(string path)
    {
        var names = Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)!).Order().ToList();
        return names.Count == 0 || names.Contains("LOCK") || ControlStore.IsUsed(new FileDisk(path)) ? null : names[0];
    }
}

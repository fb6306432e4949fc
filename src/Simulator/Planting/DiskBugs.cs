using Trefoil.Storage;

namespace Trefoil.Simulator.Planting;

/// <summary>Mistakes between a process and its disk.</summary>
internal static class DiskBugs
{
    /// <summary>Says that contents are durable, and has not asked the disk.</summary>
    internal sealed class NoSync : Sabotage
    {
        public override IDisk Disk(SimulatedNode node, IDisk disk) => new CarelessDisk(disk) { SyncsFiles = false };
    }

    /// <summary>Renames, and leaves the directory to itself.</summary>
    internal sealed class NoDirectorySync : Sabotage
    {
        public override IDisk Disk(SimulatedNode node, IDisk disk) => new CarelessDisk(disk) { SyncsDirectories = false };
    }

    private sealed class CarelessDisk(IDisk disk) : IDisk
    {
        public bool SyncsFiles { get; init; } = true;

        public bool SyncsDirectories { get; init; } = true;

        public IDiskFile Open(string path, bool create) => new CarelessFile(disk.Open(path, create), SyncsFiles);

        public bool Exists(string path) => disk.Exists(path);

        public IReadOnlyList<string> List(string directory) => disk.List(directory);

        public void Delete(string path) => disk.Delete(path);

        public void Rename(string from, string to) => disk.Rename(from, to);

        public void CreateDirectory(string path) => disk.CreateDirectory(path);

        public void SyncDirectory(string directory)
        {
            if (SyncsDirectories)
            {
                disk.SyncDirectory(directory);
            }
        }
    }

    private sealed class CarelessFile(IDiskFile file, bool syncs) : IDiskFile
    {
        public long Length => file.Length;

        public int Read(long offset, Span<byte> destination) => file.Read(offset, destination);

        public void Write(long offset, ReadOnlySpan<byte> source) => file.Write(offset, source);

        public void Truncate(long length) => file.Truncate(length);

        public void Sync()
        {
            if (syncs)
            {
                file.Sync();
            }
        }

        public void Dispose() => file.Dispose();
    }
}

using Trefoil.Storage;

namespace Trefoil.Simulator.Planting;

/// <summary>A disk as a careless process uses it: it forgets to sync, or keeps what it writes to itself for a while.</summary>
internal sealed class CarelessDisk(IDisk disk) : IDisk
{
    public bool SyncsFiles { get; init; } = true;

    public bool SyncsDirectories { get; init; } = true;

    public bool WritesAtOnce { get; init; } = true;

    public IDiskFile Open(string path, bool create) => new CarelessFile(disk.Open(path, create), this);

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

    private sealed class CarelessFile(IDiskFile file, CarelessDisk how) : IDiskFile
    {
        private readonly List<(long Offset, byte[] Bytes)> _kept = [];

        public long Length => Math.Max(file.Length, _kept.Count == 0 ? 0 : _kept.Max(write => write.Offset + write.Bytes.Length));

        public int Read(long offset, Span<byte> destination)
        {
            WriteKept();
            return file.Read(offset, destination);
        }

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            if (how.WritesAtOnce)
            {
                file.Write(offset, source);
                return;
            }

            _kept.Add((offset, source.ToArray()));
        }

        public void Truncate(long length)
        {
            WriteKept();
            file.Truncate(length);
        }

        public void Sync()
        {
            WriteKept();
            if (how.SyncsFiles)
            {
                file.Sync();
            }
        }

        public void Dispose()
        {
            WriteKept();
            file.Dispose();
        }

        private void WriteKept()
        {
            (long Offset, byte[] Bytes)[] kept = [.. _kept];
            _kept.Clear(); // Whatever becomes of them: a disk that fails ends the process.
            foreach (var (offset, bytes) in kept)
            {
                file.Write(offset, bytes);
            }
        }
    }
}

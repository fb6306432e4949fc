using Trefoil.Storage;

namespace Trefoil.Unit.KeyValue.Persistence;

/// <summary>A disk in memory whose syncs wait until the test lets them go on; threads may share it.</summary>
internal sealed class GatedDisk(MemoryDisk? disk = null) : IDisk
{
    private readonly MemoryDisk _disk = disk ?? new();
    private bool _isShut;

    /// <summary>Syncs of files that wait now.</summary>
    public int Waiting { get; private set; }

    /// <summary>From here on syncs wait.</summary>
    public void Shut() => Locked(() => { _isShut = true; });

    /// <summary>Lets all of them go on.</summary>
    public void Release() => Locked(() =>
    {
        _isShut = false;
        Monitor.PulseAll(_disk);
    });

    public IDiskFile Open(string path, bool create) => Locked(() => new File(this, _disk.Open(path, create)));

    public bool Exists(string path) => Locked(() => _disk.Exists(path));

    public IReadOnlyList<string> List(string directory) => Locked(() => _disk.List(directory));

    public void Delete(string path) => Locked(() => _disk.Delete(path));

    public void Rename(string from, string to) => Locked(() => _disk.Rename(from, to));

    public void CreateDirectory(string path) => Locked(() => _disk.CreateDirectory(path));

    public void SyncDirectory(string directory) => Locked(() => _disk.SyncDirectory(directory));

    private T Locked<T>(Func<T> action)
    {
        lock (_disk)
        {
            return action();
        }
    }

    private void Locked(Action action)
    {
        lock (_disk)
        {
            action();
        }
    }

    private sealed class File(GatedDisk disk, IDiskFile file) : IDiskFile
    {
        public long Length => disk.Locked(() => file.Length);

        public int Read(long offset, Span<byte> destination)
        {
            lock (disk._disk)
            {
                return file.Read(offset, destination);
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            lock (disk._disk)
            {
                file.Write(offset, source);
            }
        }

        public void Truncate(long length) => disk.Locked(() => file.Truncate(length));

        public void Sync()
        {
            lock (disk._disk)
            {
                disk.Waiting++;
                while (disk._isShut)
                {
                    Monitor.Wait(disk._disk);
                }

                disk.Waiting--;
                file.Sync();
            }
        }

        public void Dispose() => file.Dispose();
    }
}

using Trefoil.Storage.Ordered;

namespace Trefoil.Unit.Storage.Ordered;

/// <summary>A temporary directory that RocksDB lives in. RocksDB is needed: without it these tests fail, and say which package to install.</summary>
internal sealed class RocksDirectory : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("trefoil-ordered-").FullName;
    private int _life;

    public string Path => System.IO.Path.Combine(_root, $"{_life}");

    public IOrderedStore Open(RocksOptions? options = null) => RocksStore.Open(Path, options ?? new RocksOptions { WriteBufferBytes = 1 << 20 }) switch
    {
        OrderedOpenResult.Opened(var store) => store,
        var refused => throw new InvalidOperationException(refused.ToString()),
    };

    /// <summary>A process that is killed leaves the files as they are: they are copied while the store is open, and opened as another one.</summary>
    public IOrderedStore Crash(IOrderedStore store, RocksOptions? options = null)
    {
        var from = Path;
        _life++;
        while (!TryCopy(from, Path))
        {
        }

        store.Dispose();
        Directory.Delete(from, recursive: true);
        return Open(options);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>False if RocksDB, which goes on compacting in the background, changed its files meanwhile: no moment of a disk looks like that.</summary>
    private static bool TryCopy(string from, string to)
    {
        Directory.CreateDirectory(to);
        try
        {
            var before = Listing(from);
            foreach (var file in Directory.GetFiles(from))
            {
                File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)));
            }

            if (before == Listing(from))
            {
                return true;
            }
        }
        catch (FileNotFoundException)
        {
        }

        Directory.Delete(to, recursive: true);
        return false;
    }

    private static string Listing(string directory) => string.Join(
        '\n', new DirectoryInfo(directory).GetFiles().Select(file => $"{file.Name} {file.Length}").Order(StringComparer.Ordinal));
}

using System.Runtime.InteropServices;

namespace Trefoil.Storage.Ordered;

/// <summary>Finds RocksDB: the shared library of one exact version, by the name that its makers give to a binary interface.</summary>
internal static class RocksLibrary
{
    /// <summary>Version 7.8; any other may differ in its functions and in what it writes.</summary>
    public const string Soname = "librocksdb.so.7.8";

    private const string Package = "librocksdb7.8";

    /// <summary>What <see cref="RocksNative"/> calls it.</summary>
    public const string Import = "librocksdb";

    private static nint _handle;

    /// <summary>Loads the library; null when that worked, else why not and what to do.</summary>
    public static string? Load(string soname = Soname)
    {
        if (!NativeLibrary.TryLoad(soname, out var handle))
        {
            return $"RocksDB is not installed: '{soname}' cannot be loaded{Others()}. "
                + $"Install the Debian package {Package} (as root: apt-get install {Package}), or put RocksDB 7.8 where the loader looks.";
        }

        if (Interlocked.CompareExchange(ref _handle, handle, 0) == 0)
        {
            NativeLibrary.SetDllImportResolver(typeof(RocksLibrary).Assembly, (name, _, _) => name == Import ? _handle : 0);
        }

        return null;
    }

    /// <summary>Names what is there instead, so that nobody looks for a package that is installed in another version.</summary>
    private static string Others()
    {
        string[] roots = ["/usr/lib", "/usr/lib64", "/usr/local/lib"];
        var found = roots.Where(Directory.Exists)
            .SelectMany(root => Directory.EnumerateDirectories(root, "*-linux-gnu").Prepend(root))
            .SelectMany(directory => Directory.EnumerateFiles(directory, "librocksdb.so*"))
            .Order(StringComparer.Ordinal)
            .ToList();
        return found.Count == 0 ? "" : $" (there is {string.Join(", ", found)}, which is another version)";
    }
}

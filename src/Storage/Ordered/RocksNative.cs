using System.Runtime.InteropServices;

namespace Trefoil.Storage.Ordered;

/// <summary>The part of RocksDB's C interface (rocksdb/c.h of 7.8) that is used.</summary>
/// <remarks>
/// size_t is nuint, unsigned char is byte. Errors are strings of the library's, freed with rocksdb_free. The transition to the runtime is left
/// out only on calls that read a pointer. Call nothing before <see cref="RocksLibrary.Load"/>.
/// </remarks>
internal static unsafe partial class RocksNative
{
    private const string Library = RocksLibrary.Import;

    [LibraryImport(Library, EntryPoint = "rocksdb_open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Open(nint options, string path, out nint error);

    [LibraryImport(Library, EntryPoint = "rocksdb_close")]
    public static partial void Close(nint store);

    [LibraryImport(Library, EntryPoint = "rocksdb_free")]
    public static partial void Free(nint memory);

    [LibraryImport(Library, EntryPoint = "rocksdb_get_pinned")]
    public static partial nint Get(RocksHandle store, nint options, byte* key, nuint length, out nint error);

    [LibraryImport(Library, EntryPoint = "rocksdb_pinnableslice_value"), SuppressGCTransition]
    public static partial byte* PinnedValue(nint pinned, out nuint length);

    [LibraryImport(Library, EntryPoint = "rocksdb_pinnableslice_destroy")]
    public static partial void DestroyPinned(nint pinned);

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_create_from")]
    public static partial nint CreateBatch(byte* representation, nuint length);

    [LibraryImport(Library, EntryPoint = "rocksdb_writebatch_destroy")]
    public static partial void DestroyBatch(nint batch);

    [LibraryImport(Library, EntryPoint = "rocksdb_write")]
    public static partial void Write(RocksHandle store, nint options, nint batch, out nint error);

    [LibraryImport(Library, EntryPoint = "rocksdb_flush")]
    public static partial void Flush(RocksHandle store, nint options, out nint error);

    [LibraryImport(Library, EntryPoint = "rocksdb_approximate_sizes")]
    public static partial void ApproximateSizes(
        RocksHandle store, int count, byte** from, nuint* fromLength, byte** to, nuint* toLength, ulong* sizes, out nint error);

    [LibraryImport(Library, EntryPoint = "rocksdb_property_int", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Property(RocksHandle store, string name, out ulong value);

    [LibraryImport(Library, EntryPoint = "rocksdb_create_snapshot")]
    public static partial nint CreateSnapshot(RocksHandle store);

    [LibraryImport(Library, EntryPoint = "rocksdb_release_snapshot")]
    public static partial void ReleaseSnapshot(nint store, nint snapshot);

    [LibraryImport(Library, EntryPoint = "rocksdb_create_iterator")]
    public static partial nint CreateIterator(RocksHandle store, nint options);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_destroy")]
    public static partial void DestroyIterator(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_seek")]
    public static partial void Seek(nint iterator, byte* key, nuint length);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_seek_for_prev")]
    public static partial void SeekForPrevious(nint iterator, byte* key, nuint length);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_seek_to_first")]
    public static partial void SeekToFirst(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_seek_to_last")]
    public static partial void SeekToLast(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_next")]
    public static partial void Next(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_prev")]
    public static partial void Previous(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_valid"), SuppressGCTransition]
    public static partial byte IsValid(nint iterator);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_key"), SuppressGCTransition]
    public static partial byte* Key(nint iterator, out nuint length);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_value"), SuppressGCTransition]
    public static partial byte* Value(nint iterator, out nuint length);

    [LibraryImport(Library, EntryPoint = "rocksdb_iter_get_error")]
    public static partial void IteratorError(nint iterator, out nint error);

    /// <summary>The error's text, freed; null if there is none.</summary>
    public static string? Text(nint error)
    {
        if (error == 0)
        {
            return null;
        }

        var text = Marshal.PtrToStringUTF8(error);
        Free(error);
        return text;
    }
}

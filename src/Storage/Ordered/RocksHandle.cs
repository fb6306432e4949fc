using System.Runtime.InteropServices;

namespace Trefoil.Storage.Ordered;

/// <summary>An open store and the options of its calls. It is closed when its owner and every cursor, snapshot and call have let go of it.</summary>
internal sealed class RocksHandle : SafeHandle
{
    private const int PersistedTier = 2; // what is in files only: rocksdb/options.h, ReadTier

    public RocksHandle(nint store)
        : base(0, ownsHandle: true)
    {
        SetHandle(store);
        RocksOptionsNative.SetReadTier(ReadFlushed, PersistedTier);
        RocksOptionsNative.DisableLog(Write, 1);
        RocksOptionsNative.SetWait(Flush, 1);
    }

    public override bool IsInvalid => handle == 0;

    public nint Read { get; } = RocksOptionsNative.CreateRead();

    public nint ReadFlushed { get; } = RocksOptionsNative.CreateRead();

    public nint Write { get; } = RocksOptionsNative.CreateWrite();

    public nint Flush { get; } = RocksOptionsNative.CreateFlush();

    protected override bool ReleaseHandle()
    {
        RocksNative.Close(handle);
        RocksOptionsNative.DestroyRead(Read);
        RocksOptionsNative.DestroyRead(ReadFlushed);
        RocksOptionsNative.DestroyWrite(Write);
        RocksOptionsNative.DestroyFlush(Flush);
        return true;
    }
}

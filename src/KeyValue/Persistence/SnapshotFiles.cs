using Trefoil.Storage;

namespace Trefoil.KeyValue.Persistence;

/// <summary>The files beside the snapshot, and which of them count.</summary>
/// <remarks>
/// <code>
/// dump.rdb         the snapshot
/// dump.rdb.tmp     one that is being written: forgotten at the next start
/// receiving.rdb    one that a primary is sending: forgotten
/// incoming.rdb     one that was received, synced and checked: it counts instead of dump.rdb, and the log does not
/// sending-N.rdb    one on its way to a replica: forgotten
/// </code>
/// </remarks>
internal static class SnapshotFiles
{
    public const string Current = KeyStorageOptions.SnapshotDirectory + "/dump.rdb";
    public const string Temporary = Current + ".tmp";
    public const string Receiving = KeyStorageOptions.SnapshotDirectory + "/receiving.rdb";
    public const string Incoming = KeyStorageOptions.SnapshotDirectory + "/incoming.rdb";
    private const string SendingPrefix = "sending-";

    /// <summary>Where the snapshot for a transfer is kept while it is sent.</summary>
    public static string Sending(ulong transfer) => $"{KeyStorageOptions.SnapshotDirectory}/{SendingPrefix}{transfer}.rdb";

    /// <summary>Deletes what a crash left behind and nobody will finish.</summary>
    public static void Forget(IDisk disk)
    {
        foreach (var name in disk.List(KeyStorageOptions.SnapshotDirectory))
        {
            var path = $"{KeyStorageOptions.SnapshotDirectory}/{name}";
            if (path is Temporary or Receiving || name.StartsWith(SendingPrefix, StringComparison.Ordinal))
            {
                disk.Delete(path);
            }
        }
    }

    /// <summary>Durably gives a snapshot another name, which decides what it counts for.</summary>
    public static void Publish(IDisk disk, string from, string to)
    {
        disk.Rename(from, to);
        disk.SyncDirectory(KeyStorageOptions.SnapshotDirectory);
    }
}

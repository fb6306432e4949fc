using Microsoft.Extensions.Logging;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Store;
using Trefoil.Node.Configuration;
using Trefoil.Primitives;
using Trefoil.Storage;

namespace Trefoil.Node;

/// <summary>Brings back at a start what was acknowledged before it, and says what that was.</summary>
internal static class KeyRecovery
{
    /// <summary>Opens the storage of keys; null, and why, if it may not be used.</summary>
    public static KeyStorage? Open(
        NodeConfig config, ILogger log, IDisk disk, Keyspace keys, TimeProvider time, Prng random, Action<IOException> diskFailed, out StartFailure? failure)
    {
        var options = new KeyStorageOptions { AppendOnly = config.AppendOnly, Sync = SyncPolicies.Parse(config.AppendFsync)!.Value, Follows = config.ClusterFile.Length == 0 };
        var opened = KeyStorage.Open(disk, options, keys, random.Fork(), time);
        if (opened is not KeyStorageResult.Opened { Storage: var storage })
        {
            failure = StartFailure.Failed(((KeyStorageResult.Refused)opened).Refusal);
            return null;
        }

        failure = null;
        storage.Start(diskFailed);
        var recovery = storage.Recovery;
        NodeLog.KeysRecovered(
            log, recovery.Keys, (long)recovery.Elapsed.TotalMilliseconds, recovery.SnapshotKeys, recovery.SnapshotBytes, recovery.SnapshotLsn,
            recovery.Records, recovery.LogBytes, recovery.TornBytes);
        if (recovery.TornBytes > 0)
        {
            NodeLog.KeyLogTorn(log, recovery.TornBytes, recovery.TornAt);
        }

        return storage;
    }
}

using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>INFO persistence: Redis' fields, and what recovery did. Fields about forks are 0, for nothing is forked.</summary>
internal static class InfoPersistence
{
    public static void Write(InfoText text, KeyValueServer server)
    {
        var snapshots = server.Storage?.Snapshots;
        var status = snapshots is null || snapshots.LastError.Length == 0 ? "ok" : "err";
        var isRewrite = snapshots is { InProgress: true, IsRewrite: true };
        text.Add("loading", 0);
        text.Add("async_loading", 0);
        text.Add("current_cow_peak", 0);
        text.Add("current_cow_size", 0);
        text.Add("current_cow_size_age", 0);
        text.Add("current_fork_perc", "0.00");
        text.Add("current_save_keys_processed", snapshots?.KeysSoFar ?? 0);
        text.Add("current_save_keys_total", snapshots is { InProgress: true } ? server.Store.TotalCount : 0);
        text.Add("rdb_changes_since_last_save", (long)(server.Storage?.Log.Changes ?? 0));
        text.Add("rdb_bgsave_in_progress", snapshots is { InProgress: true, IsRewrite: false } ? 1 : 0);
        text.Add("rdb_last_save_time", snapshots?.LastSavedAt ?? server.StartedMs / 1000);
        text.Add("rdb_last_bgsave_status", status);
        text.Add("rdb_last_bgsave_time_sec", snapshots?.LastSeconds ?? -1);
        text.Add("rdb_current_bgsave_time_sec", isRewrite ? -1 : snapshots?.CurrentSeconds ?? -1);
        text.Add("rdb_saves", snapshots?.Saves ?? 0);
        text.Add("rdb_last_cow_size", 0);
        text.Add("rdb_last_load_keys_expired", 0);
        text.Add("rdb_last_load_keys_loaded", server.Storage?.Recovery.SnapshotKeys ?? 0);
        text.Add("aof_enabled", server.Storage is { Log.IsWritten: true } ? 1 : 0);
        text.Add("aof_rewrite_in_progress", isRewrite ? 1 : 0);
        text.Add("aof_rewrite_scheduled", server.Schedule is { IsScheduled: true } ? 1 : 0);
        text.Add("aof_last_rewrite_time_sec", snapshots?.LastSeconds ?? -1);
        text.Add("aof_current_rewrite_time_sec", isRewrite ? snapshots!.CurrentSeconds : -1);
        text.Add("aof_last_bgrewrite_status", status);
        text.Add("aof_rewrites", snapshots?.Rewrites ?? 0);
        text.Add("aof_rewrites_consecutive_failures", snapshots?.FailuresInRow ?? 0);
        text.Add("aof_last_write_status", "ok");
        text.Add("aof_last_cow_size", 0);
        text.Add("module_fork_in_progress", 0);
        text.Add("module_fork_last_cow_size", 0);
        if (server.Storage is { } storage)
        {
            Log(text, storage);
        }
    }

    private static void Log(InfoText text, Persistence.KeyStorage storage)
    {
        var recovery = storage.Recovery;
        if (storage.Log.IsWritten)
        {
            text.Add("aof_current_size", storage.Snapshots.LastBytes + storage.Log.Size);
            text.Add("aof_base_size", storage.Snapshots.LastBytes);
            text.Add("aof_pending_rewrite", 0);
            text.Add("aof_buffer_length", storage.Log.WaitingBytes);
            text.Add("aof_pending_bio_fsync", storage.Log.IsDurable ? 0 : 1);
            text.Add("aof_delayed_fsync", storage.DelayedSyncs);
            text.Add("log_last_lsn", (long)storage.Log.LastLsn);
            text.Add("log_durable_lsn", (long)storage.Log.DurableLsn);
        }

        text.Add("recovery_milliseconds", (long)recovery.Elapsed.TotalMilliseconds);
        text.Add("recovery_snapshot_keys", recovery.SnapshotKeys);
        text.Add("recovery_snapshot_bytes", recovery.SnapshotBytes);
        text.Add("recovery_log_records", recovery.Records);
        text.Add("recovery_log_bytes", recovery.LogBytes);
        text.Add("recovery_torn_bytes", recovery.TornBytes);
    }
}

namespace Trefoil.KeyValue.Persistence;

/// <summary>What recovery read and dropped, and how long it took.</summary>
/// <param name="SnapshotKeys">Keys in the snapshot.</param>
/// <param name="SnapshotBytes">Length of the snapshot; 0 if there was none.</param>
/// <param name="SnapshotLsn">Every record up to this LSN is in the snapshot.</param>
/// <param name="Records">Records of the log that were read.</param>
/// <param name="LogBytes">Length of those records.</param>
/// <param name="TornBytes">Bytes cut off as the unfinished last write.</param>
/// <param name="TornAt">File and offset of the cut; empty if there was none.</param>
/// <param name="Keys">Keys in the store afterwards.</param>
/// <param name="Elapsed">How long it all took.</param>
public sealed record KeyRecovery(
    long SnapshotKeys, long SnapshotBytes, ulong SnapshotLsn, long Records, long LogBytes, long TornBytes, string TornAt, long Keys, TimeSpan Elapsed);

/// <summary>The keys are back, or why they may not be used.</summary>
public abstract record KeyStorageResult
{
    private KeyStorageResult()
    {
    }

    /// <summary>The store holds what was acknowledged; changes are recorded from here on.</summary>
    public sealed record Opened(KeyStorage Storage) : KeyStorageResult;

    /// <summary>Something that was durable is damaged or missing; the text names file and offset and says what to do.</summary>
    public sealed record Refused(string Refusal) : KeyStorageResult;
}

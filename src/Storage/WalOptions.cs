namespace Trefoil.Storage;

/// <summary>Limits of one log.</summary>
public sealed record WalOptions
{
    /// <summary>The longest record, in bytes; a longer one is misuse. Redis' longest key and longest value (512 MiB each) fit together.</summary>
    public const int MaxRecordBytes = 1100 << 20;

    /// <summary>A segment that is at least this long, in bytes, is closed and a new one begun before the next group.</summary>
    public long SegmentBytes { get; init; } = 64 << 20;

    /// <summary>False: only <see cref="Wal.BeginRoll"/> begins a segment, for an owner that may never wait for a sync; until then the full one grows.</summary>
    public bool RollsByItself { get; init; } = true;

    /// <summary>Records waiting for Commit are handed to the kernel early, as a group without a sync, beyond this many bytes.</summary>
    public int GroupBytes { get; init; } = 4 << 20;

    /// <summary>
    /// Mixed into every checksum of a new log; an old one keeps its own. A random one keeps clients whose bytes are in the
    /// records from forging a group that the search for proof of durability would believe.
    /// </summary>
    public uint Salt { get; init; }
}

/// <summary>What replaying a log does next; see <see cref="WalVisitor"/>.</summary>
public enum WalStep
{
    /// <summary>The record at this LSN.</summary>
    Record,

    /// <summary>Records at or above this LSN that came before are void; this LSN comes next.</summary>
    Truncate,

    /// <summary>All records that came before are void; this LSN comes next.</summary>
    Reset,
}

/// <summary>Receives the steps of a log in the order they were written. The bytes are valid during the call only.</summary>
public delegate void WalVisitor(WalStep step, ulong lsn, ReadOnlySpan<byte> record);

/// <summary>What opening a log found.</summary>
/// <param name="FirstLsn">LSN of the oldest record still there, or of the next one if there is none.</param>
/// <param name="NextLsn">LSN of the next record.</param>
/// <param name="Mark">The mark given to the last Commit that survived; 0 if none did.</param>
/// <param name="TornBytes">Bytes cut off as the unfinished last write; 0 if the log ended cleanly.</param>
/// <param name="TornAt">File and offset of the cut; empty if there was none.</param>
public sealed record WalRecovery(ulong FirstLsn, ulong NextLsn, ulong Mark, long TornBytes, string TornAt);

/// <summary>A log ready to append to, or the reason why it may not be used.</summary>
public abstract record WalOpenResult
{
    private WalOpenResult()
    {
    }

    /// <summary>Ready, and everything that was replayed is durable.</summary>
    public sealed record Opened(Wal Wal, WalRecovery Recovery) : WalOpenResult;

    /// <summary>A record that was durable is damaged or missing; the text names file and offset and says what to do.</summary>
    public sealed record Refused(string Refusal) : WalOpenResult;
}

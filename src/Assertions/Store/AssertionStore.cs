using Trefoil.Assertions.Records;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Storage.Ordered;

namespace Trefoil.Assertions.Store;

/// <summary>What a record came to.</summary>
public enum RecordOutcome
{
    /// <summary>The first of its key.</summary>
    Created,

    /// <summary>It changed what was known under its key.</summary>
    Changed,

    /// <summary>It adds nothing: known already, or older than what is.</summary>
    Unchanged,
}

/// <summary>All records of this node: logged and synced before they are acknowledged, merged, indexed, recovered.</summary>
/// <remarks>
/// A synchronous core with one owner: <see cref="Stage"/> any number of records, then <see cref="Commit"/>, which makes them durable with one write and one
/// sync and then visible; only after that may any of them be acknowledged. An arrival is the LSN of its record, so a replay gives every record
/// the arrival it had. <see cref="Read"/> may be called on any thread. After an exception of the disk nothing can be staged: the process
/// ends, and recovers what was acknowledged from the log.
/// </remarks>
public sealed class AssertionStore : IDisposable
{
    private const byte RecordFormat = 1; // first byte of a record of the log
    private readonly Wal _wal;
    private readonly IOrderedStore _ordered;
    private readonly AssertionStoreOptions _options;
    private readonly StagedRecords _staged;
    private readonly ByteWriter _record = new();
    private long _sinceTrim;
    private long _unflushed;
    private ulong _flushed;
    private bool _failed;

    private AssertionStore(Wal wal, IOrderedStore ordered, AssertionStoreOptions options, StagedRecords staged) =>
        (_wal, _ordered, _options, _staged, _flushed) = (wal, ordered, options, staged, ordered.FlushedLsn);

    /// <summary>Newest arrival that readers see, which is durable; 0 if there is none.</summary>
    public ulong LastArrival => _ordered.AppliedLsn;

    /// <summary>How much is stored, as of the last commit; any thread may ask.</summary>
    public StoreCounts Counts => _staged.Counts;

    /// <summary>Opens what a log and an ordered store hold: the store is brought up to the log. On success both are this object's.</summary>
    /// <param name="disk">Where the log is.</param>
    /// <param name="directory">Of the log, as in <c>wal/assertions</c>.</param>
    /// <param name="ordered">As it came back from its disk.</param>
    /// <param name="options">Limits.</param>
    public static StoreOpenResult Open(IDisk disk, string directory, IOrderedStore ordered, AssertionStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(ordered);
        ArgumentNullException.ThrowIfNull(options);
        var staged = new StagedRecords(ordered);
        if (!staged.Load())
        {
            return new StoreOpenResult.Refused("The assertion store was written in another format than this version reads: use the version that wrote it.");
        }

        var (wal, report, refusal) = new StoreRecovery(disk, directory, ordered, options, staged).Run();
        return wal is null
            ? new StoreOpenResult.Refused(refusal)
            : new StoreOpenResult.Opened(new AssertionStore(wal, ordered, options, staged), report);
    }

    /// <summary>Merges a record in and puts it on its way to the log. It must have been checked (<see cref="RecordRules"/>), and must not change any more.</summary>
    public RecordOutcome Stage(Record record)
    {
        ArgumentNullException.ThrowIfNull(record);
        ThrowIfFailed();
        if (record is Record.Claim { Body.IsEmpty: false } claim)
        {
            ClaimFields.Read(claim.Body.Span); // a body that is none must not get as far as the log
        }

        _failed = true;
        var merged = _staged.Merge(record, out var known);
        if (merged is not null)
        {
            _record.Clear();
            _record.Byte(RecordFormat);
            RecordCodec.Write(_record, record);
            _staged.Put(known, merged, _wal.Append(_record.Written));
            _sinceTrim += _record.Length;
        }

        _failed = false;
        return merged is null ? RecordOutcome.Unchanged : known is null ? RecordOutcome.Created : RecordOutcome.Changed;
    }

    /// <summary>Makes everything staged durable, then visible. On return all of it, and whatever was found unchanged, may be acknowledged.</summary>
    public void Commit()
    {
        ThrowIfFailed();
        if (_staged.IsEmpty)
        {
            return;
        }

        _failed = true;
        _wal.Commit(sync: true);
        _staged.Apply(_wal.NextLsn - 1);
        if (_sinceTrim >= _options.TrimBytes)
        {
            Trim();
        }

        _failed = false;
    }

    /// <summary>The store as of the last commit, for one thread. Dispose it.</summary>
    public AssertionReader Read() => new(_ordered);

    /// <summary>Flushes the ordered store and deletes what of the log is behind it. Waits for the disk.</summary>
    public void Flush()
    {
        ThrowIfFailed();
        _failed = true;
        _ordered.Flush();
        Trim();
        _failed = false;
    }

    /// <summary>Closes log and ordered store as they are: what was not committed is lost, as by a crash.</summary>
    public void Dispose()
    {
        _wal.Dispose();
        _ordered.Dispose();
    }

    /// <summary>A clean end: nothing is left to replay, and damage to any of the log would be told from a torn tail.</summary>
    public void Close()
    {
        Commit();
        Flush();
        _wal.Seal(mark: 0);
        Dispose();
    }

    /// <summary>Reads a record of the log; null if it is none.</summary>
    internal static Record? Decode(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty || bytes[0] != RecordFormat ? null : RecordCodec.TryRead(bytes[1..].ToArray());

    private void Trim()
    {
        _unflushed += _sinceTrim;
        _sinceTrim = 0;
        if (_unflushed >= _options.MaxUnflushedBytes)
        {
            _ordered.Flush();
        }

        if (_ordered.FlushedLsn is var flushed && flushed != _flushed)
        {
            // Flushes come in turn, so the bytes are those since the last one that was seen.
            (_flushed, _unflushed) = (flushed, 0);
            _wal.DropBefore(flushed + 1);
        }
    }

    private void ThrowIfFailed()
    {
        if (_failed)
        {
            throw new InvalidOperationException("The assertion store failed while it wrote: what it holds is unknown until it is opened again.");
        }
    }
}

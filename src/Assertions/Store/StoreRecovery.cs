using Trefoil.Storage;
using Trefoil.Storage.Ordered;

namespace Trefoil.Assertions.Store;

/// <summary>What opening an assertion store found.</summary>
public abstract record StoreOpenResult
{
    private StoreOpenResult()
    {
    }

    /// <summary>Ready: every acknowledged record is there, durable and visible.</summary>
    public sealed record Opened(AssertionStore Store, StoreReport Report) : StoreOpenResult;

    /// <summary>What is on disk may not be used; the text says where and what to do.</summary>
    public sealed record Refused(string Refusal) : StoreOpenResult;
}

/// <summary>What recovery did.</summary>
/// <param name="FlushedLsn">What the ordered store came back with.</param>
/// <param name="Replayed">Records of the log that it did not have.</param>
/// <param name="TornBytes">Bytes of an unfinished last write that were cut off; nothing of it was acknowledged.</param>
/// <param name="TornAt">File and offset of the cut; empty if there was none.</param>
public sealed record StoreReport(ulong FlushedLsn, long Replayed, long TornBytes, string TornAt);

/// <summary>Brings an ordered store up to its log.</summary>
/// <remarks>
/// The log is read twice. The first time checks it and syncs it, so that nothing is applied that a second crash could take out of the log again: the
/// store would be ahead of it. The second time applies what is after the marker.
/// </remarks>
internal sealed class StoreRecovery(IDisk disk, string directory, IOrderedStore ordered, AssertionStoreOptions options, StagedRecords staged)
{
    private const string Remedy = "No crash explains this: restore this node from a replica. "
        + "For that remove its whole data directory and join again as a new node.";

    private readonly ulong _flushed = ordered.AppliedLsn;
    private long _replayed;
    private string? _refusal;

    /// <summary>The log, ready to append to, and what was done; or the refusal.</summary>
    public (Wal? Wal, StoreReport Report, string Refusal) Run()
    {
        var limits = new WalOptions { SegmentBytes = options.SegmentBytes, Salt = options.Salt };
        var first = Wal.Open(disk, directory, limits, (_, _, _) => { });
        if (first is not WalOpenResult.Opened(var check, var recovery))
        {
            return Refuse(((WalOpenResult.Refused)first).Refusal);
        }

        check.Dispose();
        if (Gap(recovery) is { } gap)
        {
            return Refuse(gap);
        }

        var second = Wal.Open(disk, directory, limits, Apply);
        if (second is not WalOpenResult.Opened(var wal, _))
        {
            return Refuse(((WalOpenResult.Refused)second).Refusal);
        }

        if (_refusal is not null)
        {
            wal.Dispose();
            return Refuse(_refusal);
        }

        staged.Apply(wal.NextLsn - 1);
        return (wal, new StoreReport(_flushed, _replayed, recovery.TornBytes, recovery.TornAt), "");
    }

    private (Wal? Wal, StoreReport Report, string Refusal) Refuse(string refusal) => (null, new StoreReport(_flushed, 0, 0, ""), refusal);

    /// <summary>The store must reach the log, and not beyond it.</summary>
    private string? Gap(WalRecovery log) =>
        _flushed + 1 < log.FirstLsn
            ? $"The ordered store goes up to record {_flushed}, and the log in '{directory}' begins at {log.FirstLsn}: the store has lost data. {Remedy}"
        : _flushed >= log.NextLsn
            ? $"The ordered store goes up to record {_flushed}, and the log in '{directory}' ends before {log.NextLsn}: the log has lost data. {Remedy}"
        : null;

    private void Apply(WalStep step, ulong lsn, ReadOnlySpan<byte> bytes)
    {
        if (lsn <= _flushed || _refusal is not null)
        {
            return;
        }

        if (step != WalStep.Record || AssertionStore.Decode(bytes) is not { } record)
        {
            _refusal = $"Record {lsn} of the log in '{directory}' is none that this version knows. It was written by a newer version, or is not this store's log.";
            return;
        }

        _replayed++;
        if (staged.Merge(record, out var known) is { } merged)
        {
            staged.Put(known, merged, lsn);
        }

        if (staged.Bytes >= options.ReplayBatchBytes)
        {
            staged.Apply(lsn);
        }
    }
}

using System.Text;
using Trefoil.Storage;

namespace Trefoil.Unit.Storage;

/// <summary>A log and what a reader of it sees: opened, closed and reopened by the tests of this folder.</summary>
internal sealed class LogBook
{
    public const string Directory = "wal/test";

    private LogBook(Wal wal, WalRecovery recovery, List<string> records) => (Wal, Recovery, Records) = (wal, recovery, records);

    public Wal Wal { get; }

    public WalRecovery Recovery { get; }

    /// <summary>The records, the first at FirstLsn.</summary>
    public List<string> Records { get; }

    public static LogBook Open(IDisk disk, long segmentBytes = 64 << 20)
    {
        var result = TryOpen(disk, out var refusal, segmentBytes);
        return result ?? throw new InvalidOperationException(refusal);
    }

    public static LogBook? TryOpen(IDisk disk, out string refusal, long segmentBytes = 64 << 20)
    {
        var records = new SortedDictionary<ulong, string>();
        void Visit(WalStep step, ulong lsn, ReadOnlySpan<byte> record)
        {
            if (step == WalStep.Record)
            {
                records.Add(lsn, Encoding.UTF8.GetString(record));
                return;
            }

            foreach (var gone in records.Keys.Where(k => k >= lsn || step == WalStep.Reset).ToList())
            {
                records.Remove(gone);
            }
        }

        var result = Wal.Open(disk, Directory, new WalOptions { SegmentBytes = segmentBytes, GroupBytes = 400 }, Visit);
        refusal = result is WalOpenResult.Refused r ? r.Refusal : "";
        if (result is not WalOpenResult.Opened(var wal, var recovery))
        {
            return null;
        }

        if (records.Keys.FirstOrDefault(recovery.FirstLsn) != recovery.FirstLsn
            || recovery.FirstLsn + (ulong)records.Count != recovery.NextLsn)
        {
            throw new InvalidOperationException("The replay is not consecutive from FirstLsn to NextLsn.");
        }

        return new LogBook(wal, recovery, [.. records.Values]);
    }

    /// <summary>Appends each text as a record of one group.</summary>
    public void Write(bool sync, params string[] texts)
    {
        foreach (var text in texts)
        {
            Wal.Append(Encoding.UTF8.GetBytes(text));
        }

        Wal.Commit(sync);
    }
}

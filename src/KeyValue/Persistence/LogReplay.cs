using Trefoil.KeyValue.Store;
using Trefoil.Storage;

namespace Trefoil.KeyValue.Persistence;

/// <summary>Applies the records of a log to a store, as they are read.</summary>
internal sealed class LogReplay(Keyspace keys)
{
    public long Records { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Why the log cannot be used; null while it can.</summary>
    public string? Refusal { get; set; }

    public void Visit(WalStep step, ulong lsn, ReadOnlySpan<byte> record)
    {
        // A reset means that a snapshot covers what came before; a truncation does not occur in this log.
        if (step != WalStep.Record || Refusal is not null)
        {
            return;
        }

        Records++;
        Bytes += record.Length;
        if (!keys.Apply(lsn, record))
        {
            Refusal = $"{KeyStorageOptions.LogDirectory}: the record at LSN {lsn} is of a kind that this version does not know. "
                + "It was written by a newer version: start that one.";
        }
    }
}

using System.Globalization;
using System.Text;
using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <summary>Which primary wrote which part of a log: its epoch records, oldest first (Kafka's leader epochs). Immutable.</summary>
/// <remarks>
/// An epoch is begun once, by one primary, at one place. So two logs that share an entry share every record before it, and of
/// that epoch they share as much as the shorter of the two has. That is how logs are compared without reading them.
/// </remarks>
public sealed class EpochHistory
{
    /// <summary>Entries kept; the oldest go first. A log that is further behind takes a snapshot.</summary>
    public const int MaxEntries = 64;

    /// <summary>A log in which no epoch has begun.</summary>
    public static readonly EpochHistory Empty = new([]);

    private readonly EpochStart[] _entries;

    private EpochHistory(EpochStart[] entries) => _entries = entries;

    /// <summary>The epochs, by ascending <see cref="EpochStart.FirstLsn"/>.</summary>
    public IReadOnlyList<EpochStart> Entries => _entries;

    /// <summary>The history after an epoch record.</summary>
    /// <exception cref="ArgumentException">The record does not lie behind all others.</exception>
    public EpochHistory Append(EpochStart start)
    {
        if (_entries is [.., var last] && start.FirstLsn <= last.FirstLsn)
        {
            throw new ArgumentException($"Epoch {start.Epoch} at {start.FirstLsn} is not behind {last}.", nameof(start));
        }

        return new([.. _entries.Length < MaxEntries ? _entries : _entries[1..], start]);
    }

    /// <summary>The history of the log that ends at <paramref name="lsn"/>.</summary>
    public EpochHistory TruncateAfter(ulong lsn)
    {
        var kept = _entries.Length;
        while (kept > 0 && _entries[kept - 1].FirstLsn > lsn)
        {
            kept--;
        }

        return kept == _entries.Length ? this : new(_entries[..kept]);
    }

    /// <summary>The last LSN up to which two logs are equal, as far as their histories tell.</summary>
    /// <param name="other">The other log's history.</param>
    /// <param name="myLast">Where this log ends.</param>
    /// <param name="otherLast">Where the other log ends.</param>
    /// <returns>0 when one of the logs is empty; null when the histories have nothing in common, which says nothing of the logs.</returns>
    public ulong? CommonPrefix(EpochHistory other, ulong myLast, ulong otherLast)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (mine, theirs) = (_entries.Length - 1, other._entries.Length - 1);
        while (mine >= 0 && theirs >= 0)
        {
            var (left, right) = (_entries[mine], other._entries[theirs]);
            if (left == right && left.FirstLsn <= myLast && left.FirstLsn <= otherLast)
            {
                return Math.Min(EndOf(mine, myLast), other.EndOf(theirs, otherLast));
            }

            // Steps over the later one; over both when the same place was begun by two primaries, or lies beyond an end.
            mine -= left.FirstLsn >= right.FirstLsn ? 1 : 0;
            theirs -= right.FirstLsn >= left.FirstLsn ? 1 : 0;
        }

        return myLast == 0 || otherLast == 0 ? 0 : null;
    }

    /// <summary>The epoch in which the log's end was written; 0 if that was in another cluster, or before any epoch.</summary>
    public ulong LastEpoch(ClusterId cluster) => _entries is [.., var last] && last.Cluster == cluster ? last.Epoch : 0;

    /// <summary>Appends the wire form: a count, then cluster, epoch and first LSN of each.</summary>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Varint((ulong)_entries.Length);
        foreach (var entry in _entries)
        {
            writer.Cluster(entry.Cluster);
            writer.Varint(entry.Epoch);
            writer.Varint(entry.FirstLsn);
        }
    }

    /// <summary>Reads the wire form; what is malformed or out of order fails the reader.</summary>
    public static EpochHistory Read(ref ByteReader reader)
    {
        var entries = new EpochStart[reader.Count(MaxEntries)];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = new(reader.Cluster(), reader.Varint(), reader.Varint());
        }

        if (reader.Failed || !Ascends(entries))
        {
            reader.Fail();
            return Empty;
        }

        return entries.Length == 0 ? Empty : new(entries);
    }

    /// <summary>The text form of the snapshot's aux field <c>trefoil-epochs</c>: <c>cluster:epoch:lsn</c>, separated by commas.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var entry in _entries)
        {
            text.Append(text.Length == 0 ? "" : ",")
                .Append(CultureInfo.InvariantCulture, $"{entry.Cluster}:{entry.Epoch}:{entry.FirstLsn}");
        }

        return text.ToString();
    }

    /// <summary>Reads <see cref="ToString"/>'s form; false when malformed.</summary>
    public static bool TryParse(string text, out EpochHistory history)
    {
        ArgumentNullException.ThrowIfNull(text);
        history = Empty;
        if (text.Length == 0)
        {
            return true;
        }

        var entries = new List<EpochStart>();
        foreach (var part in text.Split(',', MaxEntries + 1))
        {
            // A cluster id has the form of a node id: 32 hex digits, the same two halves.
            if (part.Split(':') is not [var cluster, var epoch, var lsn]
                || !NodeId.TryParse(cluster, out var id)
                || !ulong.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || !ulong.TryParse(lsn, NumberStyles.None, CultureInfo.InvariantCulture, out var first))
            {
                return false;
            }

            entries.Add(new(new ClusterId(id.High, id.Low), number, first));
        }

        EpochStart[] all = [.. entries];
        if (all.Length > MaxEntries || !Ascends(all))
        {
            return false;
        }

        history = new(all);
        return true;
    }

    private ulong EndOf(int entry, ulong last) =>
        entry + 1 < _entries.Length ? Math.Min(last, _entries[entry + 1].FirstLsn - 1) : last;

    private static bool Ascends(EpochStart[] entries)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].FirstLsn <= (i == 0 ? 0 : entries[i - 1].FirstLsn))
            {
                return false;
            }
        }

        return true;
    }
}

using Trefoil.Consensus;
using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Storage;

namespace Trefoil.Simulator;

/// <summary>An entry as an oracle remembers it.</summary>
/// <param name="Term">Its term.</param>
/// <param name="Digest">Of kind and bytes.</param>
/// <param name="Command">The bytes of a command; empty for every other kind, as a delta carries it.</param>
internal readonly record struct ShadowEntry(ulong Term, ulong Digest, ReadOnlyMemory<byte> Command)
{
    public static ShadowEntry Of(StoredEntry entry)
    {
        var digest = Trace.HashOf(entry.Data.Span) ^ ((ulong)entry.Kind << 56);
        return new ShadowEntry(entry.Term, digest, (EntryKind)entry.Kind == EntryKind.Command ? entry.Data : default);
    }
}

/// <summary>What one node's log must hold, kept from the writes that were performed.</summary>
internal sealed class ShadowLog(ClusterId cluster)
{
    private readonly Dictionary<ulong, ShadowEntry> _entries = [];

    public ClusterId Cluster { get; } = cluster;

    /// <summary>Up to here the log is a snapshot.</summary>
    public ulong Base { get; private set; }

    public ulong BaseTerm { get; private set; }

    public ulong Last { get; private set; }

    /// <summary>Highest index already compared with the cluster's history.</summary>
    public ulong Registered { get; set; }

    /// <summary>From here on the node has other entries in mind than these, and has yet to write them.</summary>
    public ulong UnwrittenFrom { get; private set; } = ulong.MaxValue;

    /// <summary>What is about to be written: a process that ends first leaves what was there.</summary>
    public void Expect(List<ControlEffect> effects)
    {
        UnwrittenFrom = ulong.MaxValue;
        foreach (var effect in effects)
        {
            if (effect is ControlEffect.Persist { Write.Entries: [var first, ..] })
            {
                UnwrittenFrom = Math.Min(UnwrittenFrom, first.Index);
            }
        }
    }

    public void Restore(RaftRecovery recovery)
    {
        if (recovery.Snapshot is { } snapshot)
        {
            Reset(snapshot);
        }

        foreach (var entry in recovery.Entries)
        {
            Put(entry);
        }
    }

    public void Write(RaftWrite write)
    {
        UnwrittenFrom = write.Entries.Count > 0 ? ulong.MaxValue : UnwrittenFrom;
        if (write.Snapshot is { } snapshot && write.SnapshotReplacesLog)
        {
            Reset(snapshot);
        }

        foreach (var entry in write.Entries)
        {
            Put(entry);
        }
    }

    public ShadowEntry? Find(ulong index) =>
        index > Base && index <= Last && index < UnwrittenFrom && _entries.TryGetValue(index, out var entry) ? entry : null;

    /// <summary>The term at an index; null when it is not known here.</summary>
    public ulong? TermAt(ulong index) => index == Base ? BaseTerm : Find(index)?.Term;

    private void Reset(StoredSnapshot snapshot)
    {
        _entries.Clear();
        (Base, BaseTerm, Last) = (snapshot.Index, snapshot.Term, snapshot.Index);
    }

    private void Put(StoredEntry entry)
    {
        _entries[entry.Index] = ShadowEntry.Of(entry);
        Last = entry.Index;
    }
}

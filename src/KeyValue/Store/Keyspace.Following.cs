using Trefoil.KeyValue.Effects;
using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>A store that another node's records are applied to.</summary>
public sealed partial class Keyspace
{
    /// <summary>
    /// Another node's records are applied here, and nothing else changes anything: keys do not expire, they only hide. Constant while somebody
    /// holds a slot's lock.
    /// </summary>
    internal bool IsFollowing => Log is { IsFollowing: true };

    /// <summary>From here on nothing is recorded, and nothing changes but by records; returns once every command that runs has ended.</summary>
    /// <remarks>All tables come into being, so that nobody can be working on one whose lock was not taken.</remarks>
    internal void Follow()
    {
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            Table(slot);
        }

        var tables = LockAll();
        Log!.Follow();
        Unlock(tables);
    }

    /// <summary>Returns once every command that is running now has ended.</summary>
    internal void Settle() => CountSettled();

    /// <summary>Makes the next record of another node's log true here and appends it, in one step for whoever takes snapshots.</summary>
    /// <returns>False if it is of a kind that this version does not know: the store may not be used any more.</returns>
    internal bool Append(ulong lsn, ReadOnlySpan<byte> record)
    {
        Log!.CheckNext(lsn);
        if (EpochRecord.TryRead(record, out _, out _))
        {
            Log.AppendShipped(lsn, record);
            return true;
        }

        var effect = new EffectReader(record);
        if (effect.IsClearAll)
        {
            AppendClear(lsn, record);
            return true;
        }

        if (effect.Failed)
        {
            return false;
        }

        lock (Table(effect.Slot))
        {
            if (!Apply(lsn, record))
            {
                return false;
            }

            Log.AppendShipped(lsn, record);
            return true;
        }
    }

    /// <summary>An empty store that notes accesses as this one does, to load something aside.</summary>
    internal Keyspace Another()
    {
        var other = new Keyspace();
        (other.Clock.CountsAccesses, other.Clock.IsUsed) = (Clock.CountsAccesses, Clock.IsUsed);
        (other.Clock.LogFactor, other.Clock.DecayMinutes) = (Clock.LogFactor, Clock.DecayMinutes);
        other.Clock.AdvanceTo(Clock);
        return other;
    }

    /// <summary>Takes the contents of <paramref name="other"/>, which nobody may use afterwards, in the place of its own: all slots at once.</summary>
    internal void Adopt(Keyspace other)
    {
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            if (other.ExistingTable(slot) is not null)
            {
                Table(slot);
            }
        }

        var tables = LockAll();
        foreach (var table in tables)
        {
            table.Become(other.Table(table.Slot));
        }

        Unlock(tables);
    }

    private void AppendClear(ulong lsn, ReadOnlySpan<byte> record)
    {
        var tables = LockAll();
        ClearBefore(lsn);
        Log!.AppendShipped(lsn, record);
        Unlock(tables);
    }

    /// <summary>In slot order.</summary>
    private SlotTable[] LockAll()
    {
        var tables = _tables.OfType<SlotTable>().ToArray();
        foreach (var table in tables)
        {
            Monitor.Enter(table);
        }

        return tables;
    }

    private static void Unlock(SlotTable[] tables)
    {
        foreach (var table in tables)
        {
            Monitor.Exit(table);
        }
    }
}

using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.SlotMigration;

/// <summary>Changes of slots that no client of this node touches: what another node's records say, and emptying. Recorded here as any write.</summary>
/// <remarks>
/// Recording is only right while this node's log is the shard's. While a hand-over is under way (the gate is shut) whoever comes waits, and once
/// another node is the primary nothing happens: what was to be changed belongs to an epoch that is over, and so does the core's interest in it.
/// </remarks>
internal sealed class SlotImport(KeyValueServer server)
{
    /// <summary>Effects that become one record: few enough that commands do not wait long for the log.</summary>
    private const int EffectsPerRecord = 16;

    private const string OutOfMemory = "OOM command not allowed when used memory > 'maxmemory'.";

    /// <summary>How often somebody who waits for the gate looks whether it matters any more.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly CancellationToken _stopping = server.Stopping;

    /// <summary>Makes a record true; null, or why not.</summary>
    public string? Apply(ReadOnlySpan<byte> record)
    {
        var effect = new EffectReader(record);
        if (effect.Failed || effect.IsClearAll)
        {
            return SlotCopy.ExcuseIn(record) ?? Unknown(record);
        }

        if (!server.Memory.TryMakeAllRoom())
        {
            return OutOfMemory;
        }

        var table = server.Store.Table(effect.Slot);
        while (MayChange())
        {
            lock (table)
            {
                if (server.Gate.IsOpen && !server.Store.IsFollowing)
                {
                    return Apply(table, ref effect) ? null : Unknown(record);
                }
            }
        }

        return null;
    }

    /// <summary>Removes all keys of these slots.</summary>
    public void Empty(IReadOnlyList<SlotRange> ranges)
    {
        foreach (var slot in ranges.Slots())
        {
            if (server.Store.ExistingTable(slot) is not { Count: > 0 } table)
            {
                continue;
            }

            for (var isDone = false; !isDone && MayChange();)
            {
                lock (table)
                {
                    isDone = server.Gate.IsOpen && !server.Store.IsFollowing;
                    if (isDone)
                    {
                        table.RemoveAll();
                    }
                }
            }
        }
    }

    /// <summary>Waits at a shut gate; false once there is nothing to wait for: another node is the primary, or the server stops.</summary>
    private bool MayChange()
    {
        while (!server.Gate.IsOpen)
        {
            if (server.Store.IsFollowing || _stopping.IsCancellationRequested)
            {
                return false;
            }

            server.Gate.Changed.Wait(Look);
        }

        return !server.Store.IsFollowing;
    }

    /// <summary>In records of a few effects. A whole value is read before the log is entered: it may be large.</summary>
    private bool Apply(SlotTable table, ref EffectReader effect)
    {
        var log = server.Store.Log!;
        var open = 0;
        try
        {
            while (effect.Next())
            {
                var isWhole = effect.Kind == EffectKind.Restore;
                if (open > 0 && (isWhole || open == EffectsPerRecord))
                {
                    log.Exit();
                    open = 0;
                }

                if (!isWhole && open++ == 0)
                {
                    log.Enter();
                }

                if (!table.Apply(ref effect))
                {
                    return false;
                }
            }
        }
        finally
        {
            if (open > 0)
            {
                log.Exit();
            }
        }

        return !effect.Failed;
    }

    private static string Unknown(ReadOnlySpan<byte> record) =>
        $"ERR The source sent a record of a kind that this version does not know ({record.Length} bytes): update the target first";
}

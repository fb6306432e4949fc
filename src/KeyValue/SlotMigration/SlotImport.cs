using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Server;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.SlotMigration;

/// <summary>Changes of slots that no client of this node touches: what another node's records say, and emptying. Recorded here as any write.</summary>
/// <remarks>
/// Recording is only right while this node's log is the shard's. While a hand-over is under way (the gate is shut) whoever comes waits, and once
/// another node is the primary nothing happens: what was to be changed belongs to an epoch that is over, and so does the core's interest in it.
/// </remarks>
internal sealed class SlotImport(KeyValueServer server)
{
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
                    return table.Import(record) ? null : Unknown(record);
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

    private static string Unknown(ReadOnlySpan<byte> record) =>
        $"ERR The source sent a record of a kind that this version does not know ({record.Length} bytes): update the target first";
}

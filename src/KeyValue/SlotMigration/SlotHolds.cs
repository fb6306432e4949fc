using Trefoil.KeyValue.Blocking;
using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Server;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.SlotMigration;

/// <summary>The slots whose commands wait because their owner is about to change: frozen at the source, parked at the target. Thread-safe.</summary>
/// <remarks>
/// A frozen slot is owned here: its table says so, under its lock, and nothing that is in it changes. A parked one is not: who would be sent to the
/// source waits instead. What touches all slots (FLUSHALL) waits for both, under a lock of its own that is taken before those of slots: so it runs
/// before a freeze or after a thaw. Commands pay nothing for this: the table's flag is one that they ask anyway.
/// </remarks>
internal sealed class SlotHolds(KeyValueServer server)
{
    private readonly ParkedCommands _waiting = new();

    /// <summary>Guards <see cref="_isParked"/> against who looks whether to wait.</summary>
    private readonly Lock _parking = new();

    private readonly bool[] _isParked = new bool[HashSlot.Count];
    private int _frozen;
    private int _parked;

    /// <summary>Held while slots are frozen or thawed, and by whatever changes all slots at once. Taken before any slot's lock.</summary>
    public Lock AllSlots { get; } = new();

    /// <summary>Whether a slot is frozen or parked.</summary>
    public bool Any => Volatile.Read(ref _frozen) + Volatile.Read(ref _parked) > 0;

    /// <summary>Whether a slot is frozen: then memory that is in it cannot be got.</summary>
    public bool AnyFrozen => Volatile.Read(ref _frozen) > 0;

    /// <summary>
    /// Holds commands on these slots, which end first if they run. False, and nothing is held, while keys of them are on their way elsewhere
    /// (MIGRATE). Nobody who has watched a key of them can go on: the key will be another node's.
    /// </summary>
    public bool TryFreeze(IReadOnlyList<SlotRange> ranges)
    {
        lock (AllSlots)
        {
            if (server.Migrations.InFlight.AnyIn(ranges))
            {
                return false;
            }

            Mark(ranges, isHeld: true);

            // Again, now that no MIGRATE can begin.
            if (!server.Migrations.InFlight.AnyIn(ranges))
            {
                return true;
            }

            Mark(ranges, isHeld: false);
        }

        _waiting.Release();
        return false;
    }

    /// <summary>Commands on these slots look again. Those that are not frozen stay as they are.</summary>
    public void Thaw(IReadOnlyList<SlotRange> ranges)
    {
        lock (AllSlots)
        {
            Mark(ranges, isHeld: false);
        }

        _waiting.Release();
    }

    /// <summary>Commands on these slots wait instead of being sent to their owner, or look again.</summary>
    public void Park(IReadOnlyList<SlotRange> ranges, bool on)
    {
        lock (AllSlots)
        {
            lock (_parking)
            {
                foreach (var slot in ranges.Slots())
                {
                    _parked += on == _isParked[slot] ? 0 : on ? 1 : -1;
                    _isParked[slot] = on;
                }
            }
        }

        if (!on)
        {
            _waiting.Release();
        }
    }

    /// <summary>Nothing is frozen or parked any more.</summary>
    public void ReleaseAll()
    {
        SlotRange[] all = [new(0, HashSlot.Count - 1)];
        if (AnyFrozen)
        {
            Thaw(all);
        }

        Park(all, on: false);
    }

    /// <summary>
    /// Runs a command that reads or changes keys without naming one. A change waits while a slot is on its way to another node: then false, as after
    /// <see cref="Wait"/>.
    /// </summary>
    public bool TryRunOnAll(CommandContext context, CommandSpec spec)
    {
        if (!spec.Has(CommandFlags.Write))
        {
            spec.Handler!(context);
            return true;
        }

        lock (AllSlots)
        {
            if (Any)
            {
                Wait(context);
                return false;
            }

            spec.Handler!(context);
            return true;
        }
    }

    /// <summary>Any thread, without a lock: whether a command on a slot that this node does not own has to wait; then as <see cref="Wait"/>.</summary>
    public bool IsParked(CommandContext context, int slot)
    {
        if (Volatile.Read(ref _parked) == 0)
        {
            return false;
        }

        lock (_parking)
        {
            if (_isParked[slot])
            {
                Wait(context);
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The command has to wait, or has waited long enough: <see cref="CommandContext.Parked"/> is set, or the error is written. Asked under the lock
    /// under which the hold was seen, so that its end is not missed.
    /// </summary>
    public void Wait(CommandContext context)
    {
        context.Parked = _waiting.Park(context.Client, server.Time);
        if (context.Parked is null)
        {
            context.Reply.Error("CLUSTERDOWN The cluster is down"u8);
        }
    }

    /// <summary>Now and then.</summary>
    public void Tick(long now) => _waiting.Tick(now);

    private void Mark(IReadOnlyList<SlotRange> ranges, bool isHeld)
    {
        foreach (var slot in ranges.Slots())
        {
            var table = server.Store.Table(slot);
            lock (table)
            {
                if (table.IsHeld == isHeld)
                {
                    continue;
                }

                table.IsHeld = isHeld;
                Interlocked.Add(ref _frozen, isHeld ? 1 : -1);
                if (isHeld)
                {
                    table.AbortWatches();
                }
                else
                {
                    ServeReady(table);
                }
            }
        }
    }

    /// <summary>What became ready just before the freeze and was not served; at a shut gate it stays so.</summary>
    private void ServeReady(Store.SlotTable table)
    {
        var term = server.Gate.Term;
        if (server.Gate.MayRun && server.View.Owns(table.Slot))
        {
            ReadyKeys.Serve(server, table, term);
        }
    }
}

using System.Globalization;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Commands.Transactions;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Commands;

/// <summary>Which node serves a command's keys: Redis' getNodeByQuery, in two steps.</summary>
/// <remarks>
/// <see cref="Route"/> asks the map, without a lock. <see cref="Admit"/> looks again under the slot's lock, only if the slot may be moving: a key
/// that was there when its command was routed may have been taken by MIGRATE before it runs.
/// </remarks>
internal sealed class Router(KeyValueServer server)
{
    /// <summary>The command has no key.</summary>
    public const int Keyless = -1;

    /// <summary>The error is written, or the command waits (<see cref="CommandContext.Parked"/>).</summary>
    public const int Refused = -2;

    /// <summary>The slot of the command's keys if this node serves it, <see cref="Keyless"/>, or <see cref="Refused"/> with the error written.</summary>
    public int Route(CommandContext context, CommandSpec spec, ClusterView view)
    {
        if (spec.KeySpecs.Count == 0)
        {
            return Keyless;
        }

        int slot;
        if (spec.Keys.First >= context.Count)
        {
            return Keyless;
        }

        if (spec.Keys.First == 0 || spec.Has(CommandFlags.MovableKeys))
        {
            slot = SlotOfFoundKeys(context, spec, view);
        }
        else
        {
            slot = HashSlot.Of(context[spec.Keys.First]);
            var last = spec.Keys.Last < 0 ? context.Count + spec.Keys.Last : spec.Keys.Last;
            if (last > spec.Keys.First)
            {
                for (var at = spec.Keys.First + spec.Keys.Step; at <= last && at < context.Count; at += spec.Keys.Step)
                {
                    if (HashSlot.Of(context[at]) != slot)
                    {
                        return CrossSlot(context, slot, view);
                    }
                }
            }
        }

        return slot < 0 || (view.Owns(slot) && view.IsUp) ? slot : Redirect(context, spec.Flags, slot, view, IsMigrate(spec));
    }

    /// <summary>As <see cref="Route"/> for all that a transaction has queued: one slot, served here.</summary>
    public int RouteAll(CommandContext context, Transaction transaction)
    {
        var view = server.View;
        var slot = Keyless;
        var flags = CommandFlags.None;
        foreach (var command in transaction.Commands)
        {
            flags |= command.Spec.Flags & ~CommandFlags.Asking;
            if (command.Slot >= 0 && slot >= 0 && command.Slot != slot)
            {
                return CrossSlot(context, slot, view);
            }

            slot = Math.Max(slot, command.Slot);
        }

        return slot < 0 || (view.Owns(slot) && view.IsUp) ? slot : Redirect(context, flags, slot, view);
    }

    /// <summary>
    /// Under the slot's lock, where the slot may be open or about to change its owner: true if the command may run now and here, else the
    /// error is written, or the command waits. What decides (owner, marks, presence of keys, fence, freeze) cannot change before the lock is given back.
    /// </summary>
    public bool Admit(CommandContext context, CommandSpec spec, SlotTable table)
    {
        var view = server.View;
        if (Route(context, spec, view) == Refused)
        {
            return false;
        }

        if (table.IsHeld)
        {
            server.Holds.Wait(context);
            return false;
        }

        if (view.MarkOf(context.Slot) is { } mark && !IsMigrate(spec) && !spec.Has(CommandFlags.PubSub))
        {
            var found = default(KeyPresence);
            Look(context, spec, table, ref found);
            if (!AdmitMarked(context, mark, view, found))
            {
                return false;
            }
        }

        return !table.IsFenced || spec.Has(CommandFlags.PubSub) || Fenced(context, context.Slot);
    }

    /// <summary>As <see cref="Admit"/> for what is left of a transaction.</summary>
    public bool AdmitAll(CommandContext context, TransactionRun run, SlotTable table)
    {
        var view = server.View;
        if (!(view.Owns(run.Slot) && view.IsUp)
            && Redirect(context, run.Writes ? CommandFlags.Write : CommandFlags.None, run.Slot, view) == Refused)
        {
            return false;
        }

        if (table.IsHeld)
        {
            server.Holds.Wait(context);
            return false;
        }

        if (view.MarkOf(run.Slot) is { } mark)
        {
            var found = default(KeyPresence);
            foreach (var command in run.Commands.Skip(run.Next).Where(command => command.Slot >= 0))
            {
                context.Take(command);
                Look(context, command.Spec, table, ref found);
            }

            if (!AdmitMarked(context, mark, view, found))
            {
                return false;
            }
        }

        return !table.IsFenced || Fenced(context, run.Slot);
    }

    /// <summary>The error that sends on whoever has waited for a key of this slot; null while this node serves it.</summary>
    public static string? Redirection(int slot, ClusterView view)
    {
        if (!view.IsUp)
        {
            return "CLUSTERDOWN The cluster is down";
        }

        return view.Serves(slot) ? null
            : view.Topology.OwnerOf(slot) is { } owner ? Redirection("MOVED", slot, owner)
            : "CLUSTERDOWN Hash slot not served";
    }

    /// <summary>Reads too: the next owner may have been written to before this node hears that it is one.</summary>
    private static bool Fenced(CommandContext context, int slot)
    {
        context.Reply.Error(string.Create(CultureInfo.InvariantCulture, $"TRYAGAIN Hash slot {slot} is changing its owner"));
        return false;
    }

    private static int SlotOfFoundKeys(CommandContext context, CommandSpec spec, ClusterView view)
    {
        var keys = context.Keys;
        keys.Clear();
        if (!KeyExtractor.TryFind(spec, context, 0, keys) || keys.Count == 0)
        {
            // Malformed, or a key count of zero: the handler says what is wrong, as in Redis.
            return Keyless;
        }

        var slot = HashSlot.Of(context[keys[0].Position]);
        foreach (var (position, _) in keys)
        {
            if (HashSlot.Of(context[position]) != slot)
            {
                return CrossSlot(context, slot, view);
            }
        }

        return slot;
    }

    /// <summary>An unassigned first slot comes before the complaint about several, as in getNodeByQuery.</summary>
    private static int CrossSlot(CommandContext context, int first, ClusterView view)
    {
        context.Reply.Error(view.Topology.OwnerOf(first) is null
            ? "CLUSTERDOWN Hash slot not served"u8
            : "CROSSSLOT Keys in request don't hash to the same slot"u8);
        return Refused;
    }

    private int Redirect(CommandContext context, CommandFlags flags, int slot, ClusterView view, bool isMigrate = false)
    {
        var owner = view.Topology.OwnerOf(slot);
        if (owner is null)
        {
            context.Reply.Error("CLUSTERDOWN Hash slot not served"u8);
            return Refused;
        }

        if (!view.IsUp)
        {
            if (!server.Settings.AllowReadsWhenDown)
            {
                context.Reply.Error("CLUSTERDOWN The cluster is down"u8);
                return Refused;
            }

            if ((flags & CommandFlags.Write) != 0)
            {
                context.Reply.Error("CLUSTERDOWN The cluster is down and only accepts read commands"u8);
                return Refused;
            }

            if (view.Owns(slot))
            {
                return slot;
            }
        }

        var asking = context.Client.Asking || (flags & CommandFlags.Asking) != 0;
        if ((asking || isMigrate) && view.MarkOf(slot) is { Kind: SlotMarkKind.Importing })
        {
            return slot;
        }

        if (MayReadCopy(context, flags, owner, view))
        {
            return slot;
        }

        return !view.Owns(slot) && server.Holds.IsParked(context, slot) ? Refused : RedirectTo("MOVED", context, slot, owner);
    }

    /// <summary>
    /// READONLY was said, and this node has a whole copy of what the slot's owner has: until it has caught up, and while a snapshot is installed, what
    /// is here is no state that ever was. Subscribers of shard channels belong to the owner, where messages arrive.
    /// </summary>
    private bool MayReadCopy(CommandContext context, CommandFlags flags, NodeRecord owner, ClusterView view) =>
        context.Client.ReadOnly && (flags & (CommandFlags.Write | CommandFlags.PubSub)) == 0 && owner.Id == view.Primary && view.IsInSet
        && server.Replication.Status is { Consistent: true };

    private static int RedirectTo(string kind, CommandContext context, int slot, NodeRecord node)
    {
        context.Reply.Error(Redirection(kind, slot, node));
        return Refused;
    }

    private static string Redirection(string kind, int slot, NodeRecord node) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind} {slot} {node.Endpoints.Host}:{node.Endpoints.RespPort}");

    /// <summary>Looks whether the command's keys are here, under the lock under which it then runs.</summary>
    private static void Look(CommandContext context, CommandSpec spec, SlotTable table, ref KeyPresence found)
    {
        var keys = context.Keys;
        keys.Clear();
        KeyExtractor.TryFind(spec, context, 0, keys);
        foreach (var (position, _) in keys)
        {
            found.Add(context[position], table.Contains(context[position], context.NowMs));
        }
    }

    /// <summary>Presence decides: all here or none, else the client has to try again; an importing slot takes a single new key.</summary>
    private static bool AdmitMarked(CommandContext context, SlotMark mark, ClusterView view, in KeyPresence found)
    {
        if (found.Missing == 0 || (mark.Kind == SlotMarkKind.Importing && !found.AreSeveral))
        {
            return true;
        }

        if (mark.Kind == SlotMarkKind.Migrating && found.Missing == found.Count && view.Topology.Find(mark.Peer) is { } peer)
        {
            RedirectTo("ASK", context, mark.Slot, peer);
        }
        else
        {
            context.Reply.Error("TRYAGAIN Multiple keys request during rehashing of slot"u8);
        }

        return false;
    }

    /// <summary>MIGRATE moves keys between the two ends of an open slot: it always works on what is here.</summary>
    private static bool IsMigrate(CommandSpec spec) => spec.Name == "migrate";

    /// <summary>Which keys of a request are here.</summary>
    private struct KeyPresence
    {
        private byte[]? _first;

        public int Count { get; private set; }

        public int Missing { get; private set; }

        /// <summary>There are different keys.</summary>
        public bool AreSeveral { get; private set; }

        public void Add(ReadOnlySpan<byte> key, bool isHere)
        {
            Count++;
            Missing += isHere ? 0 : 1;
            _first ??= key.ToArray();
            AreSeveral |= !key.SequenceEqual(_first);
        }
    }
}

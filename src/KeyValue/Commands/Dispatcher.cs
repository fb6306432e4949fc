using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Server;
using Trefoil.Primitives;

namespace Trefoil.KeyValue.Commands;

/// <summary>From arguments to handler: lookup → arity → authentication → slot → owner → run under the slot's lock. Redis' processCommand.</summary>
internal sealed class Dispatcher(KeyValueServer server)
{
    private const int Keyless = -1;
    private const int Refused = -2;

    private readonly CommandTable _table = server.Table;
    private readonly List<(int Position, KeySpecification Specification)> _keys = [];

    public void Run(CommandContext context)
    {
        var mark = context.Reply.Length;
        var spec = Find(context);
        if (spec is null || Refuse(context, spec) || (context.Slot = Route(context, spec)) == Refused)
        {
            server.Statistics.Rejected(spec, context.Reply, mark);
            return;
        }

        context.Command = spec;
        context.Client.LastCommand = spec;
        if (context.Slot >= 0)
        {
            var table = context.Store.Table(context.Slot);
            lock (table)
            {
                // Again under the lock: who refuses writes and then counts the keys lock by lock must see them all.
                if (!RefuseWrite(context, spec))
                {
                    Handle(context, spec);
                }

                context.Client.DependsOn(table.LastLsn);
            }
        }
        else
        {
            spec.Handler!(context);
            context.Client.DependsOn(spec.Has(CommandFlags.Write) ? context.Store.LastLsn : 0);
        }

        // One reading of the clock per command: where one ends the next begins, so a command's time includes its parsing.
        var now = server.Time.GetTimestamp();
        server.Statistics.Ran(spec, context.Reply, mark, now - context.StartedTicks);
        context.StartedTicks = now;
        if (spec.Name != "asking")
        {
            context.Client.Asking = false;
        }
    }

    /// <summary>What a command changes is one record of the log, so that a crash keeps all of it or nothing.</summary>
    private static void Handle(CommandContext context, CommandSpec spec)
    {
        var log = spec.Has(CommandFlags.Write) ? context.Store.Log : null;
        log?.Enter();
        try
        {
            spec.Handler!(context);
        }
        finally
        {
            log?.Exit();
        }
    }

    private CommandSpec? Find(CommandContext context)
    {
        var spec = _table.Find(context[0]);
        if (spec is null)
        {
            context.Reply.Error(Unknown(context));
            return null;
        }

        if (spec.Subcommands.Count == 0 || context.Count == 1)
        {
            return spec;
        }

        var child = CommandTable.Find(spec, context[1]);
        if (child is null)
        {
            var name = Encoding.Latin1.GetString(Clip(context[1]));
            context.Reply.Error(Encoding.Latin1.GetBytes($"ERR unknown subcommand '{name}'. Try {spec.Name.ToUpperInvariant()} HELP."));
        }

        return child;
    }

    /// <summary>Arity, a missing AUTH, a write while this node is offered to another cluster.</summary>
    private bool Refuse(CommandContext context, CommandSpec spec)
    {
        if (!spec.AcceptsArity(context.Count) || spec.Handler is null)
        {
            context.Reply.Error($"ERR wrong number of arguments for '{spec.Name}' command");
            return true;
        }

        if (!context.Client.Authenticated && server.Settings.Password.Length > 0 && !spec.Has(CommandFlags.NoAuth))
        {
            context.Reply.Error("NOAUTH Authentication required."u8);
            return true;
        }

        return RefuseWrite(context, spec);
    }

    private bool RefuseWrite(CommandContext context, CommandSpec spec)
    {
        if (!spec.Has(CommandFlags.Write) || server.Cluster.AcceptsWrites)
        {
            return false;
        }

        context.Reply.Error(server.Cluster.RefusalReason ?? "CLUSTERDOWN The cluster is down");
        return true;
    }

    /// <summary>The slot of the command's keys if this node serves it, <see cref="Keyless"/>, or <see cref="Refused"/> with the error written.</summary>
    private int Route(CommandContext context, CommandSpec spec)
    {
        if (spec.KeySpecs.Count == 0)
        {
            return Keyless;
        }

        var view = server.View;
        int slot;
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

        return slot < 0 || (view.Owns(slot) && view.IsUp) ? slot : Redirect(context, spec, slot, view);
    }

    private int SlotOfFoundKeys(CommandContext context, CommandSpec spec, ClusterView view)
    {
        _keys.Clear();
        if (!KeyExtractor.TryFind(spec, context, 0, _keys) || _keys.Count == 0)
        {
            // Malformed, or a key count of zero: the handler says what is wrong, as in Redis.
            return Keyless;
        }

        var slot = HashSlot.Of(context[_keys[0].Position]);
        foreach (var (position, _) in _keys)
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

    private int Redirect(CommandContext context, CommandSpec spec, int slot, ClusterView view)
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

            if (spec.Has(CommandFlags.Write))
            {
                context.Reply.Error("CLUSTERDOWN The cluster is down and only accepts read commands"u8);
                return Refused;
            }

            if (view.Owns(slot))
            {
                return slot;
            }
        }

        context.Reply.Error(string.Create(CultureInfo.InvariantCulture, $"MOVED {slot} {owner.Endpoints.Host}:{owner.Endpoints.RespPort}"));
        return Refused;
    }

    private static byte[] Unknown(CommandContext context)
    {
        var text = new StringBuilder($"ERR unknown command '{Encoding.Latin1.GetString(Clip(context[0]))}', with args beginning with: ");
        var used = 0;
        for (var i = 1; i < context.Count && used < 128; i++)
        {
            var argument = context[i];
            var shown = Encoding.Latin1.GetString(argument[..Math.Min(argument.Length, 128 - used)]);
            text.Append('\'').Append(shown).Append("' ");
            used += shown.Length + 3;
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private static ReadOnlySpan<byte> Clip(ReadOnlySpan<byte> name) => name.Length > 128 ? name[..128] : name;
}

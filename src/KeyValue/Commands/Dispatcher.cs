using System.Text;
using Trefoil.KeyValue.Blocking;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Commands.Session;
using Trefoil.KeyValue.Commands.Transactions;
using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Commands;

/// <summary>From arguments to handler: lookup → arity → authentication → slot → owner → run under the slot's lock. Redis' processCommand.</summary>
internal sealed class Dispatcher
{
    private readonly KeyValueServer _server;
    private readonly CommandTable _table;
    private readonly Router _router;
    private readonly Admission _admission;
    private readonly CopyRules _copies;

    public Dispatcher(KeyValueServer server)
    {
        _server = server;
        _table = server.Table;
        _router = new Router(server);
        _admission = new Admission(server);
        Transactions = new TransactionRunner(server, _router, _admission, this);
        _copies = new CopyRules(server);
    }

    /// <summary>MULTI and EXEC.</summary>
    public TransactionRunner Transactions { get; }

    public void Run(CommandContext context)
    {
        var mark = context.Reply.Length;
        var view = _server.View;
        var spec = Find(context);
        if (spec is null || Refuse(context, spec) || (context.Slot = _router.Route(context, spec, view)) == Router.Refused
            || (_server.Memory.IsExceeded && RefuseGrowth(context, spec)) || _copies.Refuse(context, spec, view)
            || !MayQueue(context, spec, view) || RefuseListener(context, spec))
        {
            if (context.Parked is not null)
            {
                return;
            }

            AbortTransaction(context, spec, mark);
            _server.Statistics.Rejected(spec, context.Reply, mark);
            EndAsking(context, spec);
            return;
        }

        if (_server.Pause.IsOn && _server.Pause.Obstacle(context, spec) is { } pause)
        {
            context.Parked = pause;
            return;
        }

        context.Command = spec;
        context.Client.LastCommand = spec;
        if (context.Client.Transaction is not null && !TransactionCommands.IsImmediate(spec))
        {
            Transactions.Queue(context, spec);
            return;
        }

        // EXEC leaves the arguments of its last command behind.
        var name = _server.Monitors.Any && spec.Name == "exec" ? context[0].ToArray() : [];
        var ran = context.Slot < 0 ? RunKeyless(context, spec) : RunInSlot(context, spec, view);
        if (context.Parked is not null)
        {
            return; // It comes again, as if it had not been here: ASKING still holds.
        }

        // One reading of the clock per command: where one ends the next begins, so a command's time includes its parsing.
        var now = _server.Time.GetTimestamp();
        if (ran)
        {
            Tell(context, spec, name);
            Note(context, spec, mark, now - context.StartedTicks);
        }
        else
        {
            _server.Statistics.Rejected(spec, context.Reply, mark);
        }

        context.StartedTicks = now;
        EndAsking(context, spec);
    }

    /// <summary>In a transaction the keys of an open slot are looked at when a command is queued, and again at EXEC.</summary>
    private bool MayQueue(CommandContext context, CommandSpec spec, ClusterView view)
    {
        if (context.Client.Transaction is null || !view.HasMarks || context.Slot < 0)
        {
            return true;
        }

        var table = context.Store.Table(context.Slot);
        lock (table)
        {
            if (_router.Admit(context, spec, table))
            {
                return true;
            }

            context.Client.DependsOn(table.LastLsn, context.Parked is null ? _server.Gate.Term : 0);
            return false;
        }
    }

    private bool RunKeyless(CommandContext context, CommandSpec spec)
    {
        if (_server.Migrations.InFlight.Any && IsParked(context, spec))
        {
            return false;
        }

        if (!spec.Has(CommandFlags.Write | CommandFlags.ReadOnly))
        {
            spec.Handler!(context);
            return true;
        }

        if (!_admission.TryPass(context, spec, out var term) || !_server.Holds.TryRunOnAll(context, spec))
        {
            return false;
        }

        context.Client.DependsOn(context.Store.LastLsn, term);
        return true;
    }

    /// <summary>Runs under the slot's lock; false, with the error written, if the slot turned out to be no longer served as it was routed.</summary>
    private bool RunInSlot(CommandContext context, CommandSpec spec, ClusterView view)
    {
        var table = context.Store.Table(context.Slot);
        lock (table)
        {
            if (_server.Migrations.InFlight.Any && IsParked(context, spec))
            {
                return false;
            }

            if (!_admission.TryPass(context, spec, out var term))
            {
                return false;
            }

            // Slots that move, and a view that grew old while this command waited for the lock: almost never.
            if ((view.HasMarks || table.IsBarred || !_server.IsCurrent(view)) && !_router.Admit(context, spec, table))
            {
                if (context.Parked is null)
                {
                    // ASK says that the key is not here: not before it is certain that it stays away.
                    context.Client.DependsOn(table.LastLsn, term);
                }

                return false;
            }

            table.IsUntouched = LeavesNoTrace(context, spec);

            // Again under the lock: who refuses writes and then counts the keys lock by lock must see them all.
            if (!RefuseWrite(context, spec))
            {
                Handle(context, spec);
                ReadyKeys.Serve(_server, table, term);
            }

            context.Client.DependsOn(table.LastLsn, term);
            return true;
        }
    }

    /// <summary>CLIENT NO-TOUCH: what this client reads does not count as used, unless it says TOUCH.</summary>
    private static bool LeavesNoTrace(CommandContext context, CommandSpec spec) => context.Client.NoTouch && spec.Name != "touch";

    /// <summary>Keys on their way to another node may be neither read nor changed until it is known where they are.</summary>
    private bool IsParked(CommandContext context, CommandSpec spec)
    {
        context.Parked = _server.Migrations.InFlight.Obstacle(context, spec);
        return context.Parked is not null;
    }

    /// <summary>Runs a queued command whose lock, if it needs one, is held.</summary>
    public void RunQueued(CommandContext context, CommandSpec spec)
    {
        var mark = context.Reply.Length;
        if (context.Slot >= 0)
        {
            context.Store.Table(context.Slot).IsUntouched = LeavesNoTrace(context, spec);
        }

        spec.Handler!(context);
        Tell(context, spec);
        var now = _server.Time.GetTimestamp();
        Note(context, spec, mark, now - context.StartedTicks);
        context.StartedTicks = now;
    }

    private void Note(CommandContext context, CommandSpec spec, int mark, long ticks)
    {
        _server.Statistics.Ran(spec, context.Reply, mark, ticks);
        if (ticks >= _server.SlowTicks)
        {
            _server.NoteSlow(context, spec, ticks);
        }
    }

    /// <summary>What cannot be queued, or an EXEC that cannot run, makes the transaction void.</summary>
    private void AbortTransaction(CommandContext context, CommandSpec? spec, int mark)
    {
        if (spec?.Name == "exec")
        {
            var reason = Encoding.Latin1.GetString(context.Reply.Written[(mark + 1)..]).TrimEnd();
            context.Reply.Truncate(mark);
            context.Reply.Error($"EXECABORT Transaction discarded because of: {(reason.StartsWith("ERR ", StringComparison.Ordinal) ? reason[4..] : reason)}");
            context.Client.Transaction = null;
            context.Client.DropWatches();
            Tell(context, spec);
        }
        else if (context.Client.Transaction is { } transaction)
        {
            transaction.IsAborted = true;
        }
    }

    /// <summary>ASKING holds for one command, whatever became of it; before MULTI for the whole transaction.</summary>
    private static void EndAsking(CommandContext context, CommandSpec? spec)
    {
        if (context.Client.Asking && context.Client.Transaction is null && spec?.Name != "asking")
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

        if (log is not null)
        {
            context.Client.WrittenLsn = context.Store.Table(context.Slot).LastLsn;
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
            if (_table.FindUnserved(Encoding.Latin1.GetBytes($"{spec.Name}|{name}")) is { } unserved && Unserved.Reason(unserved) is { } reason)
            {
                context.Reply.Error(Encoding.Latin1.GetBytes($"ERR unknown subcommand '{name}' of {spec.Name.ToUpperInvariant()}: {reason}"));
                return null;
            }

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

        if (!context.Client.Authenticated && _server.Settings.Password.Length > 0 && !spec.Has(CommandFlags.NoAuth))
        {
            context.Reply.Error("NOAUTH Authentication required."u8);
            return true;
        }

        if (context.Client.Transaction is not null && spec.Has(CommandFlags.NoMulti))
        {
            context.Reply.Error("ERR Command not allowed inside a transaction"u8);
            return true;
        }

        return RefuseWrite(context, spec);
    }

    private void Tell(CommandContext context, CommandSpec spec, ReadOnlySpan<byte> name = default)
    {
        if (_server.Monitors.Any)
        {
            _server.Monitors.Tell(context, spec, name);
        }
    }

    /// <summary>In RESP2 a subscriber's replies and messages cannot be told apart, so it may only speak of subscriptions; a monitor may not touch keys.</summary>
    private static bool RefuseListener(CommandContext context, CommandSpec spec)
    {
        if (context.Client.IsMonitor && (spec.IsReplicated || spec.Has(CommandFlags.ReadOnly)))
        {
            context.Reply.Error("ERR Replica can't interact with the keyspace"u8);
            return true;
        }

        if (!context.Client.IsSubscribed || context.Reply.Protocol == 3 || PubSubCommands.MaySubscriberSay(spec))
        {
            return false;
        }

        context.Reply.Error($"ERR Can't execute '{spec.Name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context");
        return true;
    }

    private bool RefuseWrite(CommandContext context, CommandSpec spec)
    {
        if (!spec.Has(CommandFlags.Write) || _server.Cluster.AcceptsWrites)
        {
            return false;
        }

        context.Reply.Error(_server.Cluster.RefusalReason ?? "CLUSTERDOWN The cluster is down");
        return true;
    }

    /// <summary>
    /// Memory is full: makes room, and if that does not help refuses what may grow. After MULTI that is every command, as in Redis: what EXEC
    /// would need is not known yet.
    /// </summary>
    private bool RefuseGrowth(CommandContext context, CommandSpec spec)
    {
        if (_server.Memory.TryMakeRoom())
        {
            return false;
        }

        var transaction = context.Client.Transaction;
        var grows = spec.Has(CommandFlags.DenyOom)
            || (transaction is not null && (spec.Name == "exec" ? transaction.Grows : spec.Name is not ("discard" or "quit" or "reset")));
        if (grows)
        {
            context.Reply.Error("OOM command not allowed when used memory > 'maxmemory'."u8);
        }

        return grows;
    }

    private byte[] Unknown(CommandContext context)
    {
        if (_table.FindUnserved(context[0]) is { } unserved && Unserved.Reason(unserved) is { } reason)
        {
            return Encoding.Latin1.GetBytes($"ERR unknown command '{Encoding.Latin1.GetString(Clip(context[0]))}': {reason}");
        }

        var text = new StringBuilder($"ERR unknown command '{Encoding.Latin1.GetString(Clip(context[0]))}', with args beginning with: ");
        var used = 0;
        for (var i = 1; i < context.Count && used < 128; i++)
        {
            var argument = Clip(context[i]);
            var shown = Encoding.Latin1.GetString(argument[..Math.Min(argument.Length, 128 - used)]);
            text.Append('\'').Append(shown).Append("' ");
            used += shown.Length + 3;
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <summary>What Redis quotes of an argument: 128 bytes at most, and none from a zero byte on.</summary>
    private static ReadOnlySpan<byte> Clip(ReadOnlySpan<byte> argument)
    {
        argument = argument.Length > 128 ? argument[..128] : argument;
        var end = argument.IndexOf((byte)0);
        return end < 0 ? argument : argument[..end];
    }
}

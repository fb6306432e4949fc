using Trefoil.KeyValue.Blocking;
using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.SlotMigration;
using Trefoil.KeyValue.Store;

namespace Trefoil.KeyValue.Commands.Transactions;

/// <summary>Queues what follows MULTI, and runs it at EXEC.</summary>
/// <remarks>
/// Keys of one transaction are in one slot, as in Redis Cluster: neighbouring commands with keys run under one hold of its lock and are one
/// record of the log. Commands without keys run between, without the lock (some take the locks of other slots, some wait for consensus).
/// While one waits, other clients go on; the rest of the transaction is then admitted to the slot anew.
/// </remarks>
internal sealed class TransactionRunner(KeyValueServer server, Router router, Admission admission, Dispatcher dispatcher)
{
    /// <summary>Queues the command in the context, which was found to be served here.</summary>
    public void Queue(CommandContext context, CommandSpec spec)
    {
        var transaction = context.Client.Transaction!;
        if (!transaction.IsAborted && !context.Client.HasBrokenWatch)
        {
            // Of a transaction that is void already no more is kept, as in Redis, where this shows: what was kept must be of one slot.
            transaction.Add(context.Keep(spec));
        }

        if (transaction.Bytes > server.Settings.Limits.MaxQueryBuffer)
        {
            server.Statistics.QueryBufferLimitDisconnections++;
            context.Client.Abort();
        }

        context.Reply.Simple("QUEUED"u8);
    }

    public void Exec(CommandContext context)
    {
        var client = context.Client;
        var transaction = client.Transaction;
        client.Transaction = null;
        if (transaction is null)
        {
            context.Reply.Error("ERR EXEC without MULTI"u8);
            return;
        }

        // As in Redis a transaction that must not run here says so first, whatever else is wrong with it.
        var slot = router.RouteAll(context, transaction);
        if (slot != Router.Refused && transaction.IsAborted)
        {
            context.Reply.Error("EXECABORT Transaction discarded because of previous errors."u8);
        }
        else if (slot != Router.Refused)
        {
            Start(context, new TransactionRun(transaction, slot));
        }

        if (context.Parked is not null)
        {
            client.Transaction = transaction;
            return;
        }

        if (client.Running is null)
        {
            client.DropWatches();
        }
    }

    /// <summary>Runs commands until none is left or one is deferred; to be called again once that one's work is done.</summary>
    public void Continue(CommandContext context)
    {
        var run = context.Client.Running!;
        context.Deferred = null;
        while (!run.IsDone)
        {
            if (run.Commands[run.Next].Slot >= 0)
            {
                RunInSlot(context, run);
            }
            else if (Obstacle(context, run) is { } landing)
            {
                context.Deferred = new ValueTask(landing);
            }
            else
            {
                RunKeyless(context, run);
            }

            if (context.Deferred is not null)
            {
                return;
            }
        }

        context.Client.Running = null;
        context.Client.DropWatches();
        ServeReady(run);
    }

    /// <summary>A transaction that ended without the lock: what it put into keys goes to those who wait now, as none of it was to be seen before.</summary>
    private void ServeReady(TransactionRun run)
    {
        if (run.Slot >= 0 && server.Store.Table(run.Slot) is { HasReadyKeys: true } table)
        {
            lock (table)
            {
                // At a shut gate they stay ready: whoever next has the lock serves them.
                var term = server.Gate.Term;
                if (server.Gate.MayRun)
                {
                    ReadyKeys.Serve(server, table, term);
                }
            }
        }
    }

    /// <summary>A command without keys; deferred while the gate is shut, if it looks at keys all the same.</summary>
    private void RunKeyless(CommandContext context, TransactionRun run)
    {
        var spec = run.Commands[run.Next].Spec;
        if (!spec.Has(CommandFlags.Write | CommandFlags.ReadOnly))
        {
            RunNext(context, run);
        }
        else if (TryPass(context, run, out var term))
        {
            if (spec.Has(CommandFlags.Write))
            {
                RunOnAllSlots(context, run);
            }
            else
            {
                RunNext(context, run);
            }

            context.Client.DependsOn(context.Store.LastLsn, term);
        }
    }

    /// <summary>As <see cref="SlotHolds.TryRunOnAll"/>.</summary>
    private void RunOnAllSlots(CommandContext context, TransactionRun run)
    {
        lock (server.Holds.AllSlots)
        {
            if (server.Holds.Any)
            {
                server.Holds.Wait(context);
                PutOff(context, run);
            }
            else
            {
                RunNext(context, run);
            }
        }
    }

    /// <summary>In the middle of a transaction: true if what follows may run now; false if it is deferred until it may, or the next command is refused.</summary>
    private bool TryPass(CommandContext context, TransactionRun run, out int term)
    {
        if (admission.TryPass(context, run, out term))
        {
            return true;
        }

        PutOff(context, run);
        return false;
    }

    /// <summary>The next command may not run now: it is deferred until it may, or its error is written.</summary>
    private static void PutOff(CommandContext context, TransactionRun run)
    {
        if (context.Parked is { } opened)
        {
            context.Parked = null;
            context.Deferred = new ValueTask(opened);
        }
        else
        {
            run.Next++;
        }
    }

    /// <summary>Under the slot's lock: nothing watched has changed, everything may run here. Then the reply's head, and the commands.</summary>
    private void Start(CommandContext context, TransactionRun run)
    {
        var broken = context.Client.IsWatchBroken(context.NowMs);
        var table = run.Slot >= 0 ? context.Store.Table(run.Slot) : null;
        if (table is not null)
        {
            Monitor.Enter(table);
        }

        try
        {
            context.Parked = Obstacle(context, run);
            if (context.Parked is not null)
            {
                return;
            }

            if (!admission.TryPass(context, run, out var term) || (table is not null && !Admit(context, run, table, term)))
            {
                return;
            }

            if (run.Writes && !server.Cluster.AcceptsWrites)
            {
                context.Reply.Error($"EXECABORT Transaction discarded because of: {server.Cluster.RefusalReason}");
                return;
            }

            if (broken || context.Client.HasBrokenWatch)
            {
                context.Reply.NullArray();
                return;
            }

            context.Reply.Array(run.Commands.Count);
            context.Client.Running = run;
            if (table is not null && run.Commands[0].Slot >= 0)
            {
                RunSegment(context, run, table, term);
            }
        }
        finally
        {
            if (table is not null)
            {
                Monitor.Exit(table);
            }
        }

        if (context.Deferred is null)
        {
            Continue(context);
        }
    }

    private void RunInSlot(CommandContext context, TransactionRun run)
    {
        var table = context.Store.Table(run.Slot);
        lock (table)
        {
            if (Obstacle(context, run) is { } landing)
            {
                context.Deferred = new ValueTask(landing);
            }
            else if (!TryPass(context, run, out var term))
            {
                return;
            }
            else if (Admit(context, run, table, term))
            {
                RunSegment(context, run, table, term);
            }
            else
            {
                PutOff(context, run);
            }
        }
    }

    private bool Admit(CommandContext context, TransactionRun run, SlotTable table, int term)
    {
        if (!(server.View.HasMarks || table.IsBarred || !server.View.Owns(run.Slot)) || router.AdmitAll(context, run, table))
        {
            return true;
        }

        if (context.Parked is null)
        {
            // As in Dispatcher: which keys are not here must be certain.
            context.Client.DependsOn(table.LastLsn, term);
        }

        return false;
    }

    /// <summary>The commands with keys up to the next one without, or to one that is deferred: one record of the log.</summary>
    private void RunSegment(CommandContext context, TransactionRun run, SlotTable table, int term)
    {
        var log = run.Writes ? context.Store.Log : null;
        log?.Enter();
        try
        {
            do
            {
                RunNext(context, run);
            }
            while (!run.IsDone && run.Commands[run.Next].Slot >= 0 && context.Deferred is null);
        }
        finally
        {
            log?.Exit();
            context.Client.WrittenLsn = log is null ? context.Client.WrittenLsn : table.LastLsn;
        }

        if (run.IsDone)
        {
            ReadyKeys.Serve(server, table, term);
        }

        context.Client.DependsOn(table.LastLsn, term);
    }

    private void RunNext(CommandContext context, TransactionRun run)
    {
        var command = run.Commands[run.Next++];
        context.Take(command);
        context.Deferred = null;
        dispatcher.RunQueued(context, command.Spec);
        if (context.Deferred is { IsCompletedSuccessfully: true })
        {
            context.Deferred = null;
            context.AnswerDeferred();
        }
    }

    /// <summary>Keys of what is still to run may be on their way to another node: what to wait for then.</summary>
    private Task? Obstacle(CommandContext context, TransactionRun run)
    {
        for (var i = run.Next; server.Migrations.InFlight.Any && i < run.Commands.Count; i++)
        {
            context.Take(run.Commands[i]);
            if (server.Migrations.InFlight.Obstacle(context, run.Commands[i].Spec) is { } landing)
            {
                return landing;
            }
        }

        return null;
    }
}

using Trefoil.KeyValue.Blocking;
using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Values;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Session;

/// <summary>WAIT and WAITAOF, CLIENT PAUSE and UNPAUSE, MONITOR.</summary>
internal static class WaitCommands
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("wait", Wait),
        new("waitaof", WaitAof),
        new("client|pause", Pause),
        new("client|unpause", Unpause),
        new("client|unblock", Unblock),
        new("monitor", Monitor),
    ];

    /// <summary>Until so many replicas have what this client has written; then, or after the timeout, how many do.</summary>
    private static void Wait(CommandContext context)
    {
        if (context.Server.View.IsReplica)
        {
            context.Reply.Error("ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated."u8);
            return;
        }

        if (!context.TryInteger(1, out var replicas) || !BlockingTimeout.TryReadMilliseconds(context, 2, out var timeout))
        {
            return;
        }

        var view = context.Server.Replication;
        var lsn = context.Client.WrittenLsn;
        Begin(context, timeout, () => view.CountAcked(lsn, durable: false) >= replicas, reply => reply.Integer(view.CountAcked(lsn, durable: false)));
    }

    /// <summary>Until what this client has written, or read, is on this node's disk, and on that of so many replicas.</summary>
    private static void WaitAof(CommandContext context)
    {
        if (context.Server.View.IsReplica)
        {
            context.Reply.Error("ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas are just local and are not propagated."u8);
            return;
        }

        if (!IntegerText.TryParse(context[1], out var local) || local is < 0 or > 1)
        {
            context.Reply.Error(IntegerText.TryParse(context[1], out _) ? "ERR value is out of range, value must between 0 and 1"u8 : DataErrors.NotInteger);
            return;
        }

        if (!context.TryInteger(2, 0, out var replicas, DataErrors.NotPositive) || !BlockingTimeout.TryReadMilliseconds(context, 3, out var timeout))
        {
            return;
        }

        var log = context.Store.Log;
        if (local > 0 && log is not { IsWritten: true })
        {
            context.Reply.Error("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled."u8);
            return;
        }

        var view = context.Server.Replication;
        var here = Math.Max(context.Client.NeededLsn, context.Client.WrittenLsn);
        var written = context.Client.WrittenLsn;
        var wait = Begin(
            context,
            timeout,
            () => Synced(log, here) >= local && view.CountAcked(written, durable: true) >= replicas,
            reply => Acknowledged(reply, Synced(log, here), view.CountAcked(written, durable: true)));
        if (wait is not null && Synced(log, here) < local)
        {
            _ = LookWhenDurableAsync(wait, log!, here);
        }
    }

    private static async Task LookWhenDurableAsync(BlockedWait wait, KeyLog log, ulong lsn)
    {
        await log.WaitDurableAsync(lsn);
        wait.Look();
    }

    private static void Acknowledged(RespWriter reply, int local, int replicas)
    {
        reply.Array(2);
        reply.Integer(local);
        reply.Integer(replicas);
    }

    private static int Synced(KeyLog? log, ulong lsn) => log is { IsWritten: true } && log.DurableLsn >= lsn ? 1 : 0;

    /// <summary>Answers at once if there is nothing to wait for, or in a transaction, where nothing waits; else the wait, which is under way.</summary>
    private static BlockedWait? Begin(CommandContext context, TimeSpan timeout, Func<bool> isMet, Action<RespWriter> answer)
    {
        if (context.Client.Running is not null || isMet())
        {
            answer(context.Reply);
            return null;
        }

        context.Server.CommitLog();
        var wait = new BlockedWait(context.Client, isMet, answer);
        wait.Wait(timeout);
        context.Defer(wait.Answer);
        return wait;
    }

    private static void Pause(CommandContext context)
    {
        var all = context.Count == 3 || context.Is(3, "ALL"u8);
        if (context.Count > 4)
        {
            Unknown(context);
        }
        else if (!all && !context.Is(3, "WRITE"u8))
        {
            context.Reply.Error("ERR CLIENT PAUSE mode must be WRITE or ALL"u8);
        }
        else if (!IntegerText.TryParse(context[2], out var milliseconds))
        {
            context.Reply.Error("ERR timeout is not an integer or out of range"u8);
        }
        else if (milliseconds < 0)
        {
            context.Reply.Error("ERR timeout is negative"u8);
        }
        else
        {
            // A sum that overflows is long past, as in Redis.
            context.Server.Pause.Begin(all, unchecked(context.NowMs + milliseconds), context.NowMs);
            context.Reply.Ok();
        }
    }

    private static void Unpause(CommandContext context)
    {
        context.Server.Pause.End();
        context.Reply.Ok();
    }

    private static void Unblock(CommandContext context)
    {
        var isError = context.Count == 4 && context.Is(3, "ERROR"u8);
        if (context.Count > 4)
        {
            Unknown(context);
        }
        else if (context.Count == 4 && !isError && !context.Is(3, "TIMEOUT"u8))
        {
            context.Reply.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"u8);
        }
        else if (context.TryInteger(2, out var id))
        {
            var blocked = context.Server.Clients.Find(id)?.Blocked;
            var ended = isError
                ? blocked?.End(static reply => reply.Error("UNBLOCKED client unblocked via CLIENT UNBLOCK"u8))
                : blocked?.End();
            context.Reply.Integer(ended == true ? 1 : 0);
        }
    }

    private static void Unknown(CommandContext context) =>
        context.Reply.Error([.. "ERR unknown subcommand or wrong number of arguments for '"u8, .. context[1], .. "'. Try CLIENT HELP."u8]);

    /// <summary>As in Redis a monitor that says it again is not answered.</summary>
    private static void Monitor(CommandContext context)
    {
        if (context.Client.Running is not null)
        {
            context.Reply.Error("ERR MONITOR isn't allowed for DENY BLOCKING client"u8);
        }
        else if (!context.Client.IsMonitor)
        {
            context.Server.Monitors.Add(context.Client);
            context.Reply.Ok();
        }
    }
}

using Trefoil.KeyValue.Blocking;
using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Values;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Session;

/// <summary>WAIT and WAITAOF on a node without replicas, CLIENT PAUSE and UNPAUSE, MONITOR.</summary>
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

    /// <summary>No replica has acknowledged anything, nor will one: who asks for one waits for the timeout.</summary>
    private static void Wait(CommandContext context)
    {
        if (!context.TryInteger(1, out var replicas) || !BlockingTimeout.TryReadMilliseconds(context, 2, out var timeout))
        {
            return;
        }

        if (replicas <= 0 || context.Client.Running is not null)
        {
            context.Reply.Integer(0);
            return;
        }

        Begin(context, timeout, static reply => reply.Integer(0));
    }

    /// <summary>Until what this client has written, or read, is on the disk.</summary>
    private static void WaitAof(CommandContext context)
    {
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
        var lsn = context.Client.NeededLsn;
        if (local > 0 && log is not { IsWritten: true })
        {
            context.Reply.Error("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled."u8);
        }
        else if ((Synced(log, lsn) >= local && replicas == 0) || context.Client.Running is not null)
        {
            Acknowledged(context.Reply, log, lsn);
        }
        else
        {
            context.Server.CommitLog();
            var blocked = Begin(context, timeout, reply => Acknowledged(reply, log, lsn));
            if (replicas == 0)
            {
                _ = EndWhenDurableAsync(blocked, log!, lsn);
            }
        }
    }

    private static async Task EndWhenDurableAsync(BlockedCommand blocked, KeyLog log, ulong lsn)
    {
        await log.WaitDurableAsync(lsn);
        blocked.End();
    }

    private static void Acknowledged(RespWriter reply, KeyLog? log, ulong lsn)
    {
        reply.Array(2);
        reply.Integer(Synced(log, lsn));
        reply.Integer(0);
    }

    private static int Synced(KeyLog? log, ulong lsn) => log is { IsWritten: true } && log.DurableLsn >= lsn ? 1 : 0;

    private static BlockedCommand Begin(CommandContext context, TimeSpan timeout, Action<RespWriter> timedOut)
    {
        var blocked = new BlockedCommand(context.Client, timedOut);
        blocked.Begin(timeout);
        context.Defer(blocked.Answer);
        return blocked;
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

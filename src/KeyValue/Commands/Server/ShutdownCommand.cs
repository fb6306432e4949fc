using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Server;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>SHUTDOWN: a snapshot if one is wanted, then whoever owns the process is asked to end it in good order.</summary>
/// <remarks>
/// The log holds everything that was acknowledged, so a snapshot is only a faster start; as in Redis it is taken when save points are
/// configured. There are no replicas to wait for, so NOW changes nothing. While the snapshot is written other clients are served, and
/// ABORT calls the shutdown off.
/// </remarks>
internal static class ShutdownCommand
{
    public static IEnumerable<CommandBinding> Bindings => [new("shutdown", Run)];

    private static ReadOnlySpan<byte> Failed => "ERR Errors trying to SHUTDOWN. Check logs."u8;

    private static void Run(CommandContext context)
    {
        if (!TryOptions(context, out var options))
        {
            context.SyntaxError();
            return;
        }

        var server = context.Server;
        if (options.Abort)
        {
            Abort(context);
            return;
        }

        var saves = options.Save || (!options.NoSave && server.Settings.SavePoints.Count > 0);
        if (server.StopRequested is not { } stop || server.Stopping.IsCancellationRequested)
        {
            context.Reply.Error(Failed);
        }
        else if (saves && server.Storage is { Log.IsConsistent: true } storage)
        {
            server.ShutdownCalledOff = false;
            server.ShutdownInProgress = true;
            var client = context.Client;
            context.Defer(SaveAsync(server, storage, options.Force, () =>
            {
                stop();
                client.Abort();
            }));
        }
        else
        {
            stop();
            context.Client.CloseAfterReply = true;
        }
    }

    private static void Abort(CommandContext context)
    {
        if (context.Server.ShutdownInProgress)
        {
            context.Server.ShutdownCalledOff = true;
            context.Reply.Ok();
        }
        else
        {
            context.Reply.Error("ERR No shutdown in progress."u8);
        }
    }

    private static async ValueTask<Action<RespWriter>> SaveAsync(KeyValueServer server, KeyStorage storage, bool force, Action stop)
    {
        // One that runs already may lack the newest keys: wait for it, then take one of our own.
        Task<bool> saved;
        while (!storage.Snapshots.TryStart(isRewrite: false, out saved) && storage.Snapshots.InProgress)
        {
            await storage.Snapshots.Current;
        }

        var ends = (await saved || force) && !server.ShutdownCalledOff;
        server.ShutdownInProgress = false;
        return reply =>
        {
            if (ends)
            {
                stop();
            }
            else
            {
                reply.Error(Failed);
            }
        };
    }

    private static bool TryOptions(CommandContext context, out (bool Save, bool NoSave, bool Force, bool Abort) options)
    {
        options = default;
        var now = false;
        for (var i = 1; i < context.Count; i++)
        {
            if (context.Is(i, "NOSAVE"u8))
            {
                options.NoSave = true;
            }
            else if (context.Is(i, "SAVE"u8))
            {
                options.Save = true;
            }
            else if (context.Is(i, "NOW"u8))
            {
                now = true;
            }
            else if (context.Is(i, "FORCE"u8))
            {
                options.Force = true;
            }
            else if (context.Is(i, "ABORT"u8))
            {
                options.Abort = true;
            }
            else
            {
                return false;
            }
        }

        return !(options.Save && options.NoSave) && !(options.Abort && (now || options.Save || options.NoSave || options.Force));
    }
}

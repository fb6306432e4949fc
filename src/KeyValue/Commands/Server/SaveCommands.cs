using Trefoil.KeyValue.Persistence;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>SAVE, BGSAVE, BGREWRITEAOF, LASTSAVE: a snapshot and the end of the log behind it, whatever it is called.</summary>
internal static class SaveCommands
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("save", Save),
        new("bgsave", BackgroundSave),
        new("bgrewriteaof", RewriteLog),
        new("lastsave", context => context.Reply.Integer(context.Server.Storage?.Snapshots.LastSavedAt ?? context.Server.StartedMs / 1000)),
    ];

    /// <summary>In Redis nobody is served meanwhile; here only this client waits.</summary>
    private static void Save(CommandContext context)
    {
        if (Storage(context) is not { } storage)
        {
            return;
        }

        if (storage.Snapshots.TryStart(isRewrite: false, out var done))
        {
            context.Defer(AnswerAsync(storage, done));
        }
        else
        {
            context.Reply.Error("ERR Background save already in progress"u8);
        }
    }

    private static void BackgroundSave(CommandContext context)
    {
        if (context.Count > 2 || (context.Count == 2 && !context.Is(1, "SCHEDULE"u8)))
        {
            context.SyntaxError();
        }
        else if (Storage(context) is not { } storage)
        {
            return;
        }
        else if (storage.Snapshots.TryStart(isRewrite: false, out _))
        {
            context.Reply.Simple("Background saving started"u8);
        }
        else if (storage.Snapshots.IsRewrite && context.Count == 2)
        {
            context.Server.Schedule!.IsScheduled = true;
            context.Reply.Simple("Background saving scheduled"u8);
        }
        else
        {
            context.Reply.Error(storage.Snapshots.IsRewrite
                ? "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible."u8
                : "ERR Background save already in progress"u8);
        }
    }

    private static void RewriteLog(CommandContext context)
    {
        if (Storage(context) is not { } storage)
        {
            return;
        }

        if (storage.Snapshots.TryStart(isRewrite: true, out _))
        {
            context.Reply.Simple("Background append only file rewriting started"u8);
        }
        else if (storage.Snapshots.IsRewrite)
        {
            context.Reply.Error("ERR Background append only file rewriting already in progress"u8);
        }
        else
        {
            context.Server.Schedule!.IsScheduled = true;
            context.Reply.Simple("Background append only file rewriting scheduled"u8);
        }
    }

    private static KeyStorage? Storage(CommandContext context)
    {
        if (context.Server.Storage is null)
        {
            context.Reply.Error("ERR This server keeps no data on disk"u8);
        }

        return context.Server.Storage;
    }

    private static async ValueTask<Action<RespWriter>> AnswerAsync(KeyStorage storage, Task<bool> done) => await done
        ? reply => reply.Ok()
        : reply => reply.Error($"ERR The snapshot could not be written: {storage.Snapshots.LastError}");
}

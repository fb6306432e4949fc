using Trefoil.KeyValue.Store;

namespace Trefoil.KeyValue.Commands.Transactions;

/// <summary>MULTI, EXEC, DISCARD, WATCH, UNWATCH.</summary>
internal static class TransactionCommands
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("multi", Multi),
        new("exec", context => context.Server.Dispatcher.Transactions.Exec(context)),
        new("discard", Discard),
        new("watch", Watch),
        new("unwatch", Unwatch),
    ];

    /// <summary>True for what runs at once even after MULTI.</summary>
    public static bool IsImmediate(CommandSpec spec) => spec.Name is "exec" or "discard" or "multi" or "watch" or "quit" or "reset";

    private static void Multi(CommandContext context)
    {
        if (context.Client.Transaction is not null)
        {
            context.Reply.Error("ERR MULTI calls can not be nested"u8);
            return;
        }

        context.Client.Transaction = new Transaction();
        context.Reply.Ok();
    }

    private static void Discard(CommandContext context)
    {
        if (context.Client.Transaction is null)
        {
            context.Reply.Error("ERR DISCARD without MULTI"u8);
            return;
        }

        context.Client.Transaction = null;
        context.Client.DropWatches();
        context.Reply.Ok();
    }

    /// <summary>Runs under the lock of the keys' slot, so that no change falls between looking and watching.</summary>
    private static void Watch(CommandContext context)
    {
        if (context.Client.Transaction is not null)
        {
            context.Reply.Error("ERR WATCH inside MULTI is not allowed"u8);
            return;
        }

        var table = context.Store.Table(context.Slot);
        for (var i = 1; i < context.Count; i++)
        {
            // What has expired is removed first: that it goes is no change that anybody watches for.
            table.Contains(context[i], context.NowMs);
            context.Client.AddWatch(new KeyWatch(context.Slot, context[i].ToArray()));
        }

        context.Reply.Ok();
    }

    private static void Unwatch(CommandContext context)
    {
        context.Client.DropWatches();
        context.Reply.Ok();
    }
}

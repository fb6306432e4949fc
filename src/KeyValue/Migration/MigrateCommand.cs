using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Persistence;
using Trefoil.Sharding;
using Trefoil.Wire.Rdb;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Migration;

/// <summary>MIGRATE: moves keys of one slot to another node while commands on them wait.</summary>
internal static class MigrateCommand
{
    public static IEnumerable<CommandBinding> Bindings => [new("migrate", Migrate)];

    /// <summary>Under the slot's lock: takes the values as they are and marks the keys; the sending is deferred.</summary>
    private static void Migrate(CommandContext context)
    {
        if (!MigrateRequest.TryParse(context, out var request))
        {
            return;
        }

        if (context.Slot >= 0 && context.Server.View.Topology.MigrationOf(context.Slot) is { } migration)
        {
            context.Reply.Error(Refusals.Moving(context.Slot, migration.Id));
            return;
        }

        // Without a slot there is no key: KEYS was the last argument.
        var moving = context.Slot < 0 ? [] : Take(context);
        if (moving.Count == 0)
        {
            context.Reply.Simple("NOKEY"u8);
            return;
        }

        var transfer = new Transfer(context.Server, request, context.Table(), moving);
        context.Defer(RunAsync(context.Client, transfer, context.Server.Migrations.Links.Connector is null));
    }

    private static async ValueTask<Action<RespWriter>> RunAsync(Connection client, Transfer transfer, bool isOnPool)
    {
        if (isOnPool)
        {
            await Task.Run(transfer.RunAsync);
        }
        else
        {
            // Where there is one thread: later on that, when the slot's lock is given back.
            await Task.Yield();
            await transfer.RunAsync();
        }

        return reply => transfer.Answer(client, reply);
    }

    private static List<MovingKey> Take(CommandContext context)
    {
        var (first, count) = MigrateRequest.Keys(context, 0);
        var moving = new List<MovingKey>();
        using var writer = new RdbWriter();
        for (var i = first; i < first + count; i++)
        {
            var entry = context.Table().Read(context[i], context.NowMs);

            // A key named twice moves once.
            if (!entry.Exists || context[i].ToArray() is var key && !context.Server.Migrations.InFlight.Add(key))
            {
                continue;
            }

            writer.Clear();
            ValueCodec.WritePayload(writer, entry);
            moving.Add(new MovingKey(key, writer.Written.ToArray(), entry.ExpireAtMs));
        }

        return moving;
    }
}

/// <summary>A key in flight: its value as a DUMP payload, and when it expires (unix milliseconds).</summary>
internal sealed record MovingKey(byte[] Key, byte[] Payload, long ExpireAtMs);

using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Blocking;

/// <summary>Gives what a command has put into keys to those who wait for it: right after the command, before anybody else sees it.</summary>
internal static class ReadyKeys
{
    /// <summary>
    /// Under the slot's lock, after a command or a whole transaction: keys in the order in which they changed, at each key those who came first.
    /// Each pop is a record of its own, as if its client had sent it now. On a replica, and in a frozen slot, nothing is popped.
    /// </summary>
    /// <param name="server">Whose clients they are.</param>
    /// <param name="table">The slot.</param>
    /// <param name="term">Of the gate in which this happens: a pop's answer may leave in no other.</param>
    public static void Serve(KeyValueServer server, SlotTable table, int term)
    {
        if (!table.HasReadyKeys || server.Store.IsFollowing || table.IsHeld)
        {
            return;
        }

        var nowMs = server.NowMs;
        while (table.NextReadyKey() is { } key)
        {
            foreach (var blocked in table.WaitingFor(key))
            {
                var entry = table.Find(key, nowMs);
                if (!entry.Exists)
                {
                    break;
                }

                if (blocked.Taking.Fits(entry) && !IsTargetAway(server, blocked) && blocked.TryClaim())
                {
                    Serve(table, blocked, key, entry, nowMs, term);
                    table.Forget(blocked);
                }
            }
        }
    }

    /// <summary>What goes into a key that is on its way to another node would be lost with it: such a pop waits on, and is looked at again when the key has landed.</summary>
    private static bool IsTargetAway(KeyValueServer server, BlockedPop blocked) =>
        server.Migrations.InFlight.Any && blocked.Taking.Target is { } target && server.Migrations.InFlight.Contains(target);

    private static void Serve(SlotTable table, BlockedPop blocked, byte[] key, KeyEntry entry, long nowMs, int term)
    {
        var client = blocked.Client;
        using var reply = new RespWriter { Protocol = client.Output.Protocol };
        var log = client.Context.Store.Log;
        log?.Enter();
        try
        {
            blocked.Taking.Take(table, key, entry, reply, nowMs);
        }
        finally
        {
            log?.Exit();
        }

        var (bytes, lsn) = (reply.Written.ToArray(), table.LastLsn);
        blocked.Complete(output =>
        {
            client.DependsOn(lsn, term);
            client.WrittenLsn = lsn;
            output.Raw(bytes);
        });
    }
}

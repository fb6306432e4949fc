using Trefoil.KeyValue.Blocking;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Migration;

/// <summary>One MIGRATE after its keys were taken: sends them, deletes here what arrived there, lets the others be.</summary>
/// <remarks>
/// While a key is in flight nobody changes it, so what arrived is what was here. A key whose fate is unknown (the link broke before its answer)
/// stays: it may then be in both places, as with Redis, and whoever moves it again says REPLACE.
/// </remarks>
internal sealed class Transfer(KeyValueServer server, MigrateRequest request, SlotTable table, List<MovingKey> keys)
{
    private const string ConnectFault = "IOERR error or timeout connecting to the client";
    private const string WriteFault = "IOERR error or timeout writing to target instance";
    private const string ReadFault = "IOERR error or timeout reading to target instance";

    /// <summary>Keys sent before their answers are read, so that answers nobody reads cannot stop the target from reading.</summary>
    private const int KeysAtOnce = 1000;

    private readonly Migrations _migrations = server.Migrations;
    private readonly CancellationToken _stopping = server.Stopping;

    /// <summary>Of the gate when the keys were taken.</summary>
    private readonly int _term = server.Gate.Term;

    private int _landed;
    private string? _error;
    private ulong _lsn;

    /// <summary>Runs to the end, on any thread; afterwards no key is in flight any more.</summary>
    public async Task RunAsync()
    {
        try
        {
            await MoveAsync();
        }
        finally
        {
            Land(keys.Count - _landed, delete: []);
        }
    }

    /// <summary>Writes the reply; by the connection's own flow, once <see cref="RunAsync"/> has ended.</summary>
    public void Answer(Connection client, RespWriter reply)
    {
        client.DependsOn(_lsn, _term);
        if (_error is null)
        {
            reply.Ok();
        }
        else
        {
            reply.Error(_error);
        }
    }

    private async Task MoveAsync()
    {
        for (var mayRetry = true; ; mayRetry = false)
        {
            if (await OpenAsync() is not { } link)
            {
                return;
            }

            var fault = await SendAllAsync(link);
            if (fault is null)
            {
                link.Database = _error is null ? request.Database : TargetLink.NoDatabase;
                _migrations.Links.Give(link);
                return;
            }

            link.Dispose();

            // A link that had been idle is often dead, and opening another is all it takes; but only if nothing can have happened.
            if (link.TimedOut || !mayRetry || _landed > 0 || _error is not null)
            {
                _error ??= fault;
                return;
            }
        }
    }

    /// <summary>A link that was kept, or a new one; null with the error set.</summary>
    private async Task<TargetLink?> OpenAsync()
    {
        if (_migrations.Links.Take(request.Host, request.Port) is { } kept)
        {
            return kept;
        }

        var link = _migrations.Links.New(request.Host, request.Port);
        if (await link.ConnectAsync(request.Timeout, _stopping))
        {
            return link;
        }

        // Redis notices a refusal only when it writes.
        _error = link.Refused ? WriteFault : ConnectFault;
        link.Dispose();
        return null;
    }

    /// <summary>Null, or what to say about the link that broke.</summary>
    private async Task<string?> SendAllAsync(TargetLink link)
    {
        string? refused = null;
        using var output = new RespWriter();
        for (var preamble = WritePreamble(output, link); _landed < keys.Count; preamble = 0)
        {
            var batch = WriteKeys(output);
            if (!await link.SendAsync(output.WrittenMemory, request.Timeout, _stopping))
            {
                return WriteFault;
            }

            output.Drain(output.Length);
            for (; preamble > 0; preamble--)
            {
                if (await link.ReceiveAsync(request.Timeout, _stopping) is not { } reply)
                {
                    return ReadFault;
                }

                refused ??= reply.IsError ? reply.Text : null;
            }

            if (!await ReadAnswersAsync(link, batch, refused))
            {
                return ReadFault;
            }
        }

        return null;
    }

    private async Task<bool> ReadAnswersAsync(TargetLink link, int count, string? refused)
    {
        var arrived = new List<byte[]>();
        while (count > 0)
        {
            if (await link.ReceiveAsync(request.Timeout, _stopping) is not { } reply)
            {
                return false;
            }

            // All answers that came together are acted on together.
            arrived.Clear();
            var answered = 0;
            for (RespReply? next = reply; next is not null; next = answered < count && link.TryReceive(out next) ? next : null)
            {
                var error = refused ?? (next.IsError ? next.Text : null);
                if (error is not null)
                {
                    _error ??= $"ERR Target instance replied with error: {error}";
                }
                else if (!request.Copy)
                {
                    arrived.Add(keys[_landed + answered].Key);
                }

                answered++;
            }

            Land(answered, arrived);
            count -= answered;
        }

        return true;
    }

    /// <summary>The fate of the next so many keys is decided: those of them that moved are deleted, and commands on all of them go on.</summary>
    private void Land(int count, List<byte[]> delete)
    {
        lock (table)
        {
            if (delete.Count > 0 && server.Store.IsFollowing)
            {
                // Another node is the primary now, and has the keys: they stay, as when the answer is unknown.
                _error ??= "READONLY You can't write against a read only replica.";
                delete = [];
            }

            var nowMs = server.NowMs;
            foreach (var key in delete)
            {
                table.Remove(key, nowMs);
                _lsn = table.LastLsn;
            }

            _migrations.InFlight.Land(keys.Skip(_landed).Take(count).Select(key => key.Key));
            _landed += count;
            table.Recheck();
            var term = server.Gate.Term;
            if (server.Gate.MayRun)
            {
                ReadyKeys.Serve(server, table, term);
            }
        }
    }

    /// <summary>AUTH and SELECT, as far as they are needed; returns how many answers they will have.</summary>
    private int WritePreamble(RespWriter writer, TargetLink link)
    {
        var count = 0;
        if (request.Authentication.Count > 0)
        {
            writer.Array(1 + request.Authentication.Count);
            writer.Bulk("AUTH"u8);
            foreach (var argument in request.Authentication)
            {
                writer.Bulk(argument);
            }

            count++;
        }

        if (link.Database != request.Database)
        {
            writer.Array(2);
            writer.Bulk("SELECT"u8);
            writer.BulkInteger(request.Database);
            count++;
        }

        return count;
    }

    /// <summary>The next keys as RESTORE-ASKING, which a target takes that still imports the slot; returns how many.</summary>
    private int WriteKeys(RespWriter writer)
    {
        var nowMs = server.NowMs;
        var count = Math.Min(KeysAtOnce, keys.Count - _landed);
        foreach (var key in keys.GetRange(_landed, count))
        {
            writer.Array(request.Replace ? 5 : 4);
            writer.Bulk("RESTORE-ASKING"u8);
            writer.Bulk(key.Key);
            writer.BulkInteger(key.ExpireAtMs == KeyedValue.NoExpiry ? 0 : Math.Max(1, key.ExpireAtMs - nowMs));
            writer.Bulk(key.Payload);
            if (request.Replace)
            {
                writer.Bulk("REPLACE"u8);
            }
        }

        return count;
    }
}

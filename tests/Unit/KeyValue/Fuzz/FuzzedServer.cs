using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Wire.Resp;

namespace Trefoil.Unit.KeyValue.Fuzz;

/// <summary>A server without sockets and one client of it, which is replaced by a new one whenever it has been hung up on, or waits.</summary>
internal sealed class FuzzedServer : IDisposable
{
    /// <summary>Keeps counts of minus a million within the memory of a small machine.</summary>
    private const int MostReplyBytes = 64 << 20;

    private readonly ScriptedCluster _cluster = RespSession.Whole();
    private Connection _client;

    public FuzzedServer()
    {
        Server = new KeyValueServer(new Keyspace(), _cluster, TimeProvider.System, new ServerSettings(), new Prng(1));
        _client = Connect();
    }

    public KeyValueServer Server { get; }

    /// <summary>Replies that were no errors.</summary>
    public long Served { get; private set; }

    /// <summary>False once a command took slots or the password away: go on with a new server.</summary>
    public bool IsOfUse => _cluster.Topology.SlotCountOf(_cluster.Self) == HashSlot.Count && Server.Settings.Password.Length == 0;

    /// <summary>Runs one command and gives what is wrong with its reply; null if nothing is.</summary>
    public string? Call(IReadOnlyList<byte[]> call)
    {
        // What a client that is subscribed, in a transaction or silenced is told is another matter; those clients live as long as they are.
        var usual = _client.Replies == ReplyMode.On;
        var problem = Feed(Encode(call), new Prng(0), out var replies);
        return problem ?? (usual && replies == 0 && _client.Replies == ReplyMode.On ? "no reply" : null);
    }

    /// <summary>Feeds bytes in random pieces and gives what is wrong with what came back.</summary>
    public string? Feed(byte[] bytes, Prng pieces, out int replies)
    {
        var start = 0;
        var client = _client;
        var reader = new RespReplyReader();
        replies = 0;
        var arrived = pieces.Chance(0.5) ? bytes.Length : pieces.Below(bytes.Length + 1);
        while (true)
        {
            var state = client.Loop.Run(bytes, ref start, arrived);
            if (client.Streaming is not null)
            {
                Hang(); // SYNC by accident: what follows is no RESP.
                return null;
            }

            reader.Feed(client.Output.Written);
            client.Output.Drain(client.Output.Length);
            while (reader.TryRead(out var reply))
            {
                replies++;
                Served += reply.IsError ? 0 : 1;
            }

            if (reader.Failure is { } failure)
            {
                return failure;
            }

            if (state is LoopState.Deferred && client.Loop.Work.IsCompleted)
            {
                client.Loop.Resume();
            }
            else if (state is LoopState.Closing or LoopState.Abort or LoopState.Deferred)
            {
                replies++; // It may wait for as long as it likes: this client goes away.
                Hang();
                return null;
            }
            else if (state is not LoopState.Full && arrived == bytes.Length)
            {
                if (start < bytes.Length)
                {
                    Hang();
                }

                return null;
            }
            else if (state is not LoopState.Full)
            {
                arrived += 1 + pieces.Below(bytes.Length - arrived);
            }
        }
    }

    public static byte[] Encode(IReadOnlyList<byte[]> call)
    {
        using var bytes = new MemoryStream();
        bytes.Write(Words.Latin($"*{call.Count}\r\n"));
        foreach (var word in call)
        {
            bytes.Write(Words.Latin($"${word.Length}\r\n"));
            bytes.Write(word);
            bytes.Write("\r\n"u8);
        }

        return bytes.ToArray();
    }

    /// <summary>A call as C# would write it, to be pasted into a test.</summary>
    public static string Show(byte[] bytes)
    {
        var text = new StringBuilder();
        foreach (var one in bytes.AsSpan(0, Math.Min(bytes.Length, 2000)))
        {
            text.Append(one is >= 32 and < 127 ? $"{(char)one}" : one == '\r' ? "\\r" : one == '\n' ? "\\n" : string.Create(CultureInfo.InvariantCulture, $"\\x{one:x2}"));
        }

        return text.ToString();
    }

    public void Dispose()
    {
        Remove();
        Server.Dispose();
    }

    private Connection Connect()
    {
        var client = new Connection("127.0.0.1:50000", "127.0.0.1:7000", Server, () => { });
        client.Output.MaxBytes = MostReplyBytes;
        Server.Clients.Add(client);
        return client;
    }

    private void Hang()
    {
        Remove();
        _client = Connect();
    }

    private void Remove()
    {
        Server.Clients.Remove(_client);
        _client.Output.Dispose();
    }
}

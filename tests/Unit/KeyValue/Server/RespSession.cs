using System.Text;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;

namespace Trefoil.Unit.KeyValue.Server;

/// <summary>A server and one connection without sockets: bytes in, bytes out.</summary>
internal sealed class RespSession : IDisposable
{
    private readonly Connection _client;
    private readonly bool _ownsServer;
    private byte[] _bytes = [];
    private int _start;

    public RespSession(ScriptedCluster? cluster = null)
        : this(cluster ?? Whole(), null, null)
    {
    }

    /// <summary>One node that owns every slot and has these keys.</summary>
    public RespSession(Keyspace keys)
        : this(Whole(), null, keys)
    {
    }

    /// <summary>A client of a server that somebody else owns.</summary>
    public RespSession(ScriptedCluster cluster, KeyValueServer server)
        : this(cluster, server, null)
    {
    }

    private RespSession(ScriptedCluster cluster, KeyValueServer? server, Keyspace? keys = null)
    {
        Cluster = cluster;
        _ownsServer = server is null;
        Server = server ?? new KeyValueServer(keys ?? new Keyspace(), Cluster, TimeProvider.System, new ServerSettings(), new Prng(1));
        _client = new Connection("127.0.0.1:50000", "127.0.0.1:7000", Server, () => WasAborted = true);
        Server.Clients.Add(_client);
    }

    public ScriptedCluster Cluster { get; }

    public KeyValueServer Server { get; }

    public bool WasAborted { get; private set; }

    public bool Closes => _client.CloseAfterReply;

    public Connection Client => _client;

    /// <summary>A second client of the same server.</summary>
    public RespSession Another() => new(Cluster, Server);

    /// <summary>One node that owns every slot.</summary>
    public static ScriptedCluster Whole()
    {
        var cluster = new ScriptedCluster();
        cluster.Assign(0, 0, HashSlot.Count - 1);
        return cluster;
    }

    /// <summary>Runs one command of words split at blanks, and gives its reply.</summary>
    public string Call(string words) => Call(words.Split(' '));

    public string Call(params string[] words) => Send(Encode(words));

    /// <summary>Runs whatever is complete in <paramref name="text"/> (Latin-1), and gives what was written.</summary>
    public string Send(string text)
    {
        _bytes = Encoding.Latin1.GetBytes(text);
        _start = 0;
        return Run();
    }

    /// <summary>The command that the session stopped at waits for something.</summary>
    public bool Waits { get; private set; }

    /// <summary>Whether what it waits for has happened.</summary>
    public bool CanResume => _client.Loop.Work.IsCompleted;

    /// <summary>Goes on with what <see cref="Send"/> was given once what it waits for has happened, and gives what was written.</summary>
    public string Resume()
    {
        if (!_client.Loop.Work.AsTask().Wait(TimeSpan.FromSeconds(20)))
        {
            throw new TimeoutException("Nothing happened.");
        }

        _client.Loop.Resume();
        return Run();
    }

    private string Run()
    {
        Waits = _client.Loop.Run(_bytes, ref _start, _bytes.Length) == LoopState.Deferred;
        var reply = Encoding.Latin1.GetString(_client.Output.Written);
        _client.Output.Drain(_client.Output.Length);
        return reply;
    }

    public static string Encode(params string[] words) =>
        $"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"));

    public void Dispose()
    {
        _client.Output.Dispose();
        if (_ownsServer)
        {
            Server.Dispose();
        }
    }
}

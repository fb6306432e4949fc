using System.Net;
using System.Net.Sockets;
using System.Text;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Unit.KeyValue.Server;
using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Unit.KeyValue.Transport;

/// <summary>A server of one node that owns all slots, listening on a free port.</summary>
internal sealed class LoopbackServer(KeyValueServer server, ScriptedCluster cluster, RespListener listener, IPEndPoint endpoint) : IAsyncDisposable
{
    public KeyValueServer Server { get; } = server;

    public ScriptedCluster Cluster { get; } = cluster;

    public IPEndPoint Endpoint { get; } = endpoint;

    public string Port => Endpoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static async Task<LoopbackServer> StartAsync(
        RespTransport transport, ScriptedCluster? cluster = null, Keyspace? keys = null, KeyStorage? storage = null,
        ServingGate? gate = null)
    {
        cluster ??= RespSession.Whole();
        var server = new KeyValueServer(keys ?? new Keyspace(), cluster, TimeProvider.System, new ServerSettings(), new Prng(1), storage)
        {
            Gate = gate ?? ServingGate.AlwaysOpen(),
        };
        for (var port = 21000; ; port++)
        {
            try
            {
                var endpoint = new IPEndPoint(IPAddress.Loopback, port);
                return new LoopbackServer(server, cluster, await RespListener.StartAsync(server, endpoint, CancellationToken.None, transport), endpoint);
            }
            catch (IOException) when (port < 22000)
            {
                // Taken: the next one.
            }
        }
    }

    public async Task<LoopbackClient> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Endpoint);
        return new LoopbackClient(socket);
    }

    public async ValueTask DisposeAsync()
    {
        await listener.DisposeAsync();
        Server.Dispose();
    }
}

/// <summary>A client over a real socket: raw bytes, or one command at a time.</summary>
internal sealed class LoopbackClient(Socket socket) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly RespReplyReader _replies = new();

    /// <summary>Something has come that was not read.</summary>
    public bool HasReply => socket.Available > 0;

    /// <summary>Runs one command; the reply as its type and text, e.g. <c>+OK</c>, <c>$value</c>, <c>_</c>.</summary>
    public async Task<string> CallAsync(params string[] words)
    {
        await SendAsync(RespSession.Encode(words));
        return await ReplyAsync();
    }

    /// <summary>The next reply, as <see cref="CallAsync"/> gives it.</summary>
    public async Task<string> ReplyAsync()
    {
        var bytes = new byte[4096];
        using var limit = new CancellationTokenSource(Deadline);
        RespReply? reply;
        while (!_replies.TryRead(out reply))
        {
            var count = await socket.ReceiveAsync(bytes, limit.Token);
            Assert.True(count > 0, "closed before the reply");
            _replies.Feed(bytes.AsSpan(0, count));
        }

        return Show(reply);
    }

    public async Task SendAsync(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent));
        }
    }

    public async Task<string> ReadAsync(int count)
    {
        var bytes = new byte[count];
        using var limit = new CancellationTokenSource(Deadline);
        for (var read = 0; read < count;)
        {
            var more = await socket.ReceiveAsync(bytes.AsMemory(read), limit.Token);
            Assert.True(more > 0, $"closed after: {Encoding.Latin1.GetString(bytes, 0, Math.Min(read, 200))}");
            read += more;
        }

        return Encoding.Latin1.GetString(bytes);
    }

    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        var bytes = new byte[4096];
        using var limit = new CancellationTokenSource(Deadline);
        try
        {
            while (await socket.ReceiveAsync(bytes, limit.Token) is var count and > 0)
            {
                text.Append(Encoding.Latin1.GetString(bytes, 0, count));
            }
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed all the same.
        }

        return text.ToString();
    }

    public void Dispose() => socket.Dispose();

    private static string Show(RespReply reply) => reply.Items is { } items
        ? $"{reply.Kind}[{string.Join(',', items.Select(Show))}]"
        : reply.Kind + (reply.Bytes is { } bytes ? Encoding.Latin1.GetString(bytes.Span) : "");
}

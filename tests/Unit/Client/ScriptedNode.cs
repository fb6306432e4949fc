using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Trefoil.Primitives;
using Trefoil.Unit.Testing;

namespace Trefoil.Unit.Client;

/// <summary>A server that answers each command with the raw RESP its script gives; an empty answer hangs up.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private readonly TcpListener _listener = Loopback.Listen();
    private readonly Func<string[], string> _script;
    private readonly ConcurrentQueue<string> _heard = [];
    private readonly List<Task> _serving = [];
    private readonly Task _accepting;

    public ScriptedNode(Func<string[], string> script)
    {
        _script = script;
        Address = new HostPort("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);
        _accepting = AcceptAsync();
    }

    public HostPort Address { get; }

    /// <summary>Every command so far, in order of arrival.</summary>
    public IReadOnlyList<string> Heard => [.. _heard];

    /// <summary>What CLUSTER SLOTS answers when the nodes own these ranges.</summary>
    public static string Slots(params (int First, int Last, HostPort Node)[] ranges) =>
        $"*{ranges.Length}\r\n" + string.Concat(ranges.Select(r =>
            $"*3\r\n:{r.First}\r\n:{r.Last}\r\n*4\r\n${r.Node.Host.Length}\r\n{r.Node.Host}\r\n:{r.Node.Port}\r\n$1\r\nx\r\n*0\r\n"));

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_serving);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync()));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        using var reader = new StreamReader(client.GetStream());
        try
        {
            while (await reader.ReadLineAsync() is { } head)
            {
                var command = new string[int.Parse(head.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture)];
                for (var i = 0; i < command.Length; i++)
                {
                    await reader.ReadLineAsync();
                    command[i] = await reader.ReadLineAsync() ?? "";
                }

                _heard.Enqueue(string.Join(' ', command));
                if (_script(command) is not { Length: > 0 } answer)
                {
                    return;
                }

                await client.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes(answer));
            }
        }
        catch (IOException)
        {
            // The client went away.
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Trefoil.KeyValue.Transport;

namespace Trefoil.KeyValue.Server;

/// <summary>What carries RESP.</summary>
public enum RespTransport
{
    /// <summary>Epoll where there is one (Linux), Kestrel elsewhere.</summary>
    Auto,

    /// <summary>A loop of our own on one thread (Linux).</summary>
    Epoll,

    /// <summary>A Kestrel host of its own, scheduled inline.</summary>
    Kestrel,
}

/// <summary>The RESP port: listens from <see cref="StartAsync"/> until it is disposed.</summary>
public sealed class RespListener : IAsyncDisposable
{
    private readonly Func<ValueTask> _stop;

    private RespListener(Func<ValueTask> stop, IPEndPoint endpoint) => (_stop, Endpoint) = (stop, endpoint);

    /// <summary>Where it listens; the port is the real one when 0 was asked for.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>For the Kestrel transport: sockets complete on the one thread that polls them. To be called before the process touches a socket.</summary>
    /// <remarks>It holds for every socket of the process, so a process whose other sockets must not share that thread leaves it alone.</remarks>
    public static void ConfigureSockets()
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");
    }

    /// <summary>Listens on <paramref name="endpoint"/>.</summary>
    /// <exception cref="IOException">The address is in use or not ours.</exception>
    public static async Task<RespListener> StartAsync(
        KeyValueServer server, IPEndPoint endpoint, CancellationToken cancellation, RespTransport transport = RespTransport.Auto)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(endpoint);
        if (transport == RespTransport.Kestrel || (transport == RespTransport.Auto && !OperatingSystem.IsLinux()))
        {
            server.Transport = "kestrel";
            var kestrel = await KestrelTransport.StartAsync(server, endpoint, cancellation);
            return new RespListener(kestrel.DisposeAsync, endpoint);
        }

        server.Transport = "epoll";
        var listener = Listen(endpoint);
        var loop = new EpollLoop(server, listener);
        return new RespListener(
            () =>
            {
                loop.Dispose();
                return ValueTask.CompletedTask;
            },
            (IPEndPoint)listener.LocalEndPoint!);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stop();

    private static Socket Listen(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Not SocketOptionName.ReuseAddress: it also sets SO_REUSEPORT, and a second server would share the port in silence.
            socket.Blocking = false;
            socket.Bind(endpoint);
            socket.Listen(511);
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new IOException(error.Message, error);
        }
    }
}

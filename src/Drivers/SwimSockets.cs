using System.Net;
using System.Net.Sockets;

namespace Trefoil.Drivers;

/// <summary>What came of binding the SWIM port.</summary>
public abstract record SwimBinding
{
    private SwimBinding() { }

    /// <summary>Both sockets listen. The receiver owns them.</summary>
    public sealed record Bound(SwimSockets Sockets) : SwimBinding;

    /// <summary>Nothing is bound; the message names address, port and reason.</summary>
    public sealed record Refused(string Message) : SwimBinding;
}

/// <summary>The UDP socket and the TCP listener of one node, on one port number.</summary>
public sealed class SwimSockets : IDisposable
{
    private const int ReceiveBufferBytes = 1024 * 1024;
    private const int Backlog = 512;

    private SwimSockets(Socket udp, Socket listener)
    {
        Udp = udp;
        Listener = listener;
    }

    /// <summary>The address and the port that both are bound to.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)Udp.LocalEndPoint!;

    internal Socket Udp { get; }

    internal Socket Listener { get; }

    /// <summary>Binds both. Port 0 takes one that is free for both (for tests).</summary>
    public static SwimBinding Bind(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        const int AttemptsAtAnyPort = 16;
        SwimBinding result = new SwimBinding.Refused("");
        for (var attempt = 0; attempt < (port == 0 ? AttemptsAtAnyPort : 1); attempt++)
        {
            result = BindOnce(address, port);
            if (result is SwimBinding.Bound)
            {
                break;
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Udp.Dispose();
        Listener.Dispose();
    }

    private static SwimBinding BindOnce(IPAddress address, int port)
    {
        var udp = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        var (transport, wanted) = ("UDP", port);
        try
        {
            udp.Bind(new IPEndPoint(address, port));
            transport = "TCP";
            wanted = ((IPEndPoint)udp.LocalEndPoint!).Port;
            listener.Bind(new IPEndPoint(address, wanted));
            listener.Listen(Backlog);

            // Nothing here ever blocks without a limit: every wait is a Poll.
            udp.Blocking = false;
            listener.Blocking = false;
            udp.ReceiveBufferSize = ReceiveBufferBytes;
            return new SwimBinding.Bound(new SwimSockets(udp, listener));
        }
        catch (SocketException refused)
        {
            udp.Dispose();
            listener.Dispose();
            var reason = refused.SocketErrorCode == SocketError.AddressAlreadyInUse ? "the port is in use" : refused.Message;
            return new SwimBinding.Refused($"cannot listen for SWIM on {new IPEndPoint(address, wanted)} ({transport}): {reason}");
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Trefoil.Unit.Testing;

/// <summary>Ports of this machine for servers of tests: on loopback, below the ephemeral range, so that no client's own port is in the way.</summary>
internal static class Loopback
{
    private const int First = 23000;
    private const int Last = 32000;
    private static int _next = Environment.ProcessId % 4000;

    /// <summary>A listener on a port that was free.</summary>
    public static TcpListener Listen()
    {
        while (true)
        {
            var listener = new TcpListener(IPAddress.Loopback, NextPort());
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                listener.Dispose();
            }
        }
    }

    /// <summary>A port that nobody has now.</summary>
    public static int FreePort()
    {
        using var listener = Listen();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static int NextPort() => First + (Interlocked.Increment(ref _next) % (Last - First));
}

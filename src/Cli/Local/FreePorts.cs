using System.Net;
using System.Net.Sockets;
using Trefoil.Primitives;

namespace Trefoil.Cli.Local;

/// <summary>Finds a base port whose ports are all free on loopback right now.</summary>
internal static class FreePorts
{
    // Below 32768, where Linux begins to hand out ports for outgoing connections: such a connection could otherwise
    // take a node's port while the node is down.
    private const int LowestBase = 10000;
    private const int HighestBase = 32768 - 700;
    private const int Step = 100;
    private const int Attempts = 400;

    /// <summary>A free base port for <paramref name="nodes"/> nodes; null if none was found.</summary>
    /// <remarks>The draw is random so that two clusters started at the same moment hardly ever try the same base.</remarks>
    public static int? FindBase(int nodes, Prng random)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var candidate = LowestBase + (random.Below((HighestBase - LowestBase) / Step) * Step);
            if (FirstTaken(candidate, nodes) is null)
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>The first port of these nodes that somebody has, with its configuration key; null if all are free.</summary>
    public static (int Node, string Key, int Port)? FirstTaken(int basePort, int nodes)
    {
        for (var index = 1; index <= nodes; index++)
        {
            foreach (var (key, port) in new NodePorts(basePort, index).All)
            {
                if (!IsFree(port, SocketType.Stream) || (key == "swim_port" && !IsFree(port, SocketType.Dgram)))
                {
                    return (index, key, port);
                }
            }
        }

        return null;
    }

    private static bool IsFree(int port, SocketType type)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

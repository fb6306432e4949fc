using System.Diagnostics;
using System.Net.Sockets;
using Trefoil.Client;
using Trefoil.Primitives;

namespace Trefoil.Cluster.Failover.Load;

/// <summary>The slot map that the clients of one load share: corrected by MOVED, fetched anew, though not all the time, when a node fails them.</summary>
internal sealed class ClusterMap(IReadOnlyList<HostPort> nodes, Func<Socket> makeSocket, LoadOptions options)
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(50);

    private readonly Lock _fetching = new();
    private volatile SlotMap _map = SlotMap.Empty;
    private long _fetched; // under _fetching: when the last fetch ended
    private int _turn; // under _fetching

    public HostPort? OwnerOf(int slot) => _map.OwnerOf(slot);

    public void Correct(int slot, HostPort owner) => _map = _map.With(slot, owner);

    /// <summary>Asks the nodes in turn until one answers with a map, unless somebody else just did.</summary>
    public void Refresh()
    {
        if (!_fetching.TryEnter())
        {
            return;
        }

        try
        {
            if (_fetched != 0 && Stopwatch.GetElapsedTime(_fetched) < ShortestInterval)
            {
                return;
            }

            for (var i = 0; i < nodes.Count; i++)
            {
                var node = nodes[_turn++ % nodes.Count];
                if (Ask(node) is { Nodes.Count: > 0 } map)
                {
                    _map = map;
                    break;
                }
            }

            _fetched = Stopwatch.GetTimestamp();
        }
        finally
        {
            _fetching.Exit();
        }
    }

    private SlotMap? Ask(HostPort node)
    {
        using var connection = LoadConnection.Open(node, makeSocket, options with { ReplyTimeout = options.ConnectTimeout });
        return connection?.Call(["CLUSTER", "SLOTS"]) is [var reply] ? SlotMap.Parse(reply, node) : null;
    }
}

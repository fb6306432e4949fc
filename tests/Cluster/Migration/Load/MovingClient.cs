using System.Diagnostics;
using Trefoil.Client;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Cluster.Migration.Load;

/// <summary>A client with a slot map of its own, which only MOVED changes, so that what it is told can be counted.</summary>
internal sealed class MovingClient(IFailoverCluster cluster, SlotMap map, MovingTally tally, CancellationToken stop) : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(2);
    private static readonly LoadOptions Patient = new() { ReplyTimeout = TimeSpan.FromSeconds(10), ConnectTimeout = TimeSpan.FromSeconds(2) };

    private readonly HostPort?[] _owners = [.. Enumerable.Range(0, HashSlot.Count).Select(map.OwnerOf)];
    private readonly Dictionary<HostPort, LoadConnection> _connections = [];

    public MovingTally Tally => tally;

    /// <summary>The reply, redirects followed and TRYAGAIN repeated; null once it failed in any other way, which is an error of the tally.</summary>
    public RespReply? Call(int slot, params string[] command)
    {
        var began = Stopwatch.GetTimestamp();
        HostPort? asked = null;
        while (true)
        {
            var node = asked ?? _owners[slot];
            if (node is not { } target || Connect(target) is not { } connection)
            {
                tally.Failed($"{node} cannot be reached");
                return null;
            }

            var reply = (asked is null ? connection.Call(command) : connection.Call(["ASKING"], command))?[^1];
            asked = null;
            if (reply is not { IsError: true })
            {
                Answered(began, reply, target, command);
                return reply;
            }

            switch (Redirect.Parse(reply, target))
            {
                case { Ask: true } ask:
                    tally.WasAsked();
                    asked = ask.Target;
                    break;
                case { } moved:
                    tally.WasMoved(slot);
                    _owners[slot] = moved.Target;
                    break;
                case null when reply.Text!.StartsWith("TRYAGAIN", StringComparison.Ordinal) && !stop.IsCancellationRequested:
                    tally.HadToTryAgain();
                    stop.WaitHandle.WaitOne(RetryPause);
                    break;
                default:
                    tally.Failed($"{command[0]} to {target}: {reply.Text}");
                    return null;
            }
        }
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Values)
        {
            connection.Dispose();
        }
    }

    private void Answered(long began, RespReply? reply, HostPort node, string[] command)
    {
        if (reply is null)
        {
            tally.Failed($"{command[0]}: {node} broke the connection, or did not answer");
        }
        else
        {
            tally.Answered(began, Stopwatch.GetTimestamp());
        }
    }

    private LoadConnection? Connect(HostPort node)
    {
        if (_connections.TryGetValue(node, out var known) && !known.IsLost)
        {
            return known;
        }

        return LoadConnection.Open(node, cluster.MakeSocket, Patient) is { } opened ? _connections[node] = opened : null;
    }
}

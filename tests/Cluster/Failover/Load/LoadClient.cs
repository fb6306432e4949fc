using System.Diagnostics;
using System.Net.Sockets;
using Trefoil.Client;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Cluster.Failover.Load;

/// <summary>How a request ended.</summary>
internal enum Outcome
{
    /// <summary>Answered: it was done.</summary>
    Done,

    /// <summary>Given up, because the load ends, while it surely had not been done.</summary>
    NotDone,

    /// <summary>Sent, and the answer never came.</summary>
    Unknown,
}

/// <summary>What a request brought.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Replies">One for each command, if it was done.</param>
/// <param name="Node">Who was asked last.</param>
/// <param name="Call">When the last attempt was sent, in ticks of <see cref="Stopwatch"/>.</param>
/// <param name="Return">When it ended.</param>
internal readonly record struct Answer(Outcome Outcome, RespReply[] Replies, HostPort Node, long Call, long Return)
{
    public RespReply Last => Replies[^1];
}

/// <summary>One client: follows redirects, fetches the map when a node fails it, and tries again what surely was not done until the load ends.</summary>
/// <param name="map">Shared with the other clients.</param>
/// <param name="makeSocket">Makes the sockets, and so decides which network the client is in.</param>
/// <param name="pinned">The only node it may ask: for a client that is cut off together with a node. Null: any.</param>
/// <param name="options">Its patience.</param>
/// <param name="stop">Ends the trying.</param>
internal sealed class LoadClient(ClusterMap map, Func<Socket> makeSocket, HostPort? pinned, LoadOptions options, CancellationToken stop) : IDisposable
{
    /// <summary>Refused before anything was changed: trying again is safe.</summary>
    private static readonly string[] NotDoneCodes = ["MOVED", "ASK", "CLUSTERDOWN", "TRYAGAIN", "LOADING", "MASTERDOWN", "NOREPLICAS", "READONLY", "EXECABORT"];

    private readonly Dictionary<HostPort, LoadConnection> _connections = [];

    /// <summary>Called for every failure that is no redirect, with its code.</summary>
    public Action<string> Failed { get; init; } = _ => { };

    /// <summary>Sends commands on keys of <paramref name="slot"/> as one pipeline.</summary>
    public Answer Execute(int slot, params string[][] commands)
    {
        var asking = false;
        var node = default(HostPort);
        var call = Stopwatch.GetTimestamp();
        HostPort? redirected = null;
        while (!stop.IsCancellationRequested)
        {
            if ((redirected ?? pinned ?? map.OwnerOf(slot)) is not { } target || Connect(target) is not { } connection)
            {
                Failed("UNREACHABLE");
                redirected = null;
                Rest();
                continue;
            }

            node = target;
            call = Stopwatch.GetTimestamp();
            var replies = asking ? connection.Call([["ASKING"], .. commands])?[1..] : connection.Call(commands);
            var end = Stopwatch.GetTimestamp();
            (asking, redirected) = (false, null);
            if (replies is null)
            {
                Failed("LOST");
                map.Refresh();
                return new Answer(Outcome.Unknown, [], node, call, end);
            }

            if (replies.FirstOrDefault(r => r.IsError) is not { } error)
            {
                return new Answer(Outcome.Done, replies, node, call, end);
            }

            if (pinned is null && Redirect.Parse(error, node) is { } redirect)
            {
                (asking, redirected) = (redirect.Ask, redirect.Target);
                if (!redirect.Ask)
                {
                    map.Correct(redirect.Slot, redirect.Target);
                }

                continue;
            }

            var code = error.Text!.Split(' ', 2)[0];
            Failed(NotDoneCodes.Contains(code) ? code : error.Text);
            if (!NotDoneCodes.Contains(code))
            {
                return new Answer(Outcome.Unknown, [], node, call, end);
            }

            Rest();
        }

        return new Answer(Outcome.NotDone, [], node, call, Stopwatch.GetTimestamp());
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Values)
        {
            connection.Dispose();
        }
    }

    private LoadConnection? Connect(HostPort node)
    {
        if (_connections.TryGetValue(node, out var known) && !known.IsLost)
        {
            return known;
        }

        _connections.Remove(node);
        if (LoadConnection.Open(node, makeSocket, options) is not { } opened)
        {
            return null;
        }

        return _connections[node] = opened;
    }

    private void Rest()
    {
        stop.WaitHandle.WaitOne(options.RetryPause);
        if (pinned is null)
        {
            map.Refresh();
        }
    }
}

using System.Globalization;
using Trefoil.Client;
using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Node.Cluster;

/// <summary>Asks the node behind a RESP port who it is: the first step of CLUSTER MEET.</summary>
internal static class PeerQuery
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>The peer, or why it could not be asked.</summary>
    public static async Task<(MeetPeer? Peer, string Problem)> AskAsync(
        HostPort address, TimeProvider time, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            var (connection, failure) = await RespConnection.ConnectAsync(address, Timeout, time, either.Token);
            if (connection is null)
            {
                return (null, $"cannot reach {address}: {failure}");
            }

            await using (connection)
            {
                var reply = await connection.SendAsync(new RespCommand("TREFOIL.PEER"), either.Token);
                return Read(reply) is { } peer
                    ? (peer, "")
                    : (null, $"{address} does not answer as a Trefoil node does");
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"{address} did not answer within {Timeout.TotalSeconds:0} s");
        }
    }

    private static MeetPeer? Read(RespReply reply)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; reply.Items is { } items && i + 1 < items.Count; i += 2)
        {
            fields[items[i].Text ?? ""] = items[i + 1].Text ?? "";
        }

        return fields.TryGetValue("id", out var id) && NodeId.TryParse(id, out var node)
            && fields.TryGetValue("cluster-id", out var cluster) && NodeId.TryParse(cluster, out var clusterId)
            && fields.TryGetValue("cluster-name", out var name)
            && fields.TryGetValue("members", out var members) && int.TryParse(members, CultureInfo.InvariantCulture, out var count)
            && fields.TryGetValue("keys", out var keys) && long.TryParse(keys, CultureInfo.InvariantCulture, out var keyCount)
            && fields.TryGetValue("host", out var host)
            && fields.TryGetValue("rpc-port", out var port) && int.TryParse(port, CultureInfo.InvariantCulture, out var rpc)
            ? new MeetPeer(node, new ClusterId(clusterId.High, clusterId.Low), name, count, keyCount, new HostPort(host, rpc))
            : null;
    }
}

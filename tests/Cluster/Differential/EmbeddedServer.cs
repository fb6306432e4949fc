using System.Net;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Cluster.Differential;

/// <summary>The one who is judged: the key-value leaf alone, in this process, owner of all slots.</summary>
internal sealed class EmbeddedServer : IAsyncDisposable
{
    private readonly KeyValueServer _server;
    private readonly RespListener _listener;

    private EmbeddedServer(KeyValueServer server, RespListener listener, int port) => (_server, _listener, Port) = (server, listener, port);

    public int Port { get; }

    public static async Task<EmbeddedServer> StartAsync()
    {
        var random = new Prng(1);
        var port = RedisServer.FreePort();
        var self = new NodeRecord
        {
            Id = NodeId.Draw(random),
            MemberId = 1,
            Endpoints = new NodeEndpoints("127.0.0.1", "", port, port + 1, port + 2, port + 3, port + 4, port + 5),
        };
        var topology = Topology.OneNode(self, ClusterId.Draw(random), "differential");
        var source = new StaticClusterSource(self.Id, topology);
        var server = new KeyValueServer(new Keyspace(), source, TimeProvider.System, new ServerSettings(), random);
        var listener = await RespListener.StartAsync(server, new IPEndPoint(IPAddress.Loopback, port), CancellationToken.None);
        return new EmbeddedServer(server, listener, port);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _server.Dispose();
    }
}

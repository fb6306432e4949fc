using Microsoft.Extensions.Logging;
using Trefoil.ControlPlane;
using Trefoil.Drivers.Control;
using Trefoil.Drivers.Peers;
using Trefoil.Drivers.Replicas;
using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.Server;
using Trefoil.Node.Cluster;
using Trefoil.Node.Migrations;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Node.Replicas;

/// <summary>This node's part in its shard, put together: the keys' log, the core that ships or fills it, the gate, and the ways in and out.</summary>
internal sealed class ShardReplication : IDisposable
{
    private readonly KeyReplica _replica;
    private readonly ReplicaDriver _driver;
    private readonly ConsensusClusterSource _source;
    private readonly ILogger _log;
    private readonly Lock _looking = new();
    private Topology? _seen;

    private ShardReplication(KeyReplica replica, ReplicaDriver driver, ConsensusClusterSource source, ILogger log) =>
        (_replica, _driver, _source, _log) = (replica, driver, source, log);

    /// <summary>Starts to follow, or to be elected; until then the server's gate is shut.</summary>
    /// <param name="server">Its keys.</param>
    /// <param name="source">The cluster.</param>
    /// <param name="control">The way to the control plane.</param>
    /// <param name="transport">The way to the other members.</param>
    /// <param name="clusterName">For envelopes.</param>
    /// <param name="self">Where peers reach this node.</param>
    /// <param name="start">What the node knew of the cluster when its process started, and how often it was started.</param>
    /// <param name="log">For events.</param>
    /// <param name="migrations">Hears where replication stands, and that the log grew.</param>
    /// <param name="fatal">Ends the process.</param>
    public static ShardReplication Start(
        KeyValueServer server, ConsensusClusterSource source, ControlDriver control, PeerTransport transport, string clusterName, HostPort self,
        (Topology First, NodeId Self, uint Boot) start, ILogger log, SlotMigrations migrations, Action<string> fatal)
    {
        ReplicaDriver? driver = null;
        var replica = new KeyReplica(server, input => driver?.Post(input));
        var callbacks = new ReplicaCallbacks
        {
            Viewed = shard => replica.HasPeers = shard is { Members.Count: > 1 },
            Reported = (status, now) =>
            {
                server.Replication.Publish(status, now);
                migrations.Report(status);
            },
            Acked = replica.Acked,
            Opened = server.Gate.Open,
            Closed = server.Gate.Close,
            Paused = replica.Pause,
            Deposed = server.Gate.Depose,
            Propose = build => control.Ask(token => new ControlInput.Propose(token, build), CancellationToken.None),
            Control = input => control.Post(input),
            Note = (what, detail) => NodeLog.Replica(log, what.ToString(), detail),
            Fatal = fatal,
        };
        driver = new ReplicaDriver(
            (id, copy, now) => new ReplicaNode(id, new ReplicationConfig { Incarnation = start.Boot }, copy, now), replica, transport, clusterName, self,
            start.First, start.Self, callbacks, server.Time);
        var replication = new ShardReplication(replica, driver, source, log);
        replica.OnAppended(() =>
        {
            driver.LogGrew();
            migrations.LogGrew();
        });
        server.Replication.Backlog = () => replica.Backlog;
        transport.ReplicaReceived = driver.Take;
        transport.Unreachable += driver.ReportUnreachable;
        source.TopologyChanged += replication.Look;
        source.HandOverThrough(replication.HandOverAsync);
        replication.Look();
        driver.Start();
        return replication;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.TopologyChanged -= Look;
        _driver.Dispose();
        _replica.Dispose();
    }

    /// <summary>Any thread. Under the lock, so that what is passed on never goes back.</summary>
    private void Look()
    {
        lock (_looking)
        {
            // A slot that moves wakes nobody here: redis-cli moves thousands, one after another.
            var (seen, topology) = (_seen, _source.Topology);
            if (seen is not null && seen.ClusterId == topology.ClusterId && ReferenceEquals(seen.Shards, topology.Shards)
                && ReferenceEquals(seen.Nodes, topology.Nodes) && ReferenceEquals(seen.Settings, topology.Settings))
            {
                return;
            }

            _seen = topology;
            Count(topology.SettingOf("replication_ack") == "durable");
            _driver.Follow(topology, _source.Self);
        }
    }

    /// <summary>Where copies count only on the disk, records go there at once: the second of <c>appendfsync everysec</c> would hold every answer up.</summary>
    private void Count(bool whenDurable)
    {
        if (_replica.SyncsAtOnce != whenDurable)
        {
            _replica.SyncsAtOnce = whenDurable;
            if (whenDurable && !_replica.IsLogged)
            {
                NodeLog.NothingDurable(_log);
            }

            _driver.Post(new ReplicaInput.Settings(whenDurable ? AckKind.Durable : AckKind.Received));
        }
    }

    private async ValueTask<CommandResult> HandOverAsync(CancellationToken cancellation) =>
        await _driver.HandOver(_source.Self).WaitAsync(cancellation) is { } error ? new CommandResult.Refused("ERR " + error) : CommandResult.Ok;
}

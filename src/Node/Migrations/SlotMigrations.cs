using Microsoft.Extensions.Logging;
using Trefoil.ControlPlane;
using Trefoil.Drivers.Control;
using Trefoil.Drivers.Migrations;
using Trefoil.Drivers.Peers;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.SlotMigration;
using Trefoil.Migration;
using Trefoil.Node.Cluster;
using Trefoil.Primitives;
using Trefoil.Replication;

namespace Trefoil.Node.Migrations;

/// <summary>This node's part in the moves of slots, put together: the slots' contents, the core that moves them, and the ways in and out.</summary>
internal sealed class SlotMigrations : IDisposable
{
    private readonly KeyMigration _slots;
    private readonly MigrationDriver _driver;
    private readonly ConsensusClusterSource _source;
    private readonly Lock _looking = new();

    private SlotMigrations(KeyMigration slots, MigrationDriver driver, ConsensusClusterSource source) => (_slots, _driver, _source) = (slots, driver, source);

    /// <summary>Starts; it sleeps until the topology shows a migration of this node's shard.</summary>
    /// <param name="server">Its keys.</param>
    /// <param name="source">The cluster.</param>
    /// <param name="control">The way to the control plane.</param>
    /// <param name="transport">The way to the other ends.</param>
    /// <param name="clusterName">For envelopes.</param>
    /// <param name="self">Where peers reach this node.</param>
    /// <param name="log">For events.</param>
    /// <param name="fatal">Ends the process.</param>
    public static SlotMigrations Start(
        KeyValueServer server, ConsensusClusterSource source, ControlDriver control, PeerTransport transport, string clusterName, HostPort self,
        ILogger log, Action<string> fatal)
    {
        var slots = new KeyMigration(server);
        var callbacks = new MigrationCallbacks
        {
            Propose = build => control.Ask(token => new ControlInput.Propose(token, build), CancellationToken.None),
            Reported = server.Moves.Publish,
            Note = (what, detail) => NodeLog.Migration(log, what.ToString(), detail),
            Fatal = fatal,
        };
        var driver = new MigrationDriver(
            (id, now) =>
            {
                slots.Forget();
                return new MigrationNode(id, new MigrationConfig(), slots, now);
            },
            transport, clusterName, self, source.Topology, source.Self, callbacks,
            server.Time);
        var migrations = new SlotMigrations(slots, driver, source);
        transport.MigrationReceived = driver.Take;
        source.TopologyChanged += migrations.Look;
        migrations.Look();
        driver.Start();
        return migrations;
    }

    /// <summary>Where replication stands: an end of a migration is the primary that serves, and slots come only to where they are held.</summary>
    public void Report(ReplicaStatus status) => _driver.Report(status);

    /// <summary>The log has grown.</summary>
    public void LogGrew() => _driver.LogGrew();

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.TopologyChanged -= Look;
        _driver.Dispose();
        _slots.Dispose();
    }

    /// <summary>Any thread. Under the lock, so that what is passed on never goes back. Commands ask <see cref="ConsensusClusterSource.Topology"/> itself, so they show it already.</summary>
    private void Look()
    {
        lock (_looking)
        {
            _driver.Follow(_source.Topology, _source.Self);
        }
    }
}

using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Trefoil.ControlPlane;
using Trefoil.Drivers;
using Trefoil.Drivers.Control;
using Trefoil.Drivers.Peers;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Membership;
using Trefoil.Node.Assertions;
using Trefoil.Node.Cluster;
using Trefoil.Node.Configuration;
using Trefoil.Node.Migrations;
using Trefoil.Node.Replicas;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;

namespace Trefoil.Node;

/// <summary>The composition root: one node, built by hand from top to bottom, then started; stopped in the reverse order.</summary>
public sealed class NodeHost : IAsyncDisposable
{
    private readonly ILogger _log;
    private readonly Stack<Func<ValueTask>> _stops;

    private NodeHost(ILogger log, Stack<Func<ValueTask>> stops, IClusterSource cluster)
    {
        _log = log;
        _stops = stops;
        Cluster = cluster;
    }

    /// <summary>The cluster as this node sees it.</summary>
    public IClusterSource Cluster { get; }

    /// <summary>Completes when a client said SHUTDOWN: whoever owns this host disposes it.</summary>
    public required Task StopRequested { get; init; }

    /// <summary>Starts a node; on failure everything already started is stopped again and the failure says why.</summary>
    public static async Task<(NodeHost? Host, StartFailure? Failure)> StartAsync(
        NodeConfig config, ILoggerFactory logs, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(logs);
        var stops = new Stack<Func<ValueTask>>();
        var stopRequested = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = logs.CreateLogger("trefoil");
        IClusterSource? cluster = null;
        StartFailure? failure;
        try
        {
            (cluster, failure) = config.ClusterFile.Length > 0
                ? await StartStaticAsync(config, log, time, stops, () => stopRequested.TrySetResult(), cancellation)
                : await StartMemberAsync(config, log, time, stops, () => stopRequested.TrySetResult(), cancellation);
        }
        catch (IOException error)
        {
            // A full disk, for one: starting writes too.
            failure = StartFailure.Failed($"data_dir '{config.DataDir}' cannot be used: {error.Message}");
        }

        var host = new NodeHost(log, stops, cluster!) { StopRequested = stopRequested.Task };
        if (failure is not null)
        {
            await host.DisposeAsync();
            return (null, failure);
        }

        NodeLog.Ready(log, At(config, config.RespPort), At(config, config.RpcPort), At(config, config.SwimPort));
        return (host, null);
    }

    /// <summary>Stops listening, says goodbye to the members, closes the log, gives the directory back.</summary>
    public async ValueTask DisposeAsync()
    {
        NodeLog.Stopping(_log);
        while (_stops.TryPop(out var stop))
        {
            await stop();
        }
    }

    /// <summary>A node of a cluster that agrees by consensus.</summary>
    private static async Task<(IClusterSource?, StartFailure?)> StartMemberAsync(
        NodeConfig config, ILogger log, TimeProvider time, Stack<Func<ValueTask>> stops, Action stopRequested, CancellationToken cancellation)
    {
        if (!IPAddress.TryParse(config.Bind, out var bind))
        {
            return (null, StartFailure.Configuration($"bind must be an IP address of this machine, not '{config.Bind}'"));
        }

        if (!IsName(config.ClusterName, SwimLimits.MaxClusterNameBytes) || !IsName(config.Announced, SwimLimits.MaxHostBytes))
        {
            return (null, StartFailure.Configuration(NamesAre));
        }

        // What is on disk: the directory is ours alone from here on.
        var random = new Prng(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
        if (DataDirectory.Open(config.DataDir, out var failure) is not { } directory)
        {
            return (null, failure);
        }

        stops.Push(Stop(directory.Dispose));
        var opened = ControlStore.Open(directory.Disk, config.ClusterName, random);
        if (opened is not ControlOpenResult.Opened { Store: var store, Restore: var restore })
        {
            return (null, StartFailure.Failed(((ControlOpenResult.Refused)opened).Refusal));
        }

        // The control plane's core, and the source through which the key-value leaf sees it.
        var endpoints = EndpointsOf(config);
        var core = new ControlNode(
            new ControlConfig { Bootstrap = config.Bootstrap, Settings = SettingsOf(config) }, restore, endpoints, config.Zone, random.Fork(), TimeSpan.Zero);
        if (config.ProblemWith(core.Topology.SettingOf("replication_ack")) is { } problem)
        {
            return (null, StartFailure.Configuration(problem));
        }

        NodeLog.Starting(log, Version, restore.Identity.Node.ToString(), config.ClusterName, config.DataDir);
        NodeLog.Recovered(log, core.Topology.Version, restore.Log?.Entries.Count ?? 0, restore.Log?.TornBytes ?? 0);
        var keys = new Keyspace();
        var source = new ConsensusClusterSource(restore.Identity.Node, core.Topology, endpoints, keys, time);
        var links = new OwnerLinks(() => source.Password(), time);
        stops.Push(links.DisposeAsync);
        source.TakeThrough(new SlotTaking(source, links, log, time));
        if (core.IsOffered)
        {
            source.Fence(true);
        }

        // The gate is shut until the shard's core opens it, and a lease holds.
        var gate = new ServingGate();
        var start = (core.Topology, restore.Identity.Node, restore.Identity.BootEpoch);
        failure = StartControl(config, bind, log, time, random, core, store, source, gate, stops, out var control, out var transport);
        if (failure is null)
        {
            failure = await ServeKeysAsync(
                config, bind, log, directory.Disk, keys, source, gate, time, random, stops, stopRequested,
                server => StartShard(
                    server, source, control!, transport!, config.ClusterName, new HostPort(config.Announced, config.RpcPort), start, log, stops),
                cancellation);
        }

        failure ??= await StartAssertionsAsync(config, bind, log, directory.Disk, source, time, random, stops, cancellation);
        if (failure is null && config.Seeds.Count > 0)
        {
            var seeds = new SeedMeeting(config.Seeds, source, log, time);
            stops.Push(seeds.DisposeAsync);
        }

        return (source, failure);
    }

    /// <summary>What this node does for its shard's slots: their copies, and their moves to other shards and from them.</summary>
    private static ShardReplication StartShard(
        KeyValueServer server, ConsensusClusterSource source, ControlDriver control, PeerTransport transport, string clusterName, HostPort self,
        (Topology First, NodeId Self, uint Boot) start, ILogger log, Stack<Func<ValueTask>> stops)
    {
        var migrations = SlotMigrations.Start(server, source, control, transport, clusterName, self, log, reason => StopFollowing(log, reason));
        stops.Push(Stop(migrations.Dispose));
        return ShardReplication.Start(
            server, source, control, transport, clusterName, self, start, log, migrations, reason => StopFollowing(log, reason));
    }

    private static string NamesAre => "cluster_name and announce_host must be visible ASCII characters, "
        + $"at most {SwimLimits.MaxClusterNameBytes} and {SwimLimits.MaxHostBytes} of them";

    /// <summary>The threads between the nodes: every socket is bound before any of them runs, so a port in use is not half a node.</summary>
    private static StartFailure? StartControl(
        NodeConfig config, IPAddress bind, ILogger log, TimeProvider time, Prng random, ControlNode core, ControlStore store,
        ConsensusClusterSource source, ServingGate gate, Stack<Func<ValueTask>> stops, out ControlDriver? started, out PeerTransport? transport)
    {
        ControlDriver? control = started = null;
        transport = PeerTransport.Listen(
            config.ClusterName, config.Secret, new IPEndPoint(bind, config.RpcPort),
            (from, message) => control?.Post(new ControlInput.Peer(from, message)), out var problem);
        if (transport is null)
        {
            return StartFailure.Failed(problem!);
        }

        stops.Push(Stop(transport.Dispose));
        var binding = SwimSockets.Bind(bind, config.SwimPort);
        if (binding is not SwimBinding.Bound { Sockets: var sockets })
        {
            return StartFailure.Failed($"{((SwimBinding.Refused)binding).Message} (swim_port)");
        }

        // SWIM, then the control thread: each tells the next, and none is told before it is there.
        var identity = core.Identity;
        var swimCore = new Swim(
            SwimProfile(config), identity.Node, new HostPort(config.Announced, config.SwimPort), config.ClusterName,
            identity.Cluster, identity.BootEpoch, random.Fork());
        var health = new MemberHealth(log, source, time, config.ClusterName, input => control?.Post(input));
        var swim = SwimDriver.Start(
            swimCore, sockets, new SwimDriverConfig { Secret = config.Secret }, health.Notice, time);
        stops.Push(Stop(() => swim.Stop(TimeSpan.FromSeconds(1))));
        health.Watch(swim);
        var gossip = new SwimCommands(swim, source);
        control = started = new ControlDriver(
            core, store, transport, new HostPort(config.Announced, config.RpcPort), CallbacksOf(log, source, gossip, gate), new BootTime());
        transport.Unreachable = address => control.Post(new ControlInput.Unreachable(address));
        source.Attach(control, () => swim.Snapshot.Counters);
        gossip.Join(SwimAddressesOf(core.Topology, identity.Node));
        control.Start();
        stops.Push(Stop(control.Dispose));
        return null;
    }

    /// <summary>A node of a cluster that a file describes: nothing to agree on, so neither SWIM nor Raft.</summary>
    private static async Task<(IClusterSource?, StartFailure?)> StartStaticAsync(
        NodeConfig config, ILogger log, TimeProvider time, Stack<Func<ValueTask>> stops, Action stopRequested, CancellationToken cancellation)
    {
        if (!IPAddress.TryParse(config.Bind, out var bind))
        {
            return (null, StartFailure.Configuration($"bind must be an IP address of this machine, not '{config.Bind}'"));
        }

        string text;
        try
        {
            text = await File.ReadAllTextAsync(config.ClusterFile, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, StartFailure.Configuration($"cluster_file '{config.ClusterFile}' cannot be read: {error.Message}"));
        }

        var read = ClusterFile.Read(text, config.ClusterFile);
        if (read is not ClusterFileResult.Loaded { File: var map })
        {
            return (null, StartFailure.Configuration(string.Join('\n', ((ClusterFileResult.Failed)read).Errors)));
        }

        foreach (var warning in map.Warnings)
        {
            NodeLog.ClusterFileWarning(log, warning);
        }

        if (DataDirectory.Open(config.DataDir, out var failure) is not { } directory)
        {
            return (null, failure);
        }

        stops.Push(Stop(directory.Dispose));
        NodeLog.Starting(log, Version, map.Self.Record.Id.ToString(), map.ClusterName, config.DataDir);
        var random = new Prng(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
        var source = new StaticClusterSource(map.Self.Record.Id, map.Topology);
        failure = await ServeKeysAsync(
            config, bind, log, directory.Disk, new Keyspace(), source, ServingGate.AlwaysOpen(), time, random, stops, stopRequested, _ => null, cancellation);
        return (source, failure ?? await StartAssertionsAsync(config, bind, log, directory.Disk, source, time, random, stops, cancellation));
    }

    /// <summary>The assertion leaf, if it is on; after the keys, so that a node that says it is ready has both.</summary>
    private static Task<StartFailure?> StartAssertionsAsync(
        NodeConfig config, IPAddress bind, ILogger log, IDisk disk, IClusterSource source, TimeProvider time, Prng random,
        Stack<Func<ValueTask>> stops, CancellationToken cancellation) =>
        AssertionHosting.StartAsync(
            config, bind, log, disk, source.Self, () => ClusterViews.Of(source), time, random.Fork(), error => StopAtOnce(log, error), stops, cancellation);

    /// <summary>The key-value leaf: what was acknowledged is back before the port opens. <c>replicate</c> starts this node's part in its shard, if it has one.</summary>
    private static async Task<StartFailure?> ServeKeysAsync(
        NodeConfig config, IPAddress bind, ILogger log, IDisk disk, Keyspace keys, IClusterSource source, ServingGate gate, TimeProvider time, Prng random,
        Stack<Func<ValueTask>> stops, Action stopRequested, Func<KeyValueServer, IDisposable?> replicate, CancellationToken cancellation)
    {
        if (SavePoint.Parse(config.Save) is not { } savePoints)
        {
            return StartFailure.Configuration($"save must be pairs of seconds and changes such as '3600 1 60 10000', not '{config.Save}'");
        }

        if (KeyRecovery.Open(config, log, disk, keys, time, random, error => StopAtOnce(log, error), out var failure) is not { } storage)
        {
            return failure;
        }

        stops.Push(Stop(storage.Dispose));
        var settings = new ServerSettings
        {
            MaxClients = config.MaxClients,
            Bind = config.Bind,
            Port = config.RespPort,
            Directory = config.DataDir,
            SavePoints = savePoints,
        };
        if (source is ConsensusClusterSource member)
        {
            member.Password = () => settings.Password;
        }

        var server = new KeyValueServer(keys, source, time, settings, random.Fork(), storage)
        {
            DiskFailed = error => StopAtOnce(log, error),
            Gate = gate,
            MaxMemoryChanged = new HeapLimit(log).Apply,
            StopRequested = stopRequested,
        };
        server.Faulted += fault => NodeLog.CommandFaulted(log, fault);
        stops.Push(Stop(server.Dispose));
        if ((server.Configure("maxmemory-policy", config.MaxMemoryPolicy) ?? server.Configure("maxmemory", config.MaxMemory)) is { } wrong)
        {
            return StartFailure.Configuration($"maxmemory '{config.MaxMemory}', maxmemory_policy '{config.MaxMemoryPolicy}': {wrong}");
        }

        if (RewrittenSettings.Attach(server, disk) is { } problem)
        {
            return StartFailure.Configuration($"{problem} (in data_dir '{config.DataDir}')");
        }

        if (replicate(server) is { } replication)
        {
            stops.Push(Stop(replication.Dispose));
        }

        try
        {
            var listener = await RespListener.StartAsync(server, new IPEndPoint(bind, config.RespPort), cancellation);
            stops.Push(listener.DisposeAsync);
            return null;
        }
        catch (IOException error)
        {
            return StartFailure.Failed(
                $"port {config.RespPort} (resp_port) on {config.Bind} cannot be used: {error.Message}");
        }
    }

    /// <summary>After a failed write or sync nobody knows what the disk holds: nothing more may be acknowledged.</summary>
    private static void StopAtOnce(ILogger log, Exception error)
    {
        NodeLog.DiskFailed(log, error.Message);
        Environment.FailFast($"trefoil: disk failure: {error.Message}");
    }

    private static void StopFollowing(ILogger log, string reason)
    {
        NodeLog.CannotFollow(log, reason);
        Environment.FailFast($"trefoil: replication: {reason}");
    }

    private static ControlCallbacks CallbacksOf(ILogger log, ConsensusClusterSource source, SwimCommands gossip, ServingGate gate) => new()
    {
        Published = source.Publish,
        Fence = source.Fence,
        Gossip = gossip.Perform,
        Leased = (_, until) => gate.Lease(until),
        Note = (what, detail) => NodeLog.Control(log, what.ToString(), detail),
        Late = late => NodeLog.Late(log, late.TotalMilliseconds),
        Fatal = error => StopAtOnce(log, error),
    };

    private static Setting[] SettingsOf(NodeConfig config) =>
    [
        new("replication_mode", config.ReplicationMode), new("replication_ack", config.ReplicationAck),
    ];

    private static NodeEndpoints EndpointsOf(NodeConfig config) => new(
        config.Announced, config.AnnounceHostname, config.RespPort, config.ApiPort, config.GatewayPort, config.RpcPort,
        config.SwimPort, config.LineProtocolPort);

    private static SwimConfig SwimProfile(NodeConfig config) => config.SwimProfile switch
    {
        "wan" => SwimConfig.Wan,
        "local" => SwimConfig.Local,
        _ => SwimConfig.Lan,
    };

    private static List<HostPort> SwimAddressesOf(Topology topology, NodeId self) =>
    [
        .. topology.Nodes
            .Where(node => node.Id != self)
            .Select(node => new HostPort(node.Endpoints.Host, node.Endpoints.SwimPort)),
    ];

    private static Func<ValueTask> Stop(Action action) => () =>
    {
        action();
        return ValueTask.CompletedTask;
    };

    private static bool IsName(string text, int most) =>
        text.Length > 0 && text.Length <= most && text.All(character => character is > ' ' and <= '~');

    private static string At(NodeConfig config, int port) => new HostPort(config.Bind, port).ToString();

    private static string Version => typeof(NodeHost).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}

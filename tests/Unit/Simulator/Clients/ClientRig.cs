using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Simulator;
using Trefoil.Simulator.Clients;
using Trefoil.Simulator.Keys;
using Trefoil.Storage;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.Simulator.Clients;

/// <summary>One server with its log on a forgetful disk, and clients of it, on virtual time. The log's tasks run when the test says so.</summary>
internal sealed class ClientRig : IDisposable
{
    private readonly EventQueue _queue = new();
    private readonly MemoryDisk _disk = new();
    private readonly Prng _random = new(7);
    private KeyStorage? _storage;

    public ClientRig(SyncPolicy policy = SyncPolicy.Always, bool follows = false, ScriptedCluster? cluster = null)
    {
        Cluster = cluster ?? RespSession.Whole();
        Connections = new NodeConnections(_queue, () => Now, new Prng(3));
        Start(policy, follows);
    }

    public TimeSpan Now { get; private set; }

    public NodeConnections Connections { get; }

    public ScriptedCluster Cluster { get; }

    public KeyValueServer Server { get; private set; } = null!;

    public KeyLog Log => _storage!.Log;

    /// <summary>What the network does to the n-th packet, from 1: how often it arrives.</summary>
    public Func<int, int> Copies { get; set; } = _ => 1;

    /// <summary>The log's thread never waits for anybody.</summary>
    public bool SyncsAtOnce { get; set; } = true;

    private int Packets { get; set; }

    public VirtualConnection Connect() => new(
        Connections, "10.0.1.1:50000",
        (_, arrive) =>
        {
            for (var copies = Copies(++Packets); copies > 0; copies--)
            {
                _queue.At(Now + TimeSpan.FromMicroseconds(_random.Below(2000)), arrive);
            }
        },
        (delay, action) => _queue.At(Now + delay, action));

    /// <summary>Lets virtual time pass.</summary>
    public void Pass(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (_queue.Next <= end)
        {
            Now = _queue.Next;
            _queue.Take()();
            if (SyncsAtOnce)
            {
                Sync();
            }
        }

        Now = end;
    }

    /// <summary>What the log's thread does, until nothing is left.</summary>
    public void Sync()
    {
        while (Log.Begin(syncIsDue: false) is { } task)
        {
            task.Run();
            Log.End(task);
        }
    }

    /// <summary>The process ends, and another starts on what the disk has kept.</summary>
    public void Crash(CrashMode mode)
    {
        Connections.Crashed();
        Server.Dispose();
        _disk.Crash(_random, mode);
        Start(SyncPolicy.Always, false);
    }

    public void Dispose()
    {
        Connections.Crashed();
        Server.Dispose();
        _storage?.Dispose();
    }

    private void Start(SyncPolicy policy, bool follows)
    {
        var keys = new Keyspace();
        var time = new MachineTime(() => Now, () => 1_800_000_000_000 + (long)Now.TotalMilliseconds, (delay, action) => _queue.At(Now + delay, action));
        var options = new KeyStorageOptions { Sync = policy, Follows = follows, Background = (_, work) => { work(); return () => { }; } };
        var opened = Assert.IsType<KeyStorageResult.Opened>(KeyStorage.Open(_disk, options, keys, _random, time));
        _storage = opened.Storage;
        Server = new KeyValueServer(keys, Cluster, time, new ServerSettings { SavePoints = [] }, new Prng(1), _storage)
        {
            Gate = new ServingGate(() => Now.Ticks),
            DiskFailed = _ => { },
        };
        Server.Gate.Lease(long.MaxValue);
        Server.Gate.Open(1);
        Connections.Started(Server);
    }
}

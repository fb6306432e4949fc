using System.Text;
using Trefoil.KeyValue.Commands.Server;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.SlotMigration;
using Trefoil.KeyValue.Store;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Simulator.Clients;
using Trefoil.Storage;

namespace Trefoil.Simulator.Keys;

/// <summary>A machine's key-value engine: a disk that outlives its processes, and the store, log, snapshots and server of the present one. Wired as NodeHost wires it.</summary>
/// <remarks>
/// Where production has threads, the world has events: the log's thread syncs when its disk lets it, snapshots are written and loaded whole in an
/// event of their own. What the engine tells others arrives in a later event, as through an inbox. A disk that fails ends the process.
/// </remarks>
#pragma warning disable CA1001 // A process that ends gives nothing back: its memory is gone, and its files are dead.
internal sealed class SimulatedKeys(SimulatedNode node, Simulation world, Prng random)
#pragma warning restore CA1001
{
    /// <summary>Tokens of what its commands ask the control core: above those of migrations.</summary>
    public const ulong FirstToken = 1UL << 62;

    private static readonly TimeSpan SyncEvery = TimeSpan.FromSeconds(1);

    private readonly MachineTime _time = new(() => node.Clock.Now, () => node.Clock.WallMs, (delay, action) => InLife(node, world, delay, action));
    private KeyStorage? _storage;
    private KeyValueServer? _server;
    private KeyReplica? _replica;
    private KeyMigration? _slots;
    private SimulatedCluster? _cluster;
    private ulong _lastToken = FirstToken;
    private ulong _saved;
    private bool _inWork;
    private bool _syncWanted;
    private bool _grew;

    /// <summary>What outlives every process.</summary>
    public MemoryDisk Disk { get; } = new();

    /// <summary>The present life's server; its connections are the machine's (<see cref="SimulatedNode.Connections"/>).</summary>
    public KeyValueServer Server => _server ?? throw NeverStarted();

    /// <summary>The keys and their log as the core of replication sees them.</summary>
    public KeyReplica Replica => _replica ?? throw NeverStarted();

    /// <summary>The keys and their log as the core of migration sees them.</summary>
    public KeyMigration Slots => _slots ?? throw NeverStarted();

    /// <summary>The map that the engine goes by.</summary>
    public SimulatedCluster Cluster => _cluster ?? throw NeverStarted();

    public Keyspace Store => Server.Store;

    public KeyStorage Storage => _storage ?? throw NeverStarted();

    /// <summary>Milliseconds since 1970 as this machine believes.</summary>
    public long NowMs => node.Clock.WallMs;

    /// <summary>The gate is open and a lease holds, now.</summary>
    public bool Answers => node.Up && !node.IsPaused && _server is { Gate.IsServing: true };

    public ulong NextToken() => ++_lastToken;

    /// <summary>A process starts on what the disk holds.</summary>
    /// <exception cref="OracleViolation">It may not be used any more, and nobody has damaged it.</exception>
    public void Start(Topology first, bool offered)
    {
        (_saved, _inWork, _syncWanted, _grew) = (0, false, false, false);
        var keys = new Keyspace(random.Next());
        var options = new KeyStorageOptions { Sync = world.Plan.Sync, Follows = true, SegmentBytes = world.Plan.SegmentBytes, Background = Background };
        var opened = KeyStorage.Open(world.Sabotage.KeyDisk(node, Disk), options, keys, random.Fork(), _time);
        if (opened is not KeyStorageResult.Opened { Storage: var storage })
        {
            throw node.Refused(((KeyStorageResult.Refused)opened).Refusal);
        }

        _storage = storage;
        world.Counts.Add(SimulationCounts.Progress.Replayed, storage.Recovery.Records);
        world.Note("keys", node.Index, -1, storage.Log.LastLsn, $"{storage.Recovery.Keys} keys, log to {storage.Log.LastLsn}, {storage.Recovery.TornBytes} bytes torn");
        world.Oracles.Shards.Started(node, storage.Log.LastLsn);
        _cluster = new SimulatedCluster(node, first);
        _cluster.Fence(offered);
        _cluster.HandOver = token => node.Replica.Post(new ReplicaInput.HandOverAsked(token, node.Identity.Node));
        var settings = new ServerSettings { SavePoints = [], ReplicationBacklogBytes = world.Plan.BacklogBytes, RequireFullCoverage = false };
        var gate = new ServingGate(() => world.Sabotage.LeaseClock(node, node.Clock.Now).Ticks);
        _server = new KeyValueServer(keys, _cluster, _time, settings, random.Fork(), storage) { Gate = gate, DiskFailed = Fail };
        storage.Log.Wanted = SyncWanted;
        _replica = new KeyReplica(_server, input => Later(() => node.Replica.Post(input)), (name, work) => Background(name, work));
        _slots = new KeyMigration(_server);
        _replica.OnAppended(Grew);
        _server.Migrations.Links.Connector = (host, port) => new VirtualTargetLink(world, node, host, port);
        node.Connections.Started(_server);
        Repeat(SyncEvery, () => Sync(isDue: true));
        Repeat(world.Plan.SnapshotEvery, Save);
    }

    /// <summary>As save points do: not again what has not changed.</summary>
    private void Save()
    {
        var last = Storage.Log.LastLsn;
        if (last != _saved && Storage.Snapshots.TryStart(isRewrite: false, out _))
        {
            _saved = last;
        }
    }

    /// <summary>The process ended: its memory is gone.</summary>
    public void Crash(CrashMode mode)
    {
        if (!world.Options.Shards)
        {
            return;
        }

        // With copies that count once the kernel has them, only a loss of power at several machines at once could lose what was acknowledged.
        Disk.Crash(random, world.Plan.AckDurable ? mode : CrashMode.KeepAll);
        node.Connections.Crashed();
    }

    /// <summary>Runs something of the engine's; false if its disk failed, and with it the process.</summary>
    public bool Guarded(Action action)
    {
        var life = node.Life;
        try
        {
            action();
        }
        catch (IOException failure) when (node.Life == life)
        {
            Fail(failure);
        }
        catch (IOException)
        {
            // Whoever met it first has ended the process.
        }

        return node.Life == life;
    }

    /// <summary>FLUSHALL, if this node may.</summary>
    public void Empty()
    {
        if (Answers)
        {
            Guarded(() =>
            {
                Store.Clear();
                Server.CommitLog();
            });
        }
    }

    /// <summary>The same key by key, for whoever reads a failure.</summary>
    public IReadOnlyList<string> Contents()
    {
        var lines = new List<string>();
        InFull(() => Store.VisitAll(
            long.MinValue, entry => lines.Add($"{Encoding.Latin1.GetString(entry.Key)}@{entry.ExpireAtMs} {entry.Type} {KeyDigest.OfValue(entry)}")));
        return lines;
    }

    /// <summary>Everything in the store, expired keys too, whatever the order: equal stores have equal digests.</summary>
    public string Digest()
    {
        var digest = "";
        InFull(() => digest = KeyDigest.OfAll(Store, long.MinValue).ToString());
        return digest;
    }

    /// <summary>Slots that are being moved are shown, too: which are hidden goes by the map that a node has at the moment.</summary>
    private void InFull(Action look)
    {
        var hidden = Store.Hidden;
        Store.Hidden = null;
        look();
        Store.Hidden = hidden;
    }

    private static InvalidOperationException NeverStarted() => new("The node was never started.");

    /// <summary>A thread that would run beside the others: its work happens in one event, or when somebody waits for it.</summary>
    private Action Background(string name, Action work)
    {
        var done = false;
        void Run()
        {
            if (!done)
            {
                done = true;
                _inWork = true;
                work();
                _inWork = false;
            }
        }

        After(random.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(60)), () => Guarded(Run));
        return Run;
    }

    private void SyncWanted()
    {
        if (_inWork)
        {
            Sync(isDue: false);
        }
        else if (!_syncWanted)
        {
            _syncWanted = true;
            After(node.SyncTime(), () => Guarded(() =>
            {
                _syncWanted = false;
                Sync(isDue: false);
            }));
        }
    }

    /// <summary>What the log's thread does until nothing is left: roll, sync, delete.</summary>
    private void Sync(bool isDue)
    {
        for (var due = isDue && world.Plan.Sync == SyncPolicy.EverySecond; Storage.Log.Begin(due) is { } task; due = false)
        {
            task.Run();
            Storage.Log.End(task);
        }
    }

    /// <summary>Records are with the kernel, or durable: both cores hear of it in an event of their own.</summary>
    private void Grew()
    {
        if (!_grew)
        {
            _grew = true;
            Later(() =>
            {
                _grew = false;
                node.Replica.Post(new ReplicaInput.Appended());
                node.Migrations.Post(new MigrationInput.Appended());
            });
        }
    }

    private void Fail(IOException failure)
    {
        world.Note("disk", node.Index, -1, 0, failure.Message);
        world.Counts.Add(SimulationCounts.Fault.DiskFailure);
        world.Faults.CrashAndRestart(node);
    }

    private void Later(Action action) => After(TimeSpan.Zero, action);

    private void Repeat(TimeSpan every, Action action) => After(every, () =>
    {
        if (Guarded(action))
        {
            Repeat(every, action);
        }
    });

    private void After(TimeSpan delay, Action action) => InLife(node, world, delay, action);

    /// <summary>In this life of the process, and not while it is stopped.</summary>
    private static void InLife(SimulatedNode node, Simulation world, TimeSpan delay, Action action)
    {
        var life = node.Life;
        world.Queue.At(world.Now + delay, () =>
        {
            if (node.Up && node.Life == life && !node.PostponedWhilePaused(action))
            {
                action();
            }
        });
    }
}

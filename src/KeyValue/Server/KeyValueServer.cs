using Trefoil.KeyValue.Blocking;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Commands.Server;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Diagnostics;
using Trefoil.KeyValue.Migration;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.PubSub;
using Trefoil.KeyValue.Replication;
using Trefoil.KeyValue.SlotMigration;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;

namespace Trefoil.KeyValue.Server;

/// <summary>What all connections share: the store, the cluster view, the command table, settings, clients, statistics.</summary>
/// <remarks>Knows no socket: a transport makes <see cref="Connection"/>s, feeds their <see cref="CommandLoop"/> and calls <see cref="Tick"/>.</remarks>
public sealed class KeyValueServer : IDisposable
{
    private readonly Lock _viewLock = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile ClusterView _view;
    private volatile bool _shutdownCalledOff;

    /// <summary>A server over <paramref name="store"/>, seen in the cluster as <paramref name="cluster"/> says.</summary>
    /// <remarks><paramref name="storage"/> is what keeps the store's keys; null: a cache that forgets.</remarks>
    public KeyValueServer(
        Keyspace store, IClusterSource cluster, TimeProvider time, ServerSettings settings, Prng random, KeyStorage? storage = null)
    {
        ArgumentNullException.ThrowIfNull(random);
        Store = store;
        Cluster = cluster;
        Time = time;
        Settings = settings;
        Storage = storage;
        Schedule = storage is null ? null : new SnapshotSchedule(storage, settings);
        RunId = $"{random.Next():x16}{random.Next():x16}{(uint)random.Next():x8}";
        StartedMs = NowMs;
        Table = CommandTable.Build(AllCommands.Bindings);
        Dispatcher = new Dispatcher(this);
        Handover = new SlotHandover(this);
        Migrations = new Migrations(time);
        Holds = new SlotHolds(this);
        Statistics = new ServerStatistics(time);
        Memory = new MemoryLimit(this);
        Replication = new ReplicationView(time);
        Moves = new MigrationView(time);
        Store.Clock.Advance(StartedMs);
        Pause = new ClientPause(time);
        Publishes = new PublishLinks(this);
        SlowLimitsChanged();
        _view = ClusterView.Of(cluster, settings.RequireFullCoverage);
        Store.Hidden = _view.Hidden;
        HoldsCopy = _view.IsReplica;
        FullMap = _view.Topology;
        cluster.TopologyChanged += Refresh;
    }

    public Keyspace Store { get; }

    /// <summary>What keeps the keys; null for a cache that forgets.</summary>
    public KeyStorage? Storage { get; }

    public IClusterSource Cluster { get; }

    public TimeProvider Time { get; }

    public ServerSettings Settings { get; }

    public CommandTable Table { get; }

    public ClientRegistry Clients { get; } = new();

    /// <summary>Where replication stands; told by whoever drives it.</summary>
    public ReplicationView Replication { get; }

    public ServerStatistics Statistics { get; }

    /// <summary>40 hex digits, new at every start.</summary>
    public string RunId { get; }

    /// <summary>When the server was made, milliseconds since 1970.</summary>
    public long StartedMs { get; }

    /// <summary>Told that the log cannot be written: whoever hears it ends the process, for nothing may be acknowledged any more.</summary>
    public Action<IOException> DiskFailed { get; init; } = failure => Environment.FailFast($"trefoil: disk failure: {failure.Message}");

    /// <summary>Told about every fault in a command or connection; the connection is closed, the server goes on.</summary>
    public event Action<Exception>? Faulted;

    /// <summary>What carries the bytes, for INFO's multiplexing_api.</summary>
    public string Transport { get; internal set; } = "";

    /// <summary>Told about every change of <c>maxmemory</c>, in bytes: the process' collector should know.</summary>
    public Action<long> MaxMemoryChanged { get; init; } = _ => { };

    /// <summary>Asks the process to end (SHUTDOWN); null: nobody can.</summary>
    public Action? StopRequested { get; init; }

    /// <summary>A SHUTDOWN is waiting for its snapshot.</summary>
    internal bool ShutdownInProgress { get; set; }

    /// <summary>SHUTDOWN ABORT came while one was waiting.</summary>
    internal bool ShutdownCalledOff
    {
        get => _shutdownCalledOff;
        set => _shutdownCalledOff = value;
    }

    /// <summary>What is stored, within its limit.</summary>
    internal MemoryLimit Memory { get; }

    /// <summary>Wall clock, milliseconds since 1970.</summary>
    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The last topology in which every slot had an owner, else the newest: what CLUSTER SLOTS shows while the map has holes.</summary>
    internal Sharding.Topology FullMap { get; private set; }

    /// <summary>Whether this node may answer for its slots.</summary>
    public ServingGate Gate { get; init; } = ServingGate.AlwaysOpen();

    /// <summary>What is stored here is a copy of another node's keys, or what is left of one: nobody loses anything when it goes.</summary>
    internal bool HoldsCopy { get; set; }

    internal SnapshotSchedule? Schedule { get; }

    internal Dispatcher Dispatcher { get; }

    /// <summary>Commands that took long.</summary>
    internal SlowLog SlowLog { get; } = new();

    /// <summary>Whatever took long.</summary>
    internal LatencyMonitor Latency { get; } = new();

    /// <summary>Ticks from which a command is looked at by <see cref="NoteSlow"/>: the lower of two limits, so that one comparison is all it costs.</summary>
    internal long SlowTicks { get; private set; }

    /// <summary>To be called when a limit of <see cref="SlowLog"/> or <see cref="Latency"/> has changed.</summary>
    internal void SlowLimitsChanged()
    {
        var micros = Math.Min(
            SlowLog.ThresholdMicros < 0 ? long.MaxValue : SlowLog.ThresholdMicros, Latency.ThresholdMs == 0 ? long.MaxValue : Latency.ThresholdMs * 1000);
        SlowTicks = micros > long.MaxValue / Time.TimestampFrequency ? long.MaxValue : micros * Time.TimestampFrequency / 1_000_000;
    }

    /// <summary>A command took <see cref="SlowTicks"/> or longer; its arguments are still in the context.</summary>
    internal void NoteSlow(CommandContext context, CommandSpec spec, long ticks)
    {
        var micros = ticks * 1_000_000 / Time.TimestampFrequency;
        var now = NowMs;
        Latency.Observe(spec.Has(CommandFlags.Fast) ? LatencyMonitor.FastCommand : LatencyMonitor.Command, micros / 1000, now);
        if (SlowLog.IsSlow(micros) && !spec.Has(CommandFlags.SkipSlowlog))
        {
            SlowLog.Add(now / 1000, micros, SlowArguments.Of(context, spec), context.Client.Address, context.Client.Name);
        }
    }

    internal SlotHandover Handover { get; }

    internal Migrations Migrations { get; }

    /// <summary>Slots whose commands wait for another owner.</summary>
    internal SlotHolds Holds { get; }

    /// <summary>Where the migrations of slots stand; told by whoever drives them.</summary>
    public MigrationView Moves { get; }

    /// <summary>The ways of published messages to other nodes.</summary>
    internal PublishLinks Publishes { get; }

    /// <summary>CLIENT PAUSE.</summary>
    internal ClientPause Pause { get; }

    /// <summary>MONITOR.</summary>
    internal Monitors Monitors { get; } = new();

    /// <summary>Commands that wait for keys or time.</summary>
    internal BlockedCommands Blocked { get; } = new();

    internal PubSubHub PubSub { get; } = new();

    /// <summary>Where CONFIG REWRITE writes; null: nowhere.</summary>
    internal RewrittenSettings? Rewritten { get; set; }

    /// <summary>False after DEBUG SET-ACTIVE-EXPIRE 0: expired keys go only when somebody meets them.</summary>
    internal bool ExpiresActively { get; set; } = true;

    /// <summary>Cancelled when the server is disposed.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>The cluster, prepared for requests; as new as <see cref="IClusterSource.Topology"/>.</summary>
    internal ClusterView View => ReferenceEquals(_view.Topology, Cluster.Topology) ? _view : Renew();

    /// <summary>False once a newer view has been prepared. Cheaper than comparing with <see cref="View"/>, and enough under a slot's lock.</summary>
    internal bool IsCurrent(ClusterView view) => ReferenceEquals(view, _view);

    /// <summary>Housekeeping, about ten times a second on the I/O thread: expiry, idle clients, output limits.</summary>
    public void Tick()
    {
        var now = NowMs;
        Store.Clock.Advance(now);
        Gate.Tick(Time.GetTimestamp());
        Holds.Tick(Time.GetTimestamp());
        if (!Pause.IsOn && ExpiresActively && Gate.MayRun)
        {
            // While writes are paused, or wait at the gate, nothing changes by itself either.
            var began = Time.GetTimestamp();
            Store.ExpireCycle(now, TimeSpan.FromMilliseconds(2), Time);
            Latency.Observe(LatencyMonitor.ExpireCycle, (long)Time.GetElapsedTime(began).TotalMilliseconds, now);
        }

        Statistics.Sample(now);
        Memory.Tick(now);
        Clients.Tick(this, now);
        PubSub.DropMoved(View);
        Blocked.DropMoved();
        Publishes.Tick();
        Migrations.Links.Tick();
        CommitLog();
        Schedule?.Tick(now / 1000);
    }

    /// <summary>Hands the records of this round to the kernel, before the replies of the round leave.</summary>
    internal void CommitLog()
    {
        try
        {
            Store.Log?.Commit();
        }
        catch (IOException failure)
        {
            DiskFailed(failure);
            throw;
        }
    }

    internal void Report(Exception fault)
    {
        Statistics.Faults++;
        Faulted?.Invoke(fault);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Cluster.TopologyChanged -= Refresh;
        _stopping.Cancel();
        _stopping.Dispose();
        Pause.Dispose();
        Publishes.Dispose();
        Migrations.Dispose();
    }

    /// <summary>Sets a parameter as CONFIG SET does, before anybody uses the server; null, or what is wrong with the value.</summary>
    public string? Configure(string name, string value)
    {
        if (ConfigTable.Find(name) is not { IsImmutable: false, Commit: null } parameter)
        {
            return "no such parameter";
        }

        if (parameter.Check(this, value) is { } problem)
        {
            return problem;
        }

        parameter.Apply(this, value);
        return null;
    }

    internal void Refresh()
    {
        Renew();
        if (!Gate.MayRun)
        {
            Gate.Recheck();
        }
    }

    private ClusterView Renew()
    {
        lock (_viewLock)
        {
            var view = ClusterView.Of(Cluster, Settings.RequireFullCoverage);
            // Another cluster's map is no map of this one: a node that was reset or absorbed starts over.
            if (view.Topology.AssignedSlots == HashSlot.Count || FullMap.AssignedSlots < HashSlot.Count || view.Topology.ClusterId != FullMap.ClusterId)
            {
                FullMap = view.Topology;
            }

            Store.Hidden = view.Hidden;
            HoldsCopy = view.IsReplica || (HoldsCopy && view.Topology.SlotCountOf(view.Self) == 0);
            return _view = view;
        }
    }
}

using Trefoil.Assertions.Records;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Http;

/// <summary>The store behind the routes: writes go through its pump in the order of their clock readings, reads see what is committed.</summary>
/// <remarks>Closes what it is given when it is disposed: first the pump, which commits what waits, then the store.</remarks>
public sealed class AssertionService : IDisposable
{
    private readonly Lock _gate = new();
    private readonly AssertionStore _store;
    private readonly AssertionPump _pump;
    private readonly Func<HybridTime> _clock;
    private readonly TimeProvider _time;
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HybridTime _visible;
    private HybridTime _last;
    private int _inFlight;

    /// <summary>Starts the pump.</summary>
    /// <param name="store">Opened; nobody else writes to it.</param>
    /// <param name="self">This node.</param>
    /// <param name="clock">A reading later than all before, also over restarts.</param>
    /// <param name="time">The wall clock.</param>
    /// <param name="diskFailed">Told of a failing disk; must end the process.</param>
    public AssertionService(AssertionStore store, NodeId self, Func<HybridTime> clock, TimeProvider time, Action<IOException> diskFailed)
    {
        ArgumentNullException.ThrowIfNull(clock);
        (_store, _clock, _time, Self) = (store, clock, time, self);
        _visible = _last = clock();
        _pump = new AssertionPump(store, new AssertionPumpOptions(), diskFailed) { Committed = _ => Announce() };
    }

    public NodeId Self { get; }

    public long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public TimeProvider Time => _time;

    public AssertionPump Pump => _pump;

    public StoreCounts Counts => _store.Counts;

    /// <summary>Newest arrival that readers see.</summary>
    public ulong LastArrival => _store.LastArrival;

    /// <summary>The newest acceptance that every reader made from now on sees, and all of this node before it.</summary>
    public HybridTime Visible
    {
        get
        {
            lock (_gate)
            {
                return _visible;
            }
        }
    }

    /// <summary>What was known up to this instant, ms since 1970, is final on a node that is alone: nothing that waits for the disk is older.</summary>
    public long StableThroughMs
    {
        get
        {
            lock (_gate)
            {
                return (_inFlight == 0 ? Math.Max(NowMs, _last.PhysicalMs) : _visible.PhysicalMs) - 1;
            }
        }
    }

    /// <summary>The committed state, for one thread; dispose it.</summary>
    public AssertionReader Read() => _store.Read();

    /// <summary>Completes after the next commit that changes something, and when the service stops. Take it, then look, then wait for it.</summary>
    public Task Arrived => Volatile.Read(ref _arrived).Task;

    /// <summary>Has records made with readings of the clock, stores them together, and completes when they are durable and visible.</summary>
    /// <param name="make">Called at once; readings are in the order in which the pump gets the records.</param>
    public async Task<(PostResult Result, HybridTime At)> WriteAsync(Action<Func<HybridTime>, List<Record>> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        Task<PostResult> stored;
        HybridTime at;
        lock (_gate)
        {
            var records = new List<Record>();
            make(Next, records);
            at = _last;
            _inFlight++;
            stored = _pump.PostAsync(records);
        }

        try
        {
            return (await stored, at);
        }
        finally
        {
            lock (_gate)
            {
                _inFlight--;
                if (stored.IsCompletedSuccessfully && stored.Result is PostResult.Stored && at > _visible)
                {
                    _visible = at;
                }
            }
        }
    }

    /// <summary>Commits what waits and closes the store.</summary>
    public void Dispose()
    {
        _pump.Dispose();
        Announce();
        _store.Close();
    }

    private HybridTime Next() => _last = _clock();

    private void Announce() =>
        Interlocked.Exchange(ref _arrived, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}

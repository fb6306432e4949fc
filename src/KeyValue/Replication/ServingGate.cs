using System.Diagnostics;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.Transport;

namespace Trefoil.KeyValue.Replication;

/// <summary>Whether this node may answer for its slots: it is the primary whose epoch its replica set has acknowledged, and its lease holds. Thread-safe.</summary>
/// <remarks>
/// While the gate is shut a command on a slot of this node is parked, as if it had not been sent (<see cref="ParkedCommands"/>); what has run stays
/// and its reply waits. A reply leaves only under the lease, whether the gate is open or not: a hand-over shuts the gate and lets answers
/// out that are acknowledged. <see cref="Depose"/> begins another term; what was to be answered in an earlier one never is
/// (correctness.md, 2 and 3). A command asks one flag; the clock is read when replies leave.
/// </remarks>
public sealed class ServingGate
{
    private const long Forever = long.MaxValue;
    private readonly Lock _lock = new();
    private readonly Func<long> _clock;
    private readonly ParkedCommands _parked = new();
    private TaskCompletionSource _changed = NewSource();
    private long _leaseUntil;
    private bool _open;
    private bool _lapsed = true;
    private volatile bool _mayRun;
    private volatile int _term = 1;

    /// <summary>A gate that is shut, without a lease.</summary>
    public ServingGate()
        : this(BootTicks)
    {
    }

    /// <summary>As the other, with another clock (<see cref="BootTicks"/>).</summary>
    internal ServingGate(Func<long> clock) => _clock = clock;

    /// <summary>Of the epoch that was opened last.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>Opened and not shut since, whatever became of the lease: what this node records may become part of the shard's log.</summary>
    public bool IsOpen => Volatile.Read(ref _open);

    /// <summary>Open, and the lease holds now: asks the clock.</summary>
    public bool IsServing => Volatile.Read(ref _open) && HoldsLease;

    /// <summary>Open, and the lease held when somebody last looked: what a command asks before it runs.</summary>
    public bool MayRun => _mayRun;

    /// <summary>Completes with the next change: opened, shut, deposed, the lease back after it had lapsed.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Grows with each <see cref="Depose"/>; from 1. A reply belongs to the term in which its command ran.</summary>
    internal int Term => _term;

    /// <summary>Told, on any thread, that held replies are to be looked at.</summary>
    internal Action Woken { get; set; } = () => { };

    /// <summary>The lease holds now: asks the clock, unless it holds for ever.</summary>
    internal bool HoldsLease
    {
        get
        {
            var until = Volatile.Read(ref _leaseUntil);
            return until == Forever || _clock() < until || !Lapse();
        }
    }

    /// <summary>A gate that is open for ever: for a node whose slots nobody else can own.</summary>
    public static ServingGate AlwaysOpen()
    {
        var gate = new ServingGate();
        gate.Lease(Forever);
        gate.Open(0);
        return gate;
    }

    /// <summary>The clock of leases, CLOCK_BOOTTIME (which runs on while the machine sleeps), in units of 100 ns.</summary>
    public static long BootTicks() => OperatingSystem.IsLinux()
        ? LibC.BootTimeTicks()
        : (long)(Stopwatch.GetTimestamp() * (TimeSpan.TicksPerSecond / (double)Stopwatch.Frequency));

    /// <summary>Commands may run, under a lease.</summary>
    public void Open(ulong epoch)
    {
        lock (_lock)
        {
            Epoch = epoch;
            Volatile.Write(ref _open, true);
            Settle();
        }

        Tell();
    }

    /// <summary>Commands are parked from here on; those that are running end, and what they answer may still leave.</summary>
    public void Close()
    {
        lock (_lock)
        {
            Volatile.Write(ref _open, false);
            Settle();
        }

        Tell();
    }

    /// <summary>The lease now ends when <see cref="BootTicks"/> says so; an earlier end than before counts, too.</summary>
    public void Lease(long untilBootTicks)
    {
        bool back;
        lock (_lock)
        {
            Volatile.Write(ref _leaseUntil, untilBootTicks);
            var holds = untilBootTicks == Forever || _clock() < untilBootTicks;
            back = holds && _lapsed;
            _lapsed = !holds;
            Settle();
        }

        if (back)
        {
            Tell();
        }
    }

    /// <summary>Another node may have been told to serve: shuts, ends the lease, and has every connection closed whose answers are still here.</summary>
    public void Depose()
    {
        lock (_lock)
        {
            Volatile.Write(ref _leaseUntil, 0);
            _lapsed = true;
            Volatile.Write(ref _open, false);
            Settle();

            // Last: who reads the new term finds the gate shut.
            _term++;
        }

        Tell();
    }

    /// <summary>Everybody who is parked looks again, because the map of slots is another.</summary>
    internal void Recheck() => Tell();

    /// <summary>Now and then: notices a lease that lapsed while nobody asked, and lets those look again who have waited long enough.</summary>
    internal void Tick(long now)
    {
        _ = HoldsLease;
        _parked.Tick(now);
    }

    /// <summary>What a command must wait for that may not run now; null if it may after all, or has waited long enough (<paramref name="isOver"/>).</summary>
    /// <param name="client">Whose command it is; what came with it in one piece shares its time.</param>
    /// <param name="time">Measures it.</param>
    /// <param name="isOver">To be answered CLUSTERDOWN.</param>
    internal Task? Obstacle(Connection client, TimeProvider time, out bool isOver)
    {
        isOver = false;
        lock (_lock)
        {
            if (_mayRun)
            {
                return null;
            }

            var opened = _parked.Park(client, time);
            isOver = opened is null;
            return opened;
        }
    }

    /// <summary>True, and noted, if the lease has lapsed; false if it was renewed meanwhile.</summary>
    private bool Lapse()
    {
        lock (_lock)
        {
            if (_clock() < _leaseUntil)
            {
                return false;
            }

            _lapsed = true;
            Settle();
            return true;
        }
    }

    private void Settle() => _mayRun = _open && !_lapsed;

    private void Tell()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            (changed, _changed) = (_changed, NewSource());
        }

        changed.SetResult();
        _parked.Release();
        Woken();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

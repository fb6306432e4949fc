using Trefoil.Primitives;

namespace Trefoil.Simulator;

/// <summary>Lets the planned faults happen, in phases with quiet stretches between, each kind at random times of its own, until <see cref="Heal"/>.</summary>
internal sealed partial class FaultInjector(Simulation world, Prng random)
{
    private readonly List<Undoing> _undoings = [];
    private int _phase;
    private long _committed = -1;
    private bool _healed;
    private bool _isCalm;

    /// <summary>What happens at present: a part of the plan, or nothing.</summary>
    public FaultPlan Current { get; private set; } = world.Plan.Healed();

    /// <summary>How much longer people think between two things that they do: many times in quiet stretches, so that years are mostly quiet, as they are.</summary>
    public double Ease => _isCalm && !_healed && world.Options.CrashStep is null ? 32 : 1;

    public void Start()
    {
        if (world.Plan.GoneAt is { } time)
        {
            world.Queue.At(time, () => Lose(Any()));
        }

        if (random.Chance(world.Plan.EarlyBurst))
        {
            Burst();
        }
        else
        {
            Calm();
        }
    }

    /// <summary>No fault from now on; everyone who is down and not lost comes back.</summary>
    public void Heal()
    {
        Calm();
        _healed = true;
        foreach (var node in world.Nodes.Where(node => !node.Up && !node.Gone))
        {
            node.Start();
        }
    }

    private void Burst()
    {
        if (_healed)
        {
            return;
        }

        var commits = world.Counts[SimulationCounts.Progress.Commits];
        world.Counts.Add(SimulationCounts.Progress.QuietProgress, _committed >= 0 && commits > _committed ? 1 : 0);
        _isCalm = false;
        Begin(world.Plan.PartOf(random), "burst", world.Plan.BurstMin, world.Plan.BurstMax, Calm);
        var now = Current;
        Repeat(now.SlowNodes, SlowDown);
        Repeat(now.Partitions, Partition);
        Repeat(now.OneWayPartitions, CutOneWay);
        Repeat(now.Resets, ResetConnection);
        Repeat(now.Pauses, Pause);
        Repeat(now.Crashes, Crash);
        Repeat(now.DiskFailures, FailDisk);
        Repeat(now.FullDisks, FillDisk);
        Repeat(now.SlowDisks, SlowDisk);
        Repeat(now.BitFlips, FlipBit);
        Repeat(now.ClockJumps, SetClock);
    }

    private void Calm()
    {
        if (_healed)
        {
            return;
        }

        foreach (var undoing in _undoings.Where(undoing => undoing.Phase == _phase))
        {
            undoing.Happen();
        }

        _undoings.Clear();
        foreach (var node in world.Nodes)
        {
            node.CheckSyncs();
        }

        _committed = world.Counts[SimulationCounts.Progress.Commits];
        _isCalm = true;
        Begin(world.Plan.Healed(), "calm", world.Plan.QuietMin, world.Plan.QuietMax, Burst);
    }

    private void Begin(FaultPlan plan, string what, TimeSpan min, TimeSpan max, Action then)
    {
        _phase++;
        Current = plan;
        world.Network.Redraw(plan);
        world.Note(what, -1, -1, (ulong)_phase, null);
        world.Queue.At(world.Now + random.Between(min, max), then);
    }

    /// <summary>Within this phase, again and again.</summary>
    private void Repeat(TimeSpan? mean, Action happen)
    {
        if (mean is { } average)
        {
            var phase = _phase;
            world.Queue.At(world.Now + (average * (0.2 + (random.Fraction() * 1.6))), () =>
            {
                if (!_healed && phase == _phase)
                {
                    happen();
                    Repeat(mean, happen);
                }
            });
        }
    }

    /// <summary>Ends a fault once: after this time, or with the phase.</summary>
    private void UndoAfter(TimeSpan time, Action undo)
    {
        var undoing = new Undoing(_phase, undo);
        _undoings.Add(undoing);
        world.Queue.At(world.Now + time, undoing.Happen);
    }

    private SimulatedNode Any() => world.Nodes[random.Below(world.Nodes.Count)];

    private sealed class Undoing(int phase, Action undo)
    {
        private bool _done;

        public int Phase => phase;

        public void Happen()
        {
            if (!_done)
            {
                _done = true;
                undo();
            }
        }
    }
}

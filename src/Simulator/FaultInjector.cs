using Trefoil.Primitives;
using Trefoil.Storage;

namespace Trefoil.Simulator;

/// <summary>Lets the planned faults happen, each kind at random times of its own, until <see cref="Heal"/>.</summary>
internal sealed class FaultInjector(Simulation world, Prng random)
{
    private bool _healed;

    public void Start()
    {
        var plan = world.Plan;
        Repeat(plan.Partitions, Partition);
        Repeat(plan.OneWayPartitions, CutOneWay);
        Repeat(plan.Resets, ResetConnection);
        Repeat(plan.Pauses, Pause);
        Repeat(plan.Crashes, Crash);
        Repeat(plan.DiskFailures, FailDisk);
        Repeat(plan.ClockJumps, SetClock);
        if (plan.GoneAt is { } time)
        {
            world.Queue.At(time, () => Lose(Any()));
        }
    }

    /// <summary>No fault from now on; everyone who is down and not lost comes back.</summary>
    public void Heal()
    {
        _healed = true;
        world.Network.Mend();
        foreach (var node in world.Nodes.Where(node => !node.Up && !node.Gone))
        {
            node.Start();
        }
    }

    /// <summary>Ends the process in a random way; it is started again a while later.</summary>
    public void CrashAndRestart(SimulatedNode node)
    {
        var mode = (CrashMode)random.Below(3);
        world.Counts.Add(mode switch
        {
            CrashMode.KeepAll => SimulationCounts.Fault.CrashKept,
            CrashMode.LoseAll => SimulationCounts.Fault.CrashLost,
            _ => SimulationCounts.Fault.CrashTorn,
        });
        node.Crash(mode);
        var pause = random.Between(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(random.Chance(0.2) ? 15 : 2));
        world.Queue.At(world.Now + pause, () =>
        {
            if (!node.Up && !node.Gone)
            {
                world.Counts.Add(SimulationCounts.Fault.Restart);
                node.Start();
            }
        });
    }

    private void Repeat(TimeSpan? mean, Action happen)
    {
        if (mean is { } average)
        {
            world.Queue.At(world.Now + (average * (0.2 + (random.Fraction() * 1.6))), () =>
            {
                if (!_healed)
                {
                    happen();
                    Repeat(mean, happen);
                }
            });
        }
    }

    private void Partition()
    {
        world.Counts.Add(SimulationCounts.Fault.Partition);
        var side = world.Nodes.Select(_ => random.Chance(0.5)).ToArray();
        Cut((from, to) => side[from] != side[to], "partition " + string.Concat(side.Select(left => left ? 'a' : 'b')));
    }

    private void CutOneWay()
    {
        world.Counts.Add(SimulationCounts.Fault.OneWay);
        var (node, outgoing) = (random.Below(world.Nodes.Count), random.Chance(0.5));
        Cut((from, to) => (outgoing ? from : to) == node, $"n{node} cut off, {(outgoing ? "outgoing" : "incoming")}");
    }

    private void Cut(Func<int, int, bool> cut, string detail)
    {
        world.Note("cut", -1, -1, 0, detail);
        foreach (var from in world.Nodes)
        {
            foreach (var to in world.Nodes.Where(to => to != from && cut(from.Index, to.Index)))
            {
                world.Network.Cut(from.Index, to.Index, true);
            }
        }

        // Mending mends all: overlapping cuts only make each other shorter.
        world.Queue.At(world.Now + random.Between(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(8)), () =>
        {
            world.Note("mend", -1, -1, 0, null);
            world.Network.Mend();
        });
    }

    private void ResetConnection()
    {
        world.Counts.Add(SimulationCounts.Fault.Reset);
        var (from, to) = (Any(), Any());
        world.Note("reset", from.Index, to.Index, 0, null);
        world.Network.Reset(from.Index, to.Index);
        world.Network.Reset(to.Index, from.Index);
        from.Post(new ControlPlane.ControlInput.Unreachable(to.ControlAddress));
    }

    private void Pause()
    {
        var node = Any();
        world.Counts.Add(SimulationCounts.Fault.Pause);
        var length = random.Between(TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(3));
        world.Note("pause", node.Index, -1, (ulong)length.Ticks, length.ToString());
        node.Pause(world.Now + length);
    }

    /// <summary>Mostly one, sometimes all: between two effects, or between two rounds.</summary>
    private void Crash()
    {
        var all = random.Chance(0.1);
        foreach (var node in all ? world.Nodes : [Any()])
        {
            if (!node.Up)
            {
                continue;
            }

            if (random.Chance(0.6))
            {
                node.CrashAfter(random.Below(8));
            }
            else
            {
                CrashAndRestart(node);
            }
        }
    }

    /// <summary>Somebody sets a machine's wall clock: by a little or by a lot, forwards or backwards.</summary>
    private void SetClock()
    {
        var node = Any();
        world.Counts.Add(SimulationCounts.Fault.ClockJump);
        var most = world.Plan.MaxClockJump;
        var by = random.Between(-most, most) * (random.Chance(0.5) ? 1 : 0.01);
        world.Note("clock", node.Index, -1, (ulong)by.Ticks, by.ToString());
        node.Clock.Jump(by);
    }

    private void FailDisk()
    {
        var node = Any();
        if (node.Up)
        {
            node.FailDisk(random.Below(6));
        }
    }

    private void Lose(SimulatedNode node)
    {
        world.Counts.Add(SimulationCounts.Fault.Gone);
        world.Note("gone", node.Index, -1, 0, "for good");
        node.Gone = true;
        if (node.Up)
        {
            node.Crash(CrashMode.LoseAll);
        }
    }

    private SimulatedNode Any() => world.Nodes[random.Below(world.Nodes.Count)];
}

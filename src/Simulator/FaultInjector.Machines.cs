using Trefoil.Storage;

namespace Trefoil.Simulator;

/// <summary>Faults of machines: their processes, disks and clocks.</summary>
internal sealed partial class FaultInjector
{
    private SimulatedNode? _damaged;

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

    private void Pause()
    {
        var node = Any();
        world.Counts.Add(SimulationCounts.Fault.Pause);
        var length = random.Between(TimeSpan.FromSeconds(0.3), Current.MaxPause);
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

    private void FailDisk()
    {
        var node = Any();
        if (node.Up)
        {
            node.FailDisk(random.Below(6));
        }
    }

    /// <summary>No room for a while: what that costs is the process's to say.</summary>
    private void FillDisk()
    {
        var node = Any();
        world.Counts.Add(SimulationCounts.Fault.FullDisk);
        world.Note("full", node.Index, -1, 1, "no space left");
        node.FillDisk(true);
        UndoAfter(random.Between(TimeSpan.FromSeconds(0.1), Current.MaxFull), () =>
        {
            world.Note("full", node.Index, -1, 0, "space again");
            node.FillDisk(false);
        });
    }

    private void SlowDisk()
    {
        var node = Any();
        var by = random.Between(TimeSpan.Zero, Current.MaxSlowSync);
        world.Counts.Add(SimulationCounts.Fault.SlowDisk);
        world.Note("slow", node.Index, -1, (ulong)by.Ticks, $"syncs take up to {by}");
        node.SlowSync = by;
        UndoAfter(random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15)), () => node.SlowSync = TimeSpan.Zero);
    }

    /// <summary>A bit turns on a disk while its machine is down. Always the same machine: elsewhere there must be sound copies to repair from.</summary>
    private void FlipBit()
    {
        _damaged ??= Any();
        if (_damaged.Gone)
        {
            return;
        }

        if (_damaged.Up)
        {
            CrashAndRestart(_damaged);
        }

        world.Counts.Add(SimulationCounts.Fault.BitFlip, _damaged.FlipBit() ? 1 : 0);
    }

    /// <summary>Somebody sets a machine's wall clock: by a little or by a lot, forwards or backwards.</summary>
    private void SetClock()
    {
        var node = Any();
        world.Counts.Add(SimulationCounts.Fault.ClockJump);
        var most = Current.MaxClockJump;
        var by = random.Between(-most, most) * (random.Chance(0.5) ? 1 : 0.01);
        world.Note("clock", node.Index, -1, (ulong)by.Ticks, by.ToString());
        node.Clock.Jump(by);
    }

    /// <summary>A machine is lost with all that it held. As one is whose disk was found damaged: its operator empties it, and it would come back as another node.</summary>
    public void Lose(SimulatedNode node)
    {
        world.Counts.Add(SimulationCounts.Fault.Gone);
        world.Note("gone", node.Index, -1, 0, "for good");
        node.Gone = true;
        if (node.Up)
        {
            node.Crash(CrashMode.LoseAll);
        }
    }
}

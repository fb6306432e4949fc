namespace Trefoil.Simulator;

/// <summary>Faults between machines.</summary>
internal sealed partial class FaultInjector
{
    private static readonly TimeSpan ShortestCut = TimeSpan.FromSeconds(0.5);

    private void Partition()
    {
        switch (random.Below(8))
        {
            case < 2:
                Divide(SimulationCounts.Fault.Partition, _ => random.Chance(0.5));
                break;
            case 2:
                var minority = (world.Nodes.Count - 1) / 2;
                var first = random.Below(world.Nodes.Count);
                Divide(SimulationCounts.Fault.Minority, node => (node - first + world.Nodes.Count) % world.Nodes.Count < Math.Max(1, minority));
                break;
            case < 5:
                var alone = random.Below(world.Nodes.Count);
                Divide(SimulationCounts.Fault.Alone, node => node == alone);
                break;
            case 5:
                var (one, other) = (random.Below(world.Nodes.Count), random.Below(world.Nodes.Count));
                Cut(SimulationCounts.Fault.Pair, $"n{one} and n{other}", (from, to) => (from == one && to == other) || (from == other && to == one));
                break;
            case 6:
                var bridge = random.Below(world.Nodes.Count);
                var side = Sides(_ => random.Chance(0.5));
                Cut(SimulationCounts.Fault.Bridge, $"n{bridge} between {Text(side)}", (from, to) => from != bridge && to != bridge && side[from] != side[to]);
                break;
            default:
                var count = world.Nodes.Count;
                Cut(SimulationCounts.Fault.Ring, "each sees its neighbours", (from, to) =>
                    from < count && to < count && (from - to + count) % count is not (1 or 0) && (to - from + count) % count != 1);
                break;
        }
    }

    /// <summary>Two sides; every client is on one of them, or reaches both.</summary>
    private void Divide(string kind, Func<int, bool> isLeft)
    {
        var side = Sides(isLeft);
        var reachesBoth = Enumerable.Range(0, side.Length).Select(machine => machine >= world.Nodes.Count && random.Chance(0.5)).ToArray();
        Cut(kind, Text(side), (from, to) => side[from] != side[to] && !reachesBoth[from] && !reachesBoth[to]);
    }

    private bool[] Sides(Func<int, bool> isLeft) =>
        [.. Enumerable.Range(0, world.Network.Machines).Select(machine => machine < world.Nodes.Count ? isLeft(machine) : random.Chance(0.5))];

    private string Text(bool[] side) => string.Concat(side.Take(world.Nodes.Count).Select(left => left ? 'a' : 'b'));

    /// <summary>One node is deaf or mute, for all or for some.</summary>
    private void CutOneWay()
    {
        var (node, outgoing, some) = (random.Below(world.Nodes.Count), random.Chance(0.5), random.Chance(0.4));
        var counts = Enumerable.Range(0, world.Network.Machines).Select(_ => !some || random.Chance(0.5)).ToArray();
        Cut(
            SimulationCounts.Fault.OneWay, $"n{node} {(outgoing ? "mute" : "deaf")}{(some ? " for some" : "")}",
            (from, to) => (outgoing ? from : to) == node && counts[outgoing ? to : from]);
    }

    private void Cut(string kind, string detail, Func<int, int, bool> cut)
    {
        world.Counts.Add(kind);
        world.Note("cut", -1, -1, 0, $"{kind}: {detail}");
        var links = new List<(int From, int To)>();
        for (var from = 0; from < world.Network.Machines; from++)
        {
            for (var to = 0; to < world.Network.Machines; to++)
            {
                if (from != to && cut(from, to))
                {
                    links.Add((from, to));
                    world.Network.Cut(from, to);
                }
            }
        }

        UndoAfter(random.Between(ShortestCut, Current.MaxCut), () =>
        {
            world.Note("mend", -1, -1, 0, detail);
            foreach (var (from, to) in links)
            {
                world.Network.Mend(from, to);
            }
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

    private void SlowDown()
    {
        var node = random.Below(world.Nodes.Count);
        var by = random.Between(TimeSpan.Zero, Current.MaxSlowness);
        world.Counts.Add(SimulationCounts.Fault.SlowNode);
        world.Note("slow", node, -1, (ulong)by.Ticks, by.ToString());
        world.Network.Slow(node, by);
        UndoAfter(random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15)), () => world.Network.Slow(node, TimeSpan.Zero));
    }
}

using Trefoil.Primitives;

namespace Trefoil.Simulator;

/// <summary>Carries anything from node to node: late, twice, or not at all, as the plan wants it.</summary>
/// <remarks>Order is kept by nothing but delay. A cut link swallows silently; a node that is down refuses, which its peer can see.</remarks>
internal sealed class VirtualNetwork(Simulation world, Prng random, int nodes)
{
    private readonly bool[,] _cut = new bool[nodes, nodes];
    private readonly int[,] _connection = new int[nodes, nodes];

    /// <summary>Sends; <paramref name="arrive"/> runs at the receiver, at most twice.</summary>
    /// <param name="departure">When it leaves; not before now.</param>
    /// <param name="from">Sender.</param>
    /// <param name="to">Receiver.</param>
    /// <param name="arrive">The delivery.</param>
    public void Send(TimeSpan departure, int from, int to, Action arrive)
    {
        var plan = world.Plan;
        if (_cut[from, to] || random.Chance(plan.Loss))
        {
            world.Counts.Add(SimulationCounts.Fault.Lost, _cut[from, to] ? 0 : 1);
            return;
        }

        Schedule(departure, from, to, arrive, plan);
        if (random.Chance(plan.Duplication))
        {
            world.Counts.Add(SimulationCounts.Fault.Duplicated);
            Schedule(departure, from, to, arrive, plan);
        }
    }

    /// <summary>True when nothing gets from the one to the other.</summary>
    public bool IsCut(int from, int to) => _cut[from, to];

    /// <summary>Cuts or mends one direction. What is on its way still arrives.</summary>
    public void Cut(int from, int to, bool cut) => _cut[from, to] = cut;

    /// <summary>Mends everything.</summary>
    public void Mend() => Array.Clear(_cut);

    /// <summary>The connection breaks: what is on its way, in one direction, is lost.</summary>
    public void Reset(int from, int to) => _connection[from, to]++;

    private void Schedule(TimeSpan departure, int from, int to, Action arrive, FaultPlan plan)
    {
        var delay = random.Between(plan.MinDelay, plan.MaxDelay);
        if (random.Chance(plan.Straggling))
        {
            world.Counts.Add(SimulationCounts.Fault.Delayed);
            delay = random.Between(plan.MaxDelay, plan.LongDelay > plan.MaxDelay ? plan.LongDelay : plan.MaxDelay * 2);
        }

        var connection = _connection[from, to];
        world.Queue.At(departure + delay, () =>
        {
            if (connection == _connection[from, to])
            {
                arrive();
            }
        });
    }
}

using System.Globalization;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Clients;

/// <summary>Moves one slot key by key, as redis-cli does: both marks, MIGRATE until nothing is left, SETSLOT NODE at both ends.</summary>
/// <remarks>A step that fails is tried again; an operator who gives up leaves the slot open, and another one takes it up where it stands.</remarks>
internal sealed class KeyByKey(Simulation world, ClusterClient client, Prng random, int slot, SimulatedNode source, SimulatedNode target)
{
    private const int MaxFailures = 12;

    private int _failures;

    /// <summary>Told that it is over, or given up.</summary>
    public Action Ended { get; init; } = () => { };

    private string Slot { get; } = slot.ToString(CultureInfo.InvariantCulture);

    public void Begin()
    {
        world.Note("operator", source.Index, target.Index, (ulong)slot, $"slot {slot} key by key");
        Step(target, Mark, "CLUSTER", "SETSLOT", Slot, "IMPORTING", IdOf(source));
    }

    private static string IdOf(SimulatedNode node) => NodeRecord.RespIdOf(node.Identity.Node);

    private void Mark() => Step(source, List, "CLUSTER", "SETSLOT", Slot, "MIGRATING", IdOf(target));

    private void List() => client.Ask(
        source,
        answer =>
        {
            if (answer.Reply?.Items is not { } keys)
            {
                Failed(List);
            }
            else if (keys.Count == 0)
            {
                Step(source, () => Step(target, End, "CLUSTER", "SETSLOT", Slot, "NODE", IdOf(target)), "CLUSTER", "SETSLOT", Slot, "NODE", IdOf(target));
            }
            else
            {
                Step(
                    source, List,
                    ["MIGRATE", target.Host, "7000", "", "0", "500", "REPLACE", "KEYS", .. keys.Select(key => key.Text!)]);
            }
        },
        "CLUSTER", "GETKEYSINSLOT", Slot, (1 + random.Below(4)).ToString(CultureInfo.InvariantCulture));

    private void Step(SimulatedNode node, Action next, params string[] command) => client.Ask(
        node,
        answer =>
        {
            if (answer.Reply is { IsError: false } reply)
            {
                world.Counts.Add(SimulationCounts.Progress.KeysMigrated, command[0] == "MIGRATE" && reply.Text == "OK" ? 1 : 0);
                next();
            }
            else if (command.Contains("MIGRATE"))
            {
                Failed(List);
            }
            else
            {
                Failed(() => Step(node, next, command));
            }
        },
        command);

    private void Failed(Action again)
    {
        if (++_failures > MaxFailures || random.Chance(0.05))
        {
            Ended();
        }
        else
        {
            world.Queue.At(world.Now + random.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)), again);
        }
    }

    private void End()
    {
        world.Counts.Add(SimulationCounts.Progress.KeyByKey);
        Ended();
    }
}

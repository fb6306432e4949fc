using System.Security.Cryptography;
using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Node.Recovery;

/// <summary>What a recovery did.</summary>
/// <param name="Cluster">The new cluster's id.</param>
/// <param name="Members">The 40 hex digits of its members.</param>
/// <param name="Losses">What is or may be lost.</param>
/// <param name="Plan">For the other survivors.</param>
public sealed record RecoveryReport(ClusterId Cluster, IReadOnlyList<string> Members, IReadOnlyList<string> Losses, byte[] Plan);

/// <summary>Makes a new cluster of the survivors of one that has lost its majority for good (correctness.md, 6): offline, one directory at a time.</summary>
public static class ClusterRecovery
{
    /// <summary>On the first survivor: it becomes the sole voter of a cluster of <paramref name="kept"/> and itself. Null and the reason when nothing was changed.</summary>
    public static (RecoveryReport? Report, string Problem) Lead(string directory, IReadOnlyList<string> kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        return In(directory, (store, restore, random) =>
        {
            var topology = ControlRecovery.TopologyOf(restore);
            if (topology.Find(restore.Identity.Node) is null)
            {
                return (null, "the node of this directory is in no cluster: it can simply be started");
            }

            var ids = new List<NodeId> { restore.Identity.Node };
            foreach (var id in kept)
            {
                if (topology.FindByRespId(id) is not { } member)
                {
                    return (null, $"'{id}' is no member that this node knows; CLUSTER NODES shows the ids of 40 digits");
                }

                ids.Add(member.Id);
            }

            var recovery = TopologyRecovery.Of(topology, ClusterId.Draw(random), ids);
            Perform(store, ControlRecovery.Lead(restore.Identity, recovery.Machine));
            return (ReportOf(recovery.Machine, recovery.Losses), "");
        });
    }

    /// <summary>On every other survivor, with the first one's plan.</summary>
    public static (RecoveryReport? Report, string Problem) Follow(string directory, byte[] plan) => In(directory, (store, restore, _) =>
    {
        var machine = new TopologyMachine();
        if (!machine.TryRestore(plan))
        {
            return (null, "the plan is damaged, or is none");
        }

        if (machine.Topology.Find(restore.Identity.Node) is null)
        {
            return (null, $"the plan does not keep the node of this directory, {NodeRecord.RespIdOf(restore.Identity.Node)}");
        }

        Perform(store, ControlRecovery.Follow(restore.Identity, machine));
        return (ReportOf(machine, []), "");
    });

    private static (RecoveryReport? Report, string Problem) In(
        string path, Func<ControlStore, ControlRestore, Prng, (RecoveryReport?, string)> work)
    {
        if (!Directory.Exists(path))
        {
            return (null, $"there is no directory '{path}'");
        }

        if (DataDirectory.Open(path, out var failure) is not { } directory)
        {
            return (null, failure!.Message);
        }

        using (directory)
        {
            if (ControlStore.ClusterNameOf(directory.Disk) is not { } name)
            {
                return (null, $"'{path}' has no readable identity: no node has used it");
            }

            var random = new Prng(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
            if (ControlStore.Open(directory.Disk, name, random) is not ControlOpenResult.Opened { Store: var store, Restore: var restore } opened)
            {
                return (null, $"'{path}' cannot be opened");
            }

            using (store)
            {
                return work(store, restore, random);
            }
        }
    }

    private static void Perform(ControlStore store, IReadOnlyList<ControlEffect> effects)
    {
        foreach (var effect in effects)
        {
            store.Perform(effect);
        }
    }

    private static RecoveryReport ReportOf(TopologyMachine machine, IReadOnlyList<string> losses) =>
        new(machine.Topology.ClusterId, [.. machine.Topology.Nodes.Select(node => node.RespId)], losses, machine.Snapshot());
}

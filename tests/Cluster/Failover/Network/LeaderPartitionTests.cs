using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Failover.Network;

/// <summary>The control plane under cuts, without replicas.</summary>
public sealed class LeaderPartitionTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_leader_that_is_cut_off_is_replaced_and_follows_when_it_is_back()
    {
        await using var cluster = await NetworkCluster.UpAsync(mode: null, nodes: 3, replicas: 0);
        var old = cluster.Leader();
        var others = Enumerable.Range(1, 3).Where(n => n != old).ToArray();
        var id = cluster.Say(old, "CLUSTER", "MYID");

        await cluster.Lab.CutAsync([old], others);

        foreach (var node in others)
        {
            await Eventually.See(
                $"node {node} has another leader", $"none or other than {id}", () => Task.FromResult(cluster.Field(node, "raft", "raft_leader")),
                seen => seen.Length == 40 && seen != id, Deadline);
        }

        await cluster.Lab.HealAsync();
        var leader = cluster.Field(others[0], "raft", "raft_leader");
        await Eventually.Equals("the old leader follows the new one", leader, () => Task.FromResult(cluster.Field(old, "raft", "raft_leader")), Deadline);
    }
}

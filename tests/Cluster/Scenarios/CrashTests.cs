using System.Globalization;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>kill -9, of one node, of all, and for good.</summary>
public sealed class CrashTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ReplacementDeadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_killed_node_comes_back_with_its_identity_and_its_place()
    {
        await using var cluster = await LocalCluster.UpAsync(3);
        var topology = await TopologyAsync(cluster, 1);
        foreach (var node in cluster.Indexes)
        {
            var id = await cluster.CallAsync(node, "cluster", "myid");
            await cluster.KillAsync(node);
            Assert.False(cluster.IsRunning(node));

            await cluster.RestartAsync(node);

            Assert.Equal(id, await cluster.CallAsync(node, "cluster", "myid"));
            foreach (var witness in cluster.Indexes)
            {
                await Eventually.Equals($"node {witness} shows the old topology after the crash of node {node}", topology,
                    () => TopologyAsync(cluster, witness), Deadline);
            }

            await AllTrustAllAsync(cluster);
        }
    }

    [Fact]
    public async Task All_nodes_killed_at_once_come_back_to_the_same_topology_and_raft_goes_on()
    {
        await using var cluster = await LocalCluster.UpAsync(3);
        var topology = await TopologyAsync(cluster, 1);
        var commit = Number(await cluster.RaftAsync(1, "raft_commit"));
        await Task.WhenAll(cluster.Indexes.Select(n => Tool.RunAsync("kill", "-9", $"{cluster.Pid(n)}")));
        foreach (var node in cluster.Indexes)
        {
            await Eventually.See($"node {node} is dead", "no process", () => Task.FromResult(cluster.IsRunning(node)), running => !running, Deadline);
        }

        (await cluster.LocalAsync("up")).Ok();

        foreach (var node in cluster.Indexes)
        {
            Assert.Equal(topology, await TopologyAsync(cluster, node));
        }

        Assert.Matches("^(BUMPED|STILL) [0-9]+$", await cluster.CallAsync(1, "cluster", "bumpepoch"));
        Assert.True(Number(await cluster.RaftAsync(1, "raft_commit")) > commit);
    }

    [Fact]
    public async Task A_voter_killed_for_good_is_replaced_and_the_next_loss_stops_nothing()
    {
        await using var cluster = await LocalCluster.UpAsync(5);
        var ids = new Dictionary<string, int>();
        foreach (var node in cluster.Indexes)
        {
            ids[await cluster.CallAsync(node, "cluster", "myid")] = node;
        }

        var voters = await VotersAsync(cluster, 1);
        Assert.Equal(3, voters.Length);
        var leader = await cluster.RaftAsync(1, "raft_leader");
        var first = ids[leader];
        await cluster.KillAsync(first);
        var witness = ids.Values.First(n => n != first);

        voters = await Eventually.See("a dead voter is replaced", $"three voters without {leader}",
            () => VotersAsync(cluster, witness), seen => seen.Length == 3 && !seen.Contains(leader), ReplacementDeadline);
        var second = voters.Select(v => ids[v]).First(n => n != witness);
        await cluster.KillAsync(second);

        // Two survivors in turn: whoever has the highest epoch already answers STILL without a change, also when that epoch came
        // from a call of ours whose answer was lost while a leader was being elected.
        var survivors = ids.Values.Where(n => n != first && n != second).Take(2).ToArray();
        var calls = 0;
        await Eventually.See("a topology change commits", "BUMPED",
            () => cluster.CallAsync(survivors[calls++ % 2], "cluster", "bumpepoch"),
            answer => answer.StartsWith("BUMPED", StringComparison.Ordinal), Deadline);
    }

    private static async Task<string[]> VotersAsync(LocalCluster cluster, int node) =>
        (await cluster.RaftAsync(node, "raft_voters")).Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Everybody's id, address and slots, as one node shows them.</summary>
    private static async Task<string> TopologyAsync(LocalCluster cluster, int node)
    {
        var lines = (await cluster.CallAsync(node, "cluster", "nodes")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split(' '))
            .Where(p => p.Length >= 8)
            .Select(p => $"{p[0]} {p[1]} {string.Join(' ', p.Skip(8))}");
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    private static async Task AllTrustAllAsync(LocalCluster cluster)
    {
        foreach (var node in cluster.Indexes)
        {
            await Eventually.See($"node {node} trusts everybody", "no fail flag",
                () => cluster.CallAsync(node, "cluster", "nodes"), seen => !seen.Contains("fail", StringComparison.Ordinal), Deadline);
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}

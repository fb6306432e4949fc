using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Trefoil.Cluster.Migration.Load;
using Xunit;

namespace Trefoil.Cluster.Migration;

/// <summary>What must hold once slots have come to rest.</summary>
internal static class SlotJudgement
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly LoadOptions Patient = new() { ReplyTimeout = TimeSpan.FromSeconds(30), ConnectTimeout = TimeSpan.FromSeconds(5) };

    /// <summary>All nodes agree on the owners; every key of every stock has its last acknowledged version; no key is at two nodes, or counted where it is not.</summary>
    public static async Task EverythingIsThereOnceAsync(IFailoverCluster cluster, params Stock[] stocks)
    {
        foreach (var (node, keys) in await EachOnceAsync(cluster, stocks))
        {
            Assert.Equal(cluster.Say(node, "DBSIZE"), $"{keys}");
        }
    }

    /// <summary>The same while a load adds keys: what a node counts is left out. Returns how many keys each node shows.</summary>
    public static async Task<IReadOnlyList<(int Node, int Keys)>> EachOnceAsync(IFailoverCluster cluster, params Stock[] stocks)
    {
        await Eventually.See(
            "all nodes agree on the owners", "one picture",
            () => Task.FromResult(cluster.Addresses.Select((_, i) => string.Join(';', cluster.View(i + 1).Where(n => n.IsPrimary).OrderBy(n => n.Id, StringComparer.Ordinal).Select(n => $"{n.Address} {n.Slots}"))).Distinct().ToList()),
            pictures => pictures.Count == 1, Deadline);
        var owners = cluster.OwnersAt(1);
        foreach (var stock in stocks)
        {
            Assert.Equal("none", stock.Verify(cluster, owners).ToString());
        }

        var (seen, counts) = (new Dictionary<string, int>(), new List<(int, int)>());
        foreach (var node in Enumerable.Range(0, 16384).Select(owners).Distinct())
        {
            var keys = KeysOf(cluster, node);
            counts.Add((node, keys.Count));
            foreach (var key in keys)
            {
                Assert.True(seen.TryAdd(key, node), $"{key} is at node {node} and at node {seen.GetValueOrDefault(key)}");
            }
        }

        return counts;
    }

    private static List<string> KeysOf(IFailoverCluster cluster, int node)
    {
        using var connection = LoadConnection.Open(cluster.At(node), cluster.MakeSocket, Patient);
        var reply = connection?.Call(["KEYS", "*"])?[0];
        Assert.NotNull(reply?.Items);
        return [.. reply.Items.Select(i => i.Text!)];
    }
}

using System.Globalization;
using Trefoil.Cluster.Harness;
using Xunit;
using static Trefoil.Cluster.Harness.RedisCliCluster;

namespace Trefoil.Cluster.Scenarios;

/// <summary>What an operator does about replicas with redis-cli, which knows nothing of Trefoil.</summary>
public sealed class RedisCliReplicaTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Redis_cli_creates_a_cluster_with_replicas_and_adds_and_removes_some()
    {
        await using var cluster = await LocalCluster.UpAsync(7, "--alone");
        var create = await ClusterAsync("create", [.. Enumerable.Range(1, 6).Select(n => At(cluster, n)), "--cluster-replicas", "1", "--cluster-yes"]);
        Assert.Contains("[OK] All 16384 slots covered.", create.Ok().Output, StringComparison.Ordinal);
        await CheckSeesAsync(cluster, masters: 3, replicas: 3);
        var shards = await ShardsAsync(cluster, 1);
        Assert.Equal([1, 1, 1], shards.Values.Select(replicas => replicas.Count));
        await SyncedAsync(cluster, shards.Values.SelectMany(replicas => replicas));
        await LoadAsync(cluster, keys: 200);
        foreach (var (primary, replicas) in shards)
        {
            await SameKeysAsync(cluster, primary, replicas[0]);
        }

        var (first, itsReplicas) = shards.First();
        var add = await ClusterAsync(
            "add-node", At(cluster, 7), At(cluster, 1), "--cluster-slave", "--cluster-master-id", await IdAsync(cluster, first));
        Assert.Contains("[OK] New node added correctly.", add.Ok().Output, StringComparison.Ordinal);
        await SyncedAsync(cluster, [7]);
        await SameKeysAsync(cluster, first, 7);
        await CheckSeesAsync(cluster, masters: 3, replicas: 4);

        (await ClusterAsync("del-node", At(cluster, first), await IdAsync(cluster, 7))).Ok();
        await Eventually.Equals("the removed replica is alone", "1", () => cluster.FieldAsync(7, "cluster_known_nodes", "cluster", "info"), Deadline);
        Assert.Equal("0", await cluster.CallAsync(7, "dbsize"));
        await CheckSeesAsync(cluster, masters: 3, replicas: 3);

        // It can be taken in again, now as a replica of whoever has fewest.
        (await ClusterAsync("add-node", At(cluster, 7), At(cluster, first), "--cluster-slave")).Ok();
        await SyncedAsync(cluster, [7]);
        await CheckSeesAsync(cluster, masters: 3, replicas: 4);
        Assert.Single(itsReplicas);
    }

    [Fact]
    public async Task An_emptied_primary_leaves_and_its_replica_follows_another()
    {
        await using var cluster = await LocalCluster.UpAsync(6, "--replicas", "1");
        await LoadAsync(cluster, keys: 200);
        var shards = await ShardsAsync(cluster, 1);
        var (gone, orphans) = shards.Last();
        var heir = shards.First().Key;
        var all = await cluster.CallAsync(gone, "cluster", "countkeysinslot", "0");
        Assert.True(int.TryParse(all, CultureInfo.InvariantCulture, out _), all);
        await MoveAllButAsync(400, cluster, gone, heir);
        (await ReshardAsync(cluster, await IdAsync(cluster, gone), await IdAsync(cluster, heir), 400)).Ok();
        (await ClusterAsync("del-node", At(cluster, heir), await IdAsync(cluster, gone))).Ok();
        await Eventually.Equals("the removed primary is alone", "1", () => cluster.FieldAsync(gone, "cluster_known_nodes", "cluster", "info"), Deadline);
        await SyncedAsync(cluster, orphans);
        await CheckSeesAsync(cluster, masters: 2, replicas: 3);
        Assert.Equal(200, (await Task.WhenAll((await ShardsAsync(cluster, heir)).Keys.Select(node => cluster.CallAsync(node, "dbsize"))))
            .Sum(size => int.Parse(size, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Fix_gives_slots_to_primaries_and_not_to_replicas()
    {
        await using var cluster = await LocalCluster.UpAsync(4, "--replicas", "1");
        await LoadAsync(cluster, keys: 50);
        var primary = (await ShardsAsync(cluster, 1)).Keys.First();
        Assert.Equal("OK", await cluster.CallAsync(primary, "cluster", "delslotsrange", "100", "120"));
        Assert.NotEqual(0, (await ClusterAsync("check", At(cluster, 1))).ExitCode);

        // It asks once for slots without keys, and once for those with some.
        (await Tool.RunWithInputAsync("yes\nyes\n", "redis-cli", "--cluster", "fix", At(cluster, 1))).Ok();
        await CheckSeesAsync(cluster, masters: 2, replicas: 2);
    }

    [Fact]
    public async Task A_replica_asked_to_takes_over_and_gives_back_without_losing_a_key()
    {
        await using var cluster = await LocalCluster.UpAsync(6, "--replicas", "1");
        await LoadAsync(cluster, keys: 200);
        var (primary, replicas) = (await ShardsAsync(cluster, 1)).First();
        var replica = replicas[0];
        Assert.Equal("ERR You should send CLUSTER FAILOVER to a replica", await cluster.CallAsync(primary, "cluster", "failover"));
        foreach (var (from, to) in new[] { (primary, replica), (replica, primary) })
        {
            var size = await cluster.CallAsync(from, "dbsize");
            Assert.Equal("OK", await cluster.CallAsync(to, "cluster", "failover"));
            Assert.Equal("master", (await cluster.CallAsync(to, "role")).Split('\n')[0]);
            await SyncedAsync(cluster, [from]);
            Assert.Equal(size, await cluster.CallAsync(to, "dbsize"));
            await SameKeysAsync(cluster, to, from);
            await CheckSeesAsync(cluster, masters: 3, replicas: 3);
        }

        Assert.Equal("OK", await cluster.CallAsync(replica, "cluster", "failover", "takeover"));
        await Eventually.Equals("the replica leads", "master", async () => (await cluster.CallAsync(replica, "role")).Split('\n')[0], Deadline);
        await SyncedAsync(cluster, [primary]);
    }

    [Fact]
    public async Task A_client_waits_for_replicas_reads_from_them_and_asks_for_some()
    {
        await using var cluster = await LocalCluster.UpAsync(4, "--replicas", "1");
        var (primary, replicas) = (await ShardsAsync(cluster, 1)).First();
        var key = await KeyOfAsync(cluster, primary);
        var said = await Tool.RunWithInputAsync($"set {key} 1\nwait 1 5000\nwait 5 10\n", "redis-cli", "-p", $"{cluster.Resp(primary)}");
        Assert.Equal("OK\n1\n1\n", said.Ok().Output);
        said = await Tool.RunWithInputAsync($"set {key} 2\nwaitaof 1 1 5000\n", "redis-cli", "-p", $"{cluster.Resp(primary)}");
        Assert.Equal("OK\n1\n1\n", said.Ok().Output);
        said = await Tool.RunWithInputAsync($"get {key}\nreadonly\nget {key}\nset {key} 3\n", "redis-cli", "-p", $"{cluster.Resp(replicas[0])}");
        var moved = $"MOVED {await cluster.CallAsync(1, "cluster", "keyslot", key)} {At(cluster, primary)}";
        Assert.Equal([moved, "OK", "2", moved], said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal("OK", await cluster.CallAsync(primary, "config", "set", "min-replicas-to-write", "1"));
        Assert.Equal("OK", await cluster.CallAsync(primary, "set", key, "4"));
        await cluster.KillAsync(replicas[0]);
        await Eventually.Equals(
            "the primary notices", "NOREPLICAS Not enough good replicas to write.", () => cluster.CallAsync(primary, "set", key, "5"), Deadline);
        Assert.Contains(await cluster.CallAsync(primary, "get", key), "45", StringComparison.Ordinal);
        await cluster.RestartAsync(replicas[0]);
        await Eventually.Equals("the replica is back", "OK", () => cluster.CallAsync(primary, "set", key, "6"), Deadline);
    }

    [Fact]
    public async Task The_mode_is_one_setting_of_the_whole_cluster()
    {
        await using var cluster = await LocalCluster.UpAsync(4, "--replicas", "1", "--set", "replication_mode=quorum");
        foreach (var node in cluster.Indexes)
        {
            await Eventually.Equals("in force", "quorum", () => cluster.FieldAsync(node, "replication_mode", "info", "replication"), Deadline);
        }

        Assert.Equal("OK", await cluster.CallAsync(4, "config", "set", "replication-mode", "synchronous", "replication-ack", "durable"));
        foreach (var node in cluster.Indexes)
        {
            await Eventually.Equals("changed live", "synchronous", () => cluster.FieldAsync(node, "replication_mode", "info", "replication"), Deadline);
            Assert.Equal("durable", await cluster.FieldAsync(node, "replication_ack", "info", "replication"));
        }

        await LoadAsync(cluster, keys: 50);
    }

    [Fact]
    public async Task Without_a_majority_nobody_takes_over()
    {
        await using var cluster = await LocalCluster.UpAsync(4, "--replicas", "1", "--set", "replication_mode=quorum");
        var (primary, replicas) = (await ShardsAsync(cluster, 1)).First();
        var key = await KeyOfAsync(cluster, primary);
        Assert.Equal("OK", await cluster.CallAsync(primary, "set", key, "kept"));
        var replica = replicas[0];
        foreach (var node in cluster.Indexes.Where(node => node != replica))
        {
            await cluster.KillAsync(node);
        }

        var asked = await Task.WhenAll(
            cluster.CallAsync(replica, "cluster", "failover", "takeover"), cluster.CallAsync(replica, "cluster", "failover", "force"));
        Assert.All(asked, said => Assert.StartsWith("CLUSTERDOWN No majority", said, StringComparison.Ordinal));
        await Eventually.See(
            "the others are called dead", "the way out", () => cluster.CallAsync(replica, "cluster", "failover", "takeover"),
            said => said.EndsWith("run `trefoil cluster recover --unsafe`", StringComparison.Ordinal), Deadline);
        Assert.Equal("fail", await cluster.FieldAsync(replica, "cluster_state", "cluster", "info"));
        Assert.Equal("slave", (await cluster.CallAsync(replica, "role")).Split('\n')[0]);

        foreach (var node in cluster.Indexes.Where(node => node != replica))
        {
            await cluster.RestartAsync(node);
        }

        await Eventually.See(
            "the shard serves again", "kept", () => Tool.RunAsync("redis-cli", "-c", "-p", $"{cluster.Resp(replica)}", "get", key),
            said => said.Output.Trim() == "kept", Deadline);
    }

    /// <summary>redis-cli moves slots one by one, so that it is left the last ones of the range only.</summary>
    private static async Task MoveAllButAsync(int left, LocalCluster cluster, int from, int to)
    {
        var id = await IdAsync(cluster, from);
        var line = (await cluster.CallAsync(from, "cluster", "nodes")).Split('\n').Single(l => l.StartsWith(id, StringComparison.Ordinal));
        var range = line.Split(' ')[8].Split('-').Select(slot => int.Parse(slot, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal("OK", await cluster.CallAsync(from, "cluster", "migrateslots", "slotsrange", $"{range[0]}", $"{range[1] - left}", "node", await IdAsync(cluster, to)));
        await Eventually.See(
            "the slots move", "success, and clean", () => cluster.CallAsync(from, "cluster", "getslotmigrations"),
            seen => seen.Contains("success", StringComparison.Ordinal) && seen.TrimEnd().EndsWith("clean\n1", StringComparison.Ordinal), Deadline);
    }

    private static Task<string> IdAsync(LocalCluster cluster, int node) => cluster.CallAsync(node, "cluster", "myid");

    /// <summary>Each primary that owns slots with its replicas, as one node sees them.</summary>
    private static async Task<SortedDictionary<int, List<int>>> ShardsAsync(LocalCluster cluster, int asked)
    {
        var lines = (await cluster.CallAsync(asked, "cluster", "nodes")).Split('\n').Select(line => line.Split(' ')).ToList();
        int NodeOf(string[] line) => int.Parse(line[1].Split('@')[0].Split(':')[1], CultureInfo.InvariantCulture) - cluster.BasePort;
        var shards = new SortedDictionary<int, List<int>>();
        foreach (var line in lines.Where(line => line[3] == "-" && line.Length > 8))
        {
            shards[NodeOf(line)] = [.. lines.Where(other => other[3] == line[0]).Select(NodeOf)];
        }

        return shards;
    }

    private static async Task CheckSeesAsync(LocalCluster cluster, int masters, int replicas)
    {
        var check = await Eventually.See(
            "check", $"{masters} masters, {replicas} replicas, no complaint", () => ClusterAsync("check", At(cluster, 1)),
            seen => seen.ExitCode == 0 && seen.Output.Contains($"in {masters} masters.", StringComparison.Ordinal)
                && seen.Output.Split("S: ").Length == replicas + 1, Deadline);
        Assert.Contains("[OK] All nodes agree about slots configuration.", check.Output, StringComparison.Ordinal);
        Assert.Contains("[OK] All 16384 slots covered.", check.Output, StringComparison.Ordinal);
    }

    /// <summary>Each follows its primary, and its shard counts it.</summary>
    private static async Task SyncedAsync(LocalCluster cluster, IEnumerable<int> replicas)
    {
        foreach (var replica in replicas)
        {
            await Eventually.Equals($"node {replica} follows", "up", () => cluster.FieldAsync(replica, "master_link_status", "info", "replication"), Deadline);
            var id = await IdAsync(cluster, replica);
            await Eventually.See(
                $"node {replica} is in its replica set", id, () => cluster.FieldAsync(replica, "replica_set", "info", "replication"),
                set => set.Contains(id, StringComparison.Ordinal), Deadline);
        }
    }

    private static async Task SameKeysAsync(LocalCluster cluster, int primary, int replica)
    {
        var digest = await cluster.CallAsync(primary, "debug", "digest");
        await Eventually.Equals($"node {replica} holds what node {primary} holds", digest, () => cluster.CallAsync(replica, "debug", "digest"), Deadline);
    }

    /// <summary>A key of the first slot range of a primary.</summary>
    private static async Task<string> KeyOfAsync(LocalCluster cluster, int primary)
    {
        for (var i = 0; ; i++)
        {
            if (await cluster.CallAsync(primary, "get", $"k{i}") is "")
            {
                return $"k{i}";
            }
        }
    }

    /// <summary>Sets keys through <c>redis-cli -c</c>, which follows every MOVED itself.</summary>
    private static async Task LoadAsync(LocalCluster cluster, int keys)
    {
        var input = string.Concat(Enumerable.Range(0, keys).Select(i => $"set key:{i} value:{i}\n"));
        var loaded = await Tool.RunWithInputAsync(input, "redis-cli", "-c", "-p", $"{cluster.Resp(1)}");
        Assert.Equal(keys, loaded.Ok().Output.Split('\n').Count(line => line == "OK"));
    }
}

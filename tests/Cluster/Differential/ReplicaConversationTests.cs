using System.Text;
using Trefoil.Cluster.Failover.Clusters;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>The same words to a primary and to a replica of a real Redis Cluster and of ours: the same answers, byte for byte.</summary>
public sealed class ReplicaConversationTests
{
    /// <summary>Slot 3300 is the first primary's, that of {a} another's. PRIMARY, REPLICA, OTHER and COPY stand for ids: the shard's two nodes, another primary, its replica.</summary>
    private static readonly string[] ToTheReplica =
    [
        "CLUSTER REPLICATE abc", "CLUSTER REPLICATE REPLICA", "CLUSTER REPLICATE COPY", "CLUSTER REPLICATE PRIMARY", "CLUSTER REPLICATE", "CLUSTER FAILOVER x",
        "CLUSTER FAILOVER FORCE x", "CLUSTER REPLICAS abc", "CLUSTER REPLICAS REPLICA", "CLUSTER SLAVES COPY", "CLUSTER FORGET PRIMARY", "CLUSTER FORGET REPLICA",
        "CLUSTER FORGET abc", "CLUSTER SETSLOT 5 STABLE", "CLUSTER SETSLOT x STABLE", "CLUSTER SETSLOT 3300 NODE PRIMARY", "GET {b}", "SET {b} 1", "GET {a}", "READONLY",
        "GET {b}", "EXISTS {b}", "TOUCH {b}", "SET {b} 1", "GET {a}", "MGET {b}1 {a}2", "BLPOP {b}l 0", "SORT {b}l", "MULTI", "GET {b}", "SET {b} 1", "EXEC", "MULTI", "GET {b}",
        "EXISTS {b}", "EXEC", "WATCH {b}", "MULTI", "EXEC", "UNWATCH", "MULTI", "FLUSHALL", "EXEC", "READWRITE", "GET {b}", "MULTI", "READONLY", "GET {b}", "EXEC", "READWRITE",
        "FLUSHALL", "FLUSHDB", "WAIT 0 0", "WAIT x y", "DBSIZE", "CLUSTER COUNTKEYSINSLOT 3300", "CLUSTER GETKEYSINSLOT 3300 10", "KEYS *", "REPLICAOF NO ONE",
        "REPLICAOF", "SLAVEOF 127.0.0.1 6379", "FAILOVER", "FAILOVER ABORT", "RESET", "GET {b}", "ASKING", "GET {b}", "CLUSTER COUNT-FAILURE-REPORTS PRIMARY",
        "CONFIG GET replica-read-only", "CONFIG GET slave-serve-stale-data",
    ];

    private static readonly string[] ToThePrimary =
    [
        "CLUSTER REPLICATE abc", "CLUSTER REPLICATE PRIMARY", "CLUSTER REPLICATE REPLICA", "CLUSTER REPLICATE OTHER", "CLUSTER FAILOVER", "CLUSTER FAILOVER FORCE",
        "CLUSTER FAILOVER TAKEOVER", "CLUSTER FAILOVER x", "CLUSTER FAILOVER FORCE x", "CLUSTER FORGET PRIMARY", "CLUSTER FORGET abc", "CLUSTER REPLICAS REPLICA",
        "CLUSTER RESET x", "CLUSTER RESET", "CLUSTER RESET HARD", "READONLY", "GET {b}", "SET {b} 2", "READWRITE", "WAIT 1 5000", "WAIT 0 0", "WAIT 0", "WAIT x 0", "WAIT 1 x", "WAIT 1 -1",
        "WAIT 5 10", "CONFIG SET min-replicas-to-write 5", "CONFIG GET min-slaves-to-write", "CONFIG GET min-replicas-max-lag", "SET {b} 3", "GET {b}", "MULTI", "GET {b}", "EXEC",
        "MULTI", "SET {b} 3", "EXEC", "MULTI", "FLUSHALL", "EXEC", "FLUSHALL", "DEL {b}", "SET {a} 1", "GET {a}", "CONFIG SET min-replicas-max-lag 0", "SET {b} 3",
        "CONFIG SET min-replicas-max-lag 10 min-replicas-to-write 1", "SET {b} 4", "CONFIG SET min-slaves-to-write 0", "CONFIG SET min-replicas-to-write -1",
        "CONFIG SET min-slaves-max-lag x", "CONFIG SET replica-serve-stale-data maybe", "CONFIG SET repl-backlog-size x", "CONFIG SET repl-timeout 0", "CONFIG SET repl-backlog-size 100",
        "CONFIG GET repl-backlog-size", "REPLICAOF NO ONE", "SLAVEOF a b", "FAILOVER", "CLUSTER COUNT-FAILURE-REPORTS REPLICA", "CONFIG GET replicaof",
    ];

    [Fact]
    public async Task Primaries_and_replicas_answer_as_those_of_redis_do()
    {
        await using var redis = await RedisCluster.UpAsync();
        await using var ours = await TrefoilCluster.UpAsync("asynchronous");
        await ours.ReplicasSyncedAsync();
        var differences = new List<string>();
        foreach (var (toReplica, words) in new[] { (false, ToThePrimary), (true, ToTheReplica) })
        {
            var (theirs, mine) = (Converse(redis, toReplica, words), Converse(ours, toReplica, words));
            differences.AddRange(words.Select((command, i) => (command, i)).Where(each => theirs[each.i] != mine[each.i])
                .Select(each => $"to the {(toReplica ? "replica" : "primary")}: {each.command}\n  Redis:   {theirs[each.i]}\n  Trefoil: {mine[each.i]}"));
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public async Task ROLE_and_INFO_have_the_shape_and_the_fields_of_redis()
    {
        await using var redis = await RedisCluster.UpAsync();
        await using var ours = await TrefoilCluster.UpAsync("asynchronous");
        await ours.ReplicasSyncedAsync();
        foreach (var replica in new[] { false, true })
        {
            var (theirs, mine) = (Cast.Of(redis), Cast.Of(ours));
            var (there, here) = (replica ? theirs.Replica : theirs.Primary, replica ? mine.Replica : mine.Primary);
            Assert.Equal(Shape(redis, there, "ROLE"), Shape(ours, here, "ROLE"));
            Assert.Equal(Shape(redis, there, "CLUSTER", "SHARDS"), Shape(ours, here, "CLUSTER", "SHARDS"));
            Assert.Equal(Shape(redis, there, "CLUSTER", "SLOTS"), Shape(ours, here, "CLUSTER", "SLOTS"));
            var fields = ours.Info(here, "replication");
            Assert.Empty(redis.Info(there, "replication").Keys.Except(fields.Keys));
            Assert.Equal(replica ? "up" : null, fields.GetValueOrDefault("master_link_status"));
            Assert.Equal(replica ? "replica" : "master", ours.Say(here, "HELLO", "2").Split(' ')[11]);
        }
    }

    /// <summary>Every reply of one connection, with ids and addresses as their places in the cast.</summary>
    private static List<string> Converse(IFailoverCluster cluster, bool toReplica, string[] words)
    {
        var cast = Cast.Of(cluster);
        cluster.Say(cast.Primary, "SET", "{b}", "1");
        using var connection = new RawConnection(cluster.At(toReplica ? cast.Replica : cast.Primary).Port);
        return [.. words.Select(command => cast.Hide(Encoding.Latin1.GetString(connection.Call(cast.Show(command)))))];
    }

    /// <summary>Types and lengths of arrays; of bulks and numbers only that they are some.</summary>
    private static string Shape(IFailoverCluster cluster, int node, params string[] command)
    {
        using var connection = new RawConnection(cluster.At(node).Port);
        var lines = Encoding.Latin1.GetString(connection.Call(command)).Split("\r\n");
        return string.Concat(lines.Where(line => line.Length > 0 && line[0] is '*' or '$' or ':').Select(line => line[0] is '*' ? line : line[..1]));
    }

    /// <summary>Who plays which part: the shard of slot 3300, another one, and every name they have.</summary>
    private sealed record Cast(int Primary, int Replica, IReadOnlyList<(string Part, string Name)> Names)
    {
        public static Cast Of(IFailoverCluster cluster)
        {
            var nodes = cluster.View(1);
            var primary = nodes.Single(node => node.IsPrimary && node.Slots.StartsWith("0-", StringComparison.Ordinal));
            var other = nodes.Single(node => node.IsPrimary && node.Slots.EndsWith("-16383", StringComparison.Ordinal));
            (string Part, ClusterNode Node)[] parts =
            [
                ("PRIMARY", primary), ("REPLICA", nodes.First(node => node.PrimaryId == primary.Id)),
                ("OTHER", other), ("COPY", nodes.First(node => node.PrimaryId == other.Id)),
            ];
            return new Cast(
                cluster.NodeAt(primary.Address), cluster.NodeAt(parts[1].Node.Address),
                [.. parts.Select(part => (part.Part, part.Node.Id)), .. parts.Select(part => ("AT-" + part.Part, part.Node.Address.ToString()))]);
        }

        public string[] Show(string command) =>
            [.. command.Split(' ').Select(word => Names.FirstOrDefault(name => name.Part == word) is { Name: { } id } ? id : word)];

        public string Hide(string text) => Names.Aggregate(text, (hidden, name) => hidden.Replace(name.Name, name.Part, StringComparison.Ordinal))
            .Replace("\r\n", "\\r\\n", StringComparison.Ordinal);
    }
}

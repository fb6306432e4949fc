using Trefoil.Sharding;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Sharding;

public sealed class ClusterFileTests
{
    private const string Sample = """
        node_id = "node1"
        cluster_name = "rusts-prod"
        replication_mode = "Quorum"
        replication_factor = 2
        shard_count = 16

        [[nodes]]
        id = "node1"
        address = "10.0.1.1:8086"
        shards = [0, 1, 2, 3, 4, 5, 6, 7]

        [[nodes]]
        id = "node2"
        address = "10.0.1.2:8086"
        shards = [8, 9, 10, 11, 12, 13, 14, 15]
        replica_shards = [0, 1, 2, 3, 4, 5, 6, 7]
        """;

    [Fact]
    public void The_sample_loads_as_it_stands_and_warns_of_the_shards_with_one_owner()
    {
        var file = Load(Sample);

        Assert.Equal(("rusts-prod", 16, 2, ReplicationMode.Quorum), (file.ClusterName, file.ShardCount, file.ReplicationFactor, file.ReplicationMode));
        Assert.Equal(new ShardingStrategy.BySeries(), file.Strategy);
        Assert.Equal("node1", file.Self.Name);
        Assert.Equal(("10.0.1.2", 8086), (file.Find("node2")!.Record.Endpoints.Host, file.Find("node2")!.Record.Endpoints.LineProtocolPort));
        Assert.Equal(("node1", "node2"), (file.PrimaryOf(7).Name, file.PrimaryOf(8).Name));
        Assert.Equal(["node2"], file.ReplicasOf(0).Select(node => node.Name));
        Assert.Empty(file.ReplicasOf(8));
        Assert.Equal(
            ["cluster.toml: line 4, column 22: shards 8-15 have fewer owners than replication_factor 2: add replica_shards"],
            file.Warnings);
    }

    [Fact]
    public void Slots_are_split_evenly_in_the_order_of_the_file_unless_it_says_otherwise()
    {
        var even = Load(Sample);
        Assert.Equal([new SlotRange(0, 8191)], even.Topology.RangesOf(even.Self.Record.Id));
        Assert.Equal(16384, even.Topology.AssignedSlots);

        var told = Load(Sample
            .Replace("1.1:8086\"", "1.1:8086\"\nslots = [\"0-99\", \"16383\"]", StringComparison.Ordinal)
            .Replace("1.2:8086\"", "1.2:8086\"\nslots = [\"100-199\"]", StringComparison.Ordinal));

        Assert.Equal([new SlotRange(0, 99), new SlotRange(16383, 16383)], told.Topology.RangesOf(told.Self.Record.Id));
        Assert.Contains(told.Warnings, warning => warning.Contains("slots 200-16382 have no owner", StringComparison.Ordinal));
    }

    [Fact]
    public void Three_nodes_get_the_shares_that_redis_cli_would_give_them()
    {
        var nodes = string.Concat(Enumerable.Range(1, 3).Select(i => $"\n[[nodes]]\nid = \"n{i}\"\naddress = \"h{i}:1\"\nshards = [{i - 1}]\n"));
        var file = Load("node_id = \"n1\"\nshard_count = 3" + nodes);

        Assert.Equal(
            ["0-5460", "5461-10922", "10923-16383"],
            file.Nodes.Select(node => file.Topology.RangesOf(node.Record.Id).Single().ToString()));
    }

    [Fact]
    public void A_node_has_the_same_id_wherever_the_file_is_read_and_another_in_another_cluster()
    {
        Assert.Equal(Load(Sample).Self.Record.Id, ClusterFile.IdOf("rusts-prod", "node1"));
        Assert.NotEqual(ClusterFile.IdOf("a", "node1"), ClusterFile.IdOf("b", "node1"));
        Assert.Equal("node2", ((ClusterFileResult.Loaded)ClusterFile.Read(Sample, "cluster.toml", self: "node2")).File.Self.Name);
    }

    [Theory]
    [InlineData("sharding_strategy = \"ByMeasurement\"", "ByMeasurement { }")]
    [InlineData("sharding_strategy = { ByTime = { duration_nanos = 60 } }", "ByTime { DurationNanos = 60 }")]
    [InlineData("sharding_strategy = { Composite = { time_duration_nanos = 7 } }", "Composite { TimeDurationNanos = 7 }")]
    public void Each_strategy_is_read(string line, string strategy) =>
        Assert.Equal(strategy, Load(Sample.Replace("shard_count = 16", $"shard_count = 16\n{line}", StringComparison.Ordinal)).Strategy.ToString());

    [Theory]
    [InlineData("sync", ReplicationMode.Synchronous)]
    [InlineData("ASYNCHRONOUS", ReplicationMode.Asynchronous)]
    [InlineData("quorum", ReplicationMode.Quorum)]
    public void Modes_have_two_spellings_in_any_case(string word, ReplicationMode mode) =>
        Assert.Equal(mode, Load(Sample.Replace("\"Quorum\"", $"\"{word}\"", StringComparison.Ordinal)).ReplicationMode);

    /// <summary>The transcript names each edit of the sample and below it the errors that it causes.</summary>
    [Fact]
    public void Every_mistake_is_told_with_its_place_and_what_to_change()
    {
        (string What, string From, string To)[] mistakes =
        [
            ("no TOML", "node_id = \"node1\"", "node_id = node1"),
            ("an unknown key", "shard_count", "shards_count"),
            ("an unknown key of a node", "address = \"10.0.1.1:8086\"", "adress = \"10.0.1.1:8086\""),
            ("node_id missing", "node_id = \"node1\"", ""),
            ("node_id not among the nodes", "node_id = \"node1\"", "node_id = \"node9\""),
            ("a shard without primary", "[0, 1, 2, 3, 4, 5, 6, 7]", "[0, 2, 3, 4, 5, 6]"),
            ("a shard with two primaries", "[8, 9,", "[7, 8, 9,"),
            ("a shard twice on one node", "[8, 9,", "[8, 8, 9,"),
            ("a replica on its primary", "replica_shards = [0,", "replica_shards = [8, 0,"),
            ("a shard out of range", "14, 15]", "14, 15, 16]"),
            ("a negative shard", "14, 15]", "14, 15, -1]"),
            ("more copies than nodes", "factor = 2", "factor = 3"),
            ("a factor of zero", "factor = 2", "factor = 0"),
            ("an id twice", "id = \"node2\"", "id = \"node1\""),
            ("an address twice", "10.0.1.2", "10.0.1.1"),
            ("an address without port", "10.0.1.2:8086", "10.0.1.2"),
            ("too many shards", "shard_count = 16", "shard_count = 65537"),
            ("a mode that is none", "\"Quorum\"", "\"Most\""),
            ("a strategy misspelt", "shard_count = 16", "shard_count = 16\nsharding_strategy = \"BySerie\""),
            ("a strategy of the wrong shape", "shard_count = 16", "shard_count = 16\nsharding_strategy = 5"),
            ("a bucket of no length", "shard_count = 16", "shard_count = 16\nsharding_strategy = { ByTime = { duration_nanos = 0 } }"),
            ("a bucket left out", "shard_count = 16", "shard_count = 16\nsharding_strategy = { ByTime = { } }"),
            ("slots that overlap", "[[nodes]]\nid = \"node2\"", "slots = [\"0-9\"]\n[[nodes]]\nslots = [\"9-20\"]\nid = \"node2\""),
            ("slots that are none", "[[nodes]]\nid = \"node2\"", "slots = [\"9-0\", \"16384\", \"x\"]\n[[nodes]]\nid = \"node2\""),
            ("no nodes", "[[nodes]]", "[[node]]"),
        ];
        var transcript = string.Concat(mistakes.Select(mistake =>
        {
            var text = Sample.ReplaceLineEndings("\n").Replace(mistake.From, mistake.To, StringComparison.Ordinal);
            var errors = ClusterFile.Read(text, "cluster.toml") is ClusterFileResult.Failed failed ? failed.Errors : ["(none)"];
            return $"{mistake.What}\n{string.Concat(errors.Select(error => $"  {error}\n"))}";
        }));

        Golden.Check("ClusterFile", "mistakes", transcript);
    }

    [Fact]
    public void The_documented_file_loads()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/operating/cluster-file.md")).ReplaceLineEndings("\n");
        var file = Load(page.Split("```toml\n")[1].Split("```")[0]);

        Assert.Empty(file.Warnings);
        Assert.Equal("rack-1", file.Self.Record.Zone);
        Assert.Equal(16384, file.Topology.AssignedSlots);
    }

    private static ClusterFile Load(string text) => ClusterFile.Read(text, "cluster.toml") switch
    {
        ClusterFileResult.Loaded loaded => loaded.File,
        ClusterFileResult.Failed failed => throw new Xunit.Sdk.XunitException(string.Join('\n', failed.Errors)),
        _ => throw new InvalidOperationException(),
    };
}

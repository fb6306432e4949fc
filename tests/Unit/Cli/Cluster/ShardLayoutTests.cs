using FsCheck;
using FsCheck.Fluent;
using Trefoil.Cli.Cluster.Planning;
using Xunit;

namespace Trefoil.Unit.Cli.Cluster;

public sealed class ShardLayoutTests
{
    [Theory]
    [InlineData("a1 a2 a3", 0, "a1|a2|a3")]
    [InlineData("a1 a2 b1 b2", 1, "a1 b2|b1 a2")]
    [InlineData("a1 a2 a3 b1 b2 b3", 1, "a1 b2|b1 a3|a2 b3")]
    [InlineData("a1 a2 b1 b2 c1 c2", 1, "a1 b2|b1 a2|c1 c2", "c1 a2")]
    [InlineData("a1 a2 a3 a4 a5", 1, "a1 a3 a5|a2 a4")]
    public void Nodes_of_one_domain_are_kept_apart_where_they_can_be(string nodes, int replicas, string shards, string? orSwapped = null)
    {
        var layout = ShardLayout.Of([.. nodes.Split(' ').Select(name => new Candidate(name, name[..1]))], replicas);

        var shown = string.Join('|', layout.Select(shard => string.Join(' ', shard.Select(node => node.Name))));
        if (orSwapped is null)
        {
            Assert.Equal(shards, shown);
        }
        else
        {
            Assert.All(layout, shard => Assert.Equal(0, ShardLayout.Conflicts(shard)));
        }
    }

    [Fact]
    public void Every_node_is_used_once_and_domains_of_equal_size_never_share_a_shard() => Prop.ForAll(
        (from domains in Gen.Choose(2, 5) from size in Gen.Choose(1, 5) from replicas in Gen.Choose(1, domains - 1) select (domains, size, replicas)).ToArbitrary(),
        drawn =>
        {
            var nodes = Enumerable.Range(0, drawn.domains * drawn.size).Select(i => new Candidate($"n{i}", $"d{i % drawn.domains}")).ToList();
            var layout = ShardLayout.Of(nodes, drawn.replicas);

            Assert.Equal(nodes.Select(node => node.Name).Order(), layout.SelectMany(shard => shard).Select(node => node.Name).Order());
            Assert.Equal(nodes.Count / (drawn.replicas + 1), layout.Count);
            if (nodes.Count % (drawn.replicas + 1) == 0)
            {
                Assert.All(layout, shard => Assert.Equal(0, ShardLayout.Conflicts(shard)));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_replica_goes_to_another_domain_first_and_to_who_has_few_next()
    {
        (string, IReadOnlyList<string>)[] shards = [("one", ["a", "b"]), ("two", ["b"]), ("three", ["c", "a", "a"])];

        Assert.Equal("one", ShardLayout.PrimaryFor("c", shards[..1]));
        Assert.Equal("two", ShardLayout.PrimaryFor("a", shards));
        Assert.Equal("three", ShardLayout.PrimaryFor("b", shards));
        Assert.Null(ShardLayout.PrimaryFor("b", []));
    }
}

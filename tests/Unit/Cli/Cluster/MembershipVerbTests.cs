using Xunit;

namespace Trefoil.Unit.Cli.Cluster;

/// <summary>create, add, meet, remove, forget, failover: what they say to whom, what they refuse, what they wait for.</summary>
public sealed class MembershipVerbTests
{
    [Fact]
    public async Task Create_makes_shards_over_the_zones_and_waits_for_them()
    {
        await using var cluster = new ModelCluster(4, "a", "b");

        var (code, output, error) = await cluster.RunAsync("create @1 @2 @3 @4 --replicas 1");

        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith("done: 4 nodes are one cluster, all slots are owned\n", output, StringComparison.Ordinal);
        Assert.Equal(["0-8191", "8192-16383", ">2", ">1"], Enumerable.Range(1, 4).Select(cluster.Shown));
    }

    [Fact]
    public async Task Create_takes_only_nodes_that_are_alone_and_empty()
    {
        await using var cluster = ModelCluster.Formed("0-16383", "", "", "");
        cluster.Separate(3);
        cluster.Separate(4);

        Assert.StartsWith("trefoil: @1 is in a cluster of 2 nodes already.", (await cluster.RunAsync("create @1 @3")).Error, StringComparison.Ordinal);
        cluster.Own(3, "5");
        Assert.StartsWith("trefoil: @3 owns 1 slot already", (await cluster.RunAsync("create @4 @3")).Error, StringComparison.Ordinal);
        cluster.Hold(4, 7);
        var (code, _, error) = await cluster.RunAsync("create @4");
        Assert.Equal((1, "trefoil: @4 holds 7 keys: FLUSHALL empties it. Nothing was changed.\n"), (code, error));
        Assert.Empty(cluster.Changes);
    }

    [Theory]
    [InlineData("create @1 @2 --dry-run")]
    [InlineData("create @1 @2 --dry-run -o json")]
    [InlineData("add @2 --node @1 --dry-run")]
    [InlineData("meet @2 --node @1 --dry-run")]
    public async Task A_dry_run_changes_nothing(string command)
    {
        await using var cluster = new ModelCluster(2);

        Assert.Equal(0, (await cluster.RunAsync(command)).Code);
        Assert.Empty(cluster.Changes);
    }

    [Fact]
    public async Task Add_makes_an_empty_node_a_member()
    {
        await using var cluster = ModelCluster.Formed("0-16383", ">1", "");
        cluster.Separate(3);

        var (code, output, _) = await cluster.RunAsync("add @3 --node @1");

        Assert.Equal(0, code);
        Assert.Equal("@3 is a member, and every node knows it\ndone: @3 is a primary without slots. `trefoil cluster rebalance` gives it its share.\n", output);
        Assert.Equal(["3: CLUSTER MEET @1"], cluster.Changes);
    }

    [Fact]
    public async Task Add_finds_the_primary_that_has_most_need_of_a_replica()
    {
        await using var cluster = ModelCluster.Formed("0-8000", "8001-16383", ">1", "");
        cluster.Separate(4);

        Assert.Equal(0, (await cluster.RunAsync("add @4 --node @1 --replica-of auto")).Code);
        Assert.Equal(["4: CLUSTER MEET @1", "4: CLUSTER REPLICATE #2"], cluster.Changes);
    }

    [Fact]
    public async Task Add_given_again_goes_on_from_where_it_was()
    {
        await using var cluster = ModelCluster.Formed("0-16383", "");

        Assert.Equal(0, (await cluster.RunAsync("add @2 --node @1 --replica-of @1")).Code);
        Assert.Equal(["2: CLUSTER REPLICATE #1"], cluster.Changes);
    }

    [Fact]
    public async Task Add_refuses_what_would_mix_data_or_make_no_sense()
    {
        await using var cluster = ModelCluster.Formed("0-16383", ">1", "", "");
        cluster.Separate(3);

        cluster.Hold(3, 5);
        Assert.Equal("trefoil: @3 cannot be added: it holds 5 keys. Empty it with FLUSHALL first. Nothing was changed.\n", (await cluster.RunAsync("add @3 --node @1")).Error);
        cluster.Hold(3, 0);
        Assert.Equal((2, "trefoil: @2 is itself a replica of @1: name that one. Replicas of replicas do not exist.\n"), CodeAndError(await cluster.RunAsync("add @3 --node @1 --replica-of @2")));
        await cluster.StopAsync(4);
        var (code, _, error) = await cluster.RunAsync("add @4 --node @1");
        Assert.Equal(3, code);
        Assert.EndsWith("Start the node first: `trefoil serve`.\n", error, StringComparison.Ordinal);
        Assert.Empty(cluster.Changes);
    }

    [Fact]
    public async Task Remove_refuses_a_node_with_slots_and_says_what_to_do()
    {
        await using var cluster = ModelCluster.Formed("0-8000", "8001-16383");

        Assert.Equal(
            (1, "trefoil: @2 owns 8383 slots. First `trefoil cluster drain @2`, then remove it. Nothing was changed.\n"), CodeAndError(await cluster.RunAsync("remove @2 --node @1")));
    }

    [Fact]
    public async Task Remove_gives_its_replicas_another_primary_and_resets_it_through_another_member()
    {
        await using var cluster = ModelCluster.Formed("", "0-8000", "8001-16383", ">1", ">3");

        Assert.Equal(0, (await cluster.RunAsync("remove @1 --node @1")).Code);

        Assert.Equal(["4: CLUSTER REPLICATE #2", "2: CLUSTER FORGET #1", "1: CLUSTER RESET SOFT"], cluster.Changes);
    }

    [Fact]
    public async Task Remove_refuses_a_node_that_does_not_answer_and_names_the_verb_for_it()
    {
        await using var cluster = ModelCluster.Formed("0-16383", "");
        await cluster.StopAsync(2);

        var (code, _, error) = await cluster.RunAsync("remove @2 --node @1");

        Assert.Equal(3, code);
        Assert.EndsWith("If it is gone for good: `trefoil cluster forget @2`. Nothing was changed.\n", error, StringComparison.Ordinal);
        Assert.Equal(0, (await cluster.RunAsync("forget @2 --node @1")).Code);
        Assert.Equal(["1: CLUSTER FORGET #2"], cluster.Changes);
    }

    [Fact]
    public async Task Forget_leaves_a_shard_to_its_replicas()
    {
        await using var cluster = ModelCluster.Formed("0-8000", "8001-16383", ">2");

        var (code, _, error) = await cluster.RunAsync("forget @2 --node @1 --yes");

        Assert.Equal(1, code);
        Assert.StartsWith("trefoil: @2 owns 8383 slots and has replicas.", error, StringComparison.Ordinal);
        Assert.Empty(cluster.Changes);
    }

    [Theory]
    [InlineData("forget @1 --node @2")]
    [InlineData("failover @3 --force --node @1")]
    public async Task Where_data_may_be_lost_the_address_has_to_be_typed(string command)
    {
        await using var cluster = ModelCluster.Formed("0-8000", "8001-16383", ">2");
        var typed = command.Split(' ')[1];

        var (code, _, error) = await cluster.RunAsync(command);
        Assert.Equal(2, code);
        Assert.EndsWith("Nobody can be asked here: say --yes if you mean it. Nothing was changed.\n", error, StringComparison.Ordinal);
        Assert.Equal((1, "trefoil: not confirmed. Nothing was changed.\n"), CodeAndError(await cluster.RunAsync(command, typed: "yes\n")));
        Assert.Equal((1, "trefoil: not confirmed. Nothing was changed.\n"), CodeAndError(await cluster.RunAsync(command, typed: "")));
        Assert.Empty(cluster.Changes);

        Assert.Equal(0, (await cluster.RunAsync(command, typed: cluster.At(int.Parse(typed[1..], System.Globalization.CultureInfo.InvariantCulture)))).Code);
        Assert.Single(cluster.Changes);
    }

    [Fact]
    public async Task Yes_asks_nobody()
    {
        await using var cluster = ModelCluster.Formed("0-8000", "8001-16383");

        Assert.Equal(0, (await cluster.RunAsync("forget @2 --node @1 --yes")).Code);
        Assert.Equal(["1: CLUSTER FORGET #2"], cluster.Changes);
    }

    [Theory]
    [InlineData("failover @2 --node @1", "3: CLUSTER FAILOVER")]
    [InlineData("failover @3 --node @1", "3: CLUSTER FAILOVER")]
    [InlineData("failover @3 --node @1 --force --yes", "3: CLUSTER FAILOVER FORCE")]
    public async Task Failover_lets_the_named_or_the_best_replica_take_over(string command, string change)
    {
        await using var cluster = ModelCluster.Formed("0-8000", "8001-16383", ">2");

        var (code, output, _) = await cluster.RunAsync(command);

        Assert.Equal((0, "done: @3 is the primary of 8383 slots\n"), (code, output));
        Assert.Equal([change], cluster.Changes);
    }

    [Fact]
    public async Task Failover_without_a_replica_is_refused()
    {
        await using var cluster = ModelCluster.Formed("0-16383");

        Assert.Equal((1, "trefoil: @1 has no replica that could take over. Nothing was changed.\n"), CodeAndError(await cluster.RunAsync("failover @1 --node @1")));
    }

    [Fact]
    public async Task What_a_node_refuses_is_passed_on_with_its_name_and_the_command()
    {
        await using var cluster = ModelCluster.Formed("0-16383", ">1");
        cluster.Instead = line => line == "CLUSTER FAILOVER" ? "-ERR Master is down or failed, please use CLUSTER FAILOVER FORCE\r\n" : null;

        Assert.Equal(
            (1, "trefoil: @2 refused CLUSTER FAILOVER: ERR Master is down or failed, please use CLUSTER FAILOVER FORCE\n"), CodeAndError(await cluster.RunAsync("failover @2 --node @1")));
    }

    [Fact]
    public async Task A_reply_that_never_comes_is_said_to_be_open()
    {
        await using var cluster = ModelCluster.Formed("0-16383", ">1");
        cluster.Instead = line => line == "CLUSTER FAILOVER" ? "" : null;

        var (code, _, error) = await cluster.RunAsync("failover @2 --node @1");

        Assert.Equal(3, code);
        Assert.StartsWith("trefoil: @2 did not answer CLUSTER FAILOVER: ", error, StringComparison.Ordinal);
        Assert.EndsWith("It may have been done all the same: look with `trefoil cluster check`.\n", error, StringComparison.Ordinal);
    }

    private static (int Code, string Error) CodeAndError((int Code, string Output, string Error) run) => (run.Code, run.Error);
}

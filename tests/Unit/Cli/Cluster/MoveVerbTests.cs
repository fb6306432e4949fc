using Xunit;

namespace Trefoil.Unit.Cli.Cluster;

/// <summary>reshard, rebalance, drain: migrations begun, watched to their end, stopped; and what is refused before.</summary>
public sealed class MoveVerbTests
{
    [Fact]
    public async Task A_reshard_begins_one_migration_per_source_and_says_when_all_have_moved()
    {
        await using var cluster = ModelCluster.Formed("0-7999", "8000-15999", "16000-16383");

        var (code, output, error) = await cluster.RunAsync("reshard --to @3 --slots 100 --node @1");

        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"^@1 to @3: 50 of 50 slots moved, 1\.0 KiB\n@2 to @3: 50 of 50 slots moved, 1\.0 KiB\ndone: 100 of 100 slots moved, 2\.0 KiB in \d+\.\d s\n$", output);
        Assert.Equal(["1: CLUSTER MIGRATESLOTS SLOTSRANGE 7950 7999 NODE #3", "2: CLUSTER MIGRATESLOTS SLOTSRANGE 15950 15999 NODE #3"], cluster.Changes);
        Assert.Equal(["0-7949", "8000-15949", "7950-7999 15950-16383"], Enumerable.Range(1, 3).Select(cluster.Shown));
    }

    [Fact]
    public async Task Named_slots_move_in_jobs_one_after_the_other()
    {
        await using var cluster = ModelCluster.Formed("0-16383", "");

        var (code, output, _) = await cluster.RunAsync("reshard --to @2 --ranges 0-4,9 --slots-per-job 4 --node @1");

        Assert.Equal(0, code);
        Assert.StartsWith("@1 to @2: 4 of 6 slots moved, 1.0 KiB\n@1 to @2: 6 of 6 slots moved, 2.0 KiB\n", output, StringComparison.Ordinal);
        Assert.Equal(["1: CLUSTER MIGRATESLOTS SLOTSRANGE 0 3 NODE #2", "1: CLUSTER MIGRATESLOTS SLOTSRANGE 4 4 9 9 NODE #2"], cluster.Changes);
    }

    [Fact]
    public async Task Json_is_one_object_at_the_end()
    {
        await using var cluster = ModelCluster.Formed("0-16383", "");

        var (code, output, _) = await cluster.RunAsync("reshard --to @2 --ranges 5 -o json --node @1");

        Assert.Equal(0, code);
        using var json = System.Text.Json.JsonDocument.Parse(output);
        Assert.Equal(1, json.RootElement.GetProperty("slots_moved").GetInt32());
        Assert.Equal("@2", json.RootElement.GetProperty("moves")[0].GetProperty("target_address").GetString());
    }

    [Fact]
    public async Task Rebalance_levels_a_cluster_that_grew_and_has_nothing_to_do_the_second_time()
    {
        await using var cluster = ModelCluster.Formed("0-5460", "5461-10922", "10923-16383", "");

        Assert.Equal(0, (await cluster.RunAsync("rebalance --node @1")).Code);
        Assert.Equal("4096-5460 9557-10922 15019-16383", cluster.Shown(4));
        var (code, output, _) = await cluster.RunAsync("rebalance --node @2");
        Assert.Equal((0, "nothing to move\n"), (code, output));
    }

    [Fact]
    public async Task Drain_empties_a_node_which_remove_then_takes_out()
    {
        await using var cluster = ModelCluster.Formed("0-5460", "5461-10922", "10923-16383");

        Assert.Equal(0, (await cluster.RunAsync("drain @3 --node @1")).Code);
        Assert.Equal(["0-5460 10923-13653", "5461-10922 13654-16383", "-"], Enumerable.Range(1, 3).Select(cluster.Shown));
        Assert.Equal(0, (await cluster.RunAsync("remove @3 --node @1")).Code);
        Assert.Equal("alone", cluster.Shown(3));
    }

    [Fact]
    public async Task A_migration_that_fails_ends_the_run_after_those_that_run_and_no_other_begins()
    {
        await using var cluster = ModelCluster.Formed("0-7999", "8000-16383", "");
        cluster.FailureOf = slots => slots == 10 ? "OOM at the target" : null;

        var (code, output, error) = await cluster.RunAsync("reshard --to @3 --ranges 0-9,8000-8019 --slots-per-job 10 --node @1");

        Assert.Equal(1, code);
        Assert.Equal("trefoil: the migration of 10 slots from @1 to @3 failed: OOM at the target. The source has kept them. Give the same command again: it goes on from where the cluster is.\n", error);
        Assert.Contains("stopped: 0 of 30 slots moved", output, StringComparison.Ordinal);
        Assert.Equal(2, cluster.Changes.Count);
    }

    [Fact]
    public async Task What_the_source_refuses_is_passed_on_and_nothing_else_begins()
    {
        await using var cluster = ModelCluster.Formed("0-7999", "8000-16383", "");
        cluster.Instead = line => line.StartsWith("CLUSTER MIGRATESLOTS", StringComparison.Ordinal) ? "-ERR no such luck\r\n" : null;

        var (code, _, error) = await cluster.RunAsync("reshard --to @3 --slots 100 --node @1");

        Assert.Equal(1, code);
        Assert.StartsWith("trefoil: @1 refused CLUSTER MIGRATESLOTS of 49 slots to @3: ERR no such luck", error, StringComparison.Ordinal);
        Assert.Empty(cluster.Changes);
    }

    [Fact]
    public async Task A_refusal_that_passes_is_waited_out()
    {
        await using var cluster = ModelCluster.Formed("0-16383", "");
        var refusals = 3;
        cluster.Instead = line => line.StartsWith("CLUSTER MIGRATESLOTS", StringComparison.Ordinal) && refusals-- > 0 ? "-TRYAGAIN not clean yet\r\n" : null;

        Assert.Equal(0, (await cluster.RunAsync("reshard --to @2 --ranges 1 --node @1")).Code);
        Assert.Equal("1", cluster.Shown(2));
    }

    [Fact]
    public async Task Interrupting_leaves_the_migration_running_and_says_how_to_go_on()
    {
        await using var cluster = ModelCluster.Formed("0-16383", "");
        using var interrupt = new CancellationTokenSource();
        cluster.Interrupt = interrupt;
        cluster.LooksPerMigration = int.MaxValue;
        var looks = 0;
        cluster.Instead = line =>
        {
            if (line == "CLUSTER GETSLOTMIGRATIONS" && cluster.Changes.Count > 0 && ++looks == 4)
            {
                interrupt.Cancel();
            }

            return null;
        };

        var (code, _, error) = await cluster.RunAsync("reshard --to @2 --ranges 1 --node @1");

        Assert.Equal(1, code);
        Assert.StartsWith("trefoil: interrupted after 0 slots. Migrations that have begun go on in the cluster:", error, StringComparison.Ordinal);
        (cluster.Instead, cluster.Interrupt) = (_ => null, null);
        Assert.Equal((0, "done: 1 migration has stopped; the slots that had not moved are where they were\n"), CodeAndOutput(await cluster.RunAsync("reshard --cancel --node @2")));
        Assert.Equal((0, "no migration runs\n"), CodeAndOutput(await cluster.RunAsync("reshard --cancel --node @2")));
        Assert.Equal(["1: CLUSTER MIGRATESLOTS SLOTSRANGE 1 1 NODE #2", "1: CLUSTER CANCELSLOTMIGRATIONS"], cluster.Changes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_failover_of_the_source_changes_who_is_asked_and_nothing_else(int migrations)
    {
        await using var cluster = ModelCluster.Formed("0-16383", ">1", "");
        cluster.LooksPerMigration = 10;
        var looks = 0;
        cluster.Instead = line =>
        {
            if (line == "CLUSTER GETSLOTMIGRATIONS" && cluster.Changes.Count == migrations && ++looks == 5)
            {
                cluster.Crash(1, successor: 2);
            }

            return null;
        };

        var (code, output, error) = await cluster.RunAsync("reshard --to @3 --ranges 0-9 --slots-per-job 4 --node @3");

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("done: 10 of 10 slots moved", output, StringComparison.Ordinal);
        Assert.Equal(["1: CLUSTER MIGRATESLOTS SLOTSRANGE 0 3 NODE #3", $"{(migrations > 1 ? 1 : 2)}: CLUSTER MIGRATESLOTS SLOTSRANGE 4 7 NODE #3", "2: CLUSTER MIGRATESLOTS SLOTSRANGE 8 9 NODE #3"], cluster.Changes);
        Assert.Equal("0-9", cluster.Shown(3));
    }

    [Fact]
    public async Task While_migrations_run_rebalance_and_drain_are_refused_and_a_reshard_leaves_their_slots_alone()
    {
        await using var cluster = ModelCluster.Formed("0-9", "10-16383", "");
        cluster.LooksPerMigration = int.MaxValue;
        using var interrupt = new CancellationTokenSource();
        cluster.Interrupt = interrupt;
        cluster.Instead = line =>
        {
            if (line == "CLUSTER GETSLOTMIGRATIONS" && cluster.Changes.Count > 0)
            {
                interrupt.Cancel();
            }

            return null;
        };
        Assert.Equal(1, (await cluster.RunAsync("reshard --to @3 --ranges 0-4 --node @1")).Code);
        (cluster.Instead, cluster.Interrupt) = (_ => null, null);

        Assert.StartsWith("trefoil: 1 migration runs, so rebalance cannot tell", (await cluster.RunAsync("rebalance --node @1")).Error, StringComparison.Ordinal);
        Assert.StartsWith("trefoil: 1 migration runs, so drain cannot tell", (await cluster.RunAsync("drain @1 --node @1")).Error, StringComparison.Ordinal);
        Assert.Equal("trefoil: 3-4: a migration is moving these slots already. Nothing was changed.\n", (await cluster.RunAsync("reshard --to @2 --ranges 3-6 --node @1")).Error);
        Assert.StartsWith("trefoil: 6 slots are wanted for @2, but @1 own 5 that can be moved.", (await cluster.RunAsync("reshard --from @1 --to @2 --slots 6 --node @1")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reshard --to @9 --slots 1", 2, "'@9' is no member of this cluster.")]
    [InlineData("reshard --to @2 --slots 1", 2, "@2 is a replica of @1: replicas own no slots, name a primary.")]
    [InlineData("reshard --to @1 --from @1 --slots 1", 2, "@1 cannot give slots to itself: it is named by --from and by --to.")]
    [InlineData("reshard --to @3 --ranges 16000", 1, "16000: nobody owns this slot, so there is nothing to move.")]
    [InlineData("reshard --to @3 --from @3 --ranges 5", 2, "@3 cannot give slots to itself: it is named by --from and by --to.")]
    [InlineData("reshard --to @1 --from @3 --ranges 5,10001", 0, "")]
    [InlineData("reshard --to @3 --from @3 --slots 5", 2, "@3 cannot give slots to itself: it is named by --from and by --to.")]
    [InlineData("drain @2", 1, "@2 is a replica of @1 and owns no slots: `trefoil cluster remove @2` takes it out as it is.")]
    [InlineData("drain @1 --to @1", 2, "@1 cannot be drained into itself.")]
    [InlineData("drain @1 --to @2", 2, "@2 is a replica of @1: replicas own no slots, name a primary.")]
    [InlineData("rebalance --weight @2=1", 2, "@2 is a replica of @1: replicas own no slots, name a primary.")]
    [InlineData("rebalance --weight @1=0 --weight @3=0", 2, "cluster rebalance: all weights are 0, so nobody could own a slot.")]
    public async Task What_makes_no_sense_is_refused_before_anything_is_changed(string command, int code, string error)
    {
        await using var cluster = ModelCluster.Formed("0-10000", ">1", "10001-15999");

        var run = await cluster.RunAsync(command.Replace("@9", "127.0.0.1:9", StringComparison.Ordinal) + " --dry-run --node @1");

        Assert.Equal(code, run.Code);
        Assert.StartsWith(error.Length == 0 ? "" : "trefoil: " + error.Replace("@9", "127.0.0.1:9", StringComparison.Ordinal), run.Error, StringComparison.Ordinal);
        Assert.Empty(cluster.Changes);
    }

    [Fact]
    public async Task A_server_without_migrations_says_so()
    {
        await using var cluster = ModelCluster.Formed("0-16383", "");
        cluster.Instead = line => line == "CLUSTER GETSLOTMIGRATIONS" ? "-ERR unknown subcommand\r\n" : null;

        Assert.Equal("trefoil: @1 has no CLUSTER MIGRATESLOTS: all nodes must run a version that has it.\n", (await cluster.RunAsync("rebalance --node @1")).Error);
        Assert.Equal(0, (await cluster.RunAsync("rebalance --node @1 --dry-run")).Code);
        Assert.Equal(0, (await cluster.RunAsync("status --node @1")).Code);
    }

    [Fact]
    public async Task A_node_that_would_take_part_and_is_away_is_named()
    {
        await using var cluster = ModelCluster.Formed("0-16383", "");
        await cluster.StopAsync(2);

        var (code, _, error) = await cluster.RunAsync("reshard --to @2 --slots 5 --node @1");

        Assert.Equal(3, code);
        Assert.StartsWith("trefoil: @2 would take part and does not answer:", error, StringComparison.Ordinal);
    }

    private static (int Code, string Output) CodeAndOutput((int Code, string Output, string Error) run) => (run.Code, run.Output);
}

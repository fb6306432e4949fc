using Trefoil.Cli.Cluster.Checking;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Printing;
using Trefoil.Unit.Testing;
using Xunit;
using static Trefoil.Unit.Cli.Cluster.Pictures;

namespace Trefoil.Unit.Cli.Cluster;

public sealed class CheckTests
{
    [Fact]
    public void A_whole_cluster_has_nothing_to_find() => Assert.Empty(Check.Of(Whole()));

    [Fact]
    public void Slots_without_owner_are_an_error_that_names_them() =>
        Finds("slots-uncovered", Severity.Error, "11 slots have no owner: 0-9 16383.", Of([Line(1, "master", null, "10-16382")]));

    [Fact]
    public void A_node_that_is_given_up_is_an_error_and_a_suspected_one_a_warning()
    {
        string[] lines = [Line(1, "master", null, "0-16383"), Line(2, "slave,fail", 1), Line(3, "slave,fail?", 1)];
        var view = Of(lines, (n, report) => n == 2 ? null : report);

        Finds("node-failed", Severity.Error, "10.0.0.2:6379 (replica, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb) is given up by the cluster: 10.0.0.2:6379 cannot be reached: Connection refused.", view);
        Finds("node-suspected", Severity.Warning, "10.0.0.3:6379 (replica, cccccccccccccccccccccccccccccccccccccccc) is suspected by others: they did not hear from it lately.", view);
    }

    [Fact]
    public void A_node_that_only_we_cannot_reach_is_an_error() =>
        Finds("node-silent", Severity.Error, "10.0.0.6:6379 (replica, ffffffffffffffffffffffffffffffffffffffff) does not answer here: 10.0.0.6:6379 cannot be reached: Connection refused.",
            Whole((n, report) => n == 6 ? null : report));

    [Fact]
    public void Nodes_that_show_another_map_are_an_error_and_those_that_only_lag_a_warning()
    {
        var old = Of([Line(1, "master", null, "0-16383"), Line(2, "master", null)]).Best;
        var view = Whole((n, report) => n == 3 ? report.With("topology_version", "55") with { Nodes = [.. old.Nodes.Select(line => line with { Flags = ["master"] }), report.Self] }
            : n == 4 ? report.With("topology_version", "56") : report);

        Finds("map-differs", Severity.Error, "10.0.0.3:6379 shows another slot map (topology version 55) than 10.0.0.1:6379 (57).", view);
        Finds("topology-lags", Severity.Warning, "10.0.0.4:6379 shows topology version 56, 10.0.0.1:6379 shows 57.", view);
        Assert.True(Check.IsUnsettled(view));
    }

    [Fact]
    public void Slots_that_are_half_moved_key_by_key_are_a_warning() =>
        Finds("slots-open", Severity.Warning, "10.0.0.1:6379 has 2 slots half moved, key by key: 7-8.", Of(
            [Line(1, "master", null, $"0-16383 [7->-{Id(2)}] [8->-{Id(2)}]"), Line(2, "master", null)]));

    [Fact]
    public void A_migration_that_runs_is_a_note_and_one_that_failed_a_warning()
    {
        var view = Whole((n, report) => report with { Migrations = [Moving("x", "0-99", 1, 2, "running"), Moving("y", "200", 1, 3, "failed", "OOM at the target")] });

        Finds("migration-runs", Severity.Note, "The migration of 100 slots (0-99) from 10.0.0.1:6379 to 10.0.0.2:6379 runs (copying, 7 copied, attempt 2).", view);
        Finds("migration-failed", Severity.Warning, "The migration of 1 slot (200) from 10.0.0.1:6379 to 10.0.0.3:6379 failed: OOM at the target.", view);
    }

    [Fact]
    public void A_migration_that_failed_is_no_news_once_its_slots_have_moved_or_its_target_took_others_or_left()
    {
        var failed = Moving("y", "200", 1, 3, "failed", "OOM");
        foreach (var later in new[] { Moving("z", "200", 1, 2, "success", created: 2), Moving("z", "300", 2, 3, "success", created: 2), Moving("z", "300", 2, 3, "running", created: 2) })
        {
            Assert.DoesNotContain(Check.Of(Whole((_, report) => report with { Migrations = [failed, later] })), finding => finding.Code == "migration-failed");
        }

        Assert.Empty(Check.Of(Whole((_, report) => report with { Migrations = [failed with { Target = Id(9) }] })));
        Assert.Single(Check.Of(Whole((_, report) => report with { Migrations = [failed, Moving("z", "300", 1, 2, "success", created: 2)] })), finding => finding.Code == "migration-failed");
        Assert.Single(Check.Of(Whole((_, report) => report with { Migrations = [failed with { Created = 3 }, Moving("z", "200", 1, 3, "success", created: 2)] })), finding => finding.Code == "migration-failed");
    }

    [Fact]
    public void A_primary_without_replica_is_a_warning() =>
        Finds("no-replica", Severity.Warning, "1 primary has no replica: 10.0.0.1:6379.", Of([Line(1, "master", null, "0-16383")]));

    [Fact]
    public void A_replica_that_cannot_take_over_is_a_warning() =>
        Finds("replica-behind", Severity.Warning, "10.0.0.4:6379 has not caught up with 10.0.0.1:6379: it cannot take over yet.",
            Whole((n, report) => n == 1 ? report.With("replica_set", Id(1)) : report));

    [Fact]
    public void Two_nodes_of_one_shard_in_one_zone_are_a_warning() =>
        Finds("same-zone", Severity.Warning, "10.0.0.1:6379 and 10.0.0.4:6379 are of one shard and in one zone, a.", Whole((n, report) => n == 4 ? report.With("cluster_zone", "a") : report));

    [Fact]
    public void Versions_that_lag_are_a_warning() =>
        Finds("version-lags", Severity.Warning, "10.0.0.2:6379, 10.0.0.5:6379 run 0.1.9, others 0.2.0.", Whole((n, report) => n is 2 or 5 ? report.With("trefoil_version", "0.1.9") : report));

    [Fact]
    public void Voters_that_are_away_are_a_warning_and_nobody_leading_an_error()
    {
        Finds("voters-away", Severity.Warning, "1 of 3 voters do not answer: 10.0.0.3:6379.", Whole((n, report) => n == 3 ? null : report));
        Finds("no-leader", Severity.Error, "Nobody leads: no change can be agreed on, and nobody fails over.", Whole((_, report) => report.With("raft_leader", "")));
    }

    [Fact]
    public void Primaries_that_own_very_different_numbers_of_slots_are_a_note() =>
        Finds("uneven", Severity.Note, "The primaries own between 1 and 16383 slots.", Of([Line(1, "master", null, "0"), Line(2, "master", null, "1-16383")]));

    [Fact]
    public void The_worst_comes_first_and_both_forms_are_kept()
    {
        var view = Of(
            [Line(1, "master", null, "0-8000"), Line(2, "master", null, "8001-16000"), Line(3, "slave,fail", 1)],
            (n, report) => n == 3 ? null : report with { Migrations = [Moving("x", "0-99", 1, 2, "running")] });
        var findings = Check.Of(view);

        Golden.Check("Cli", "cluster-check", ClusterText.Check(view, findings));
        Golden.Check("Cli", "cluster-check-json", ClusterJson.Check(findings));
    }

    private static void Finds(string code, Severity severity, string text, ClusterView view)
    {
        var findings = Check.Of(view).Where(finding => finding.Code == code).ToList();
        Assert.Equal([(severity, text)], findings.Select(finding => (finding.Severity, finding.Text)));
    }
}

using Trefoil.Cli.Cluster.Checking;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;
using Trefoil.Cli.Cluster.Printing;
using Trefoil.Unit.Testing;
using Xunit;
using static Trefoil.Unit.Cli.Cluster.Pictures;

namespace Trefoil.Unit.Cli.Cluster;

/// <summary>What people and scripts read of one fixed picture: a replica is away, another one behind, a migration runs, a slot has no owner.</summary>
public sealed class PrintingTests
{
    private static readonly ClusterView View = Of(
        [
            Line(1, "master", null, "0-5460"), Line(2, "master", null, "5461-10922"), Line(3, "master", null, "10923-16382"),
            Line(4, "slave", 1), Line(5, "slave,fail", 2), Line(6, "slave", 3),
        ],
        (n, report) => n == 5 ? null : (n == 3 ? report.With("replica_set", Id(3)) : report) with { Migrations = [Moving("m", "0-99 200", 1, 2, "running")] });

    [Fact]
    public void Status_is_kept_in_both_forms()
    {
        Golden.Check("Cli", "cluster-status", ClusterText.Status(View, Check.Of(View)));
        Golden.Check("Cli", "cluster-status-json", ClusterJson.Status(View, Check.Of(View)));
    }

    [Fact]
    public void Nodes_are_kept_in_both_forms()
    {
        Golden.Check("Cli", "cluster-nodes", ClusterText.Nodes(View));
        Golden.Check("Cli", "cluster-nodes-json", ClusterJson.Nodes(View));
    }

    [Fact]
    public void Slots_are_kept_in_both_forms()
    {
        Golden.Check("Cli", "cluster-slots", ClusterText.Slots(View));
        Golden.Check("Cli", "cluster-slots-json", ClusterJson.Slots(View));
    }

    [Fact]
    public void A_plan_is_kept_in_both_forms()
    {
        var moves = new[] { new Move(Id(1), Id(3), SlotRanges.Read("0-9 20").Ranges!), new Move(Id(2), Id(3), SlotRanges.Read("6000").Ranges!) };

        Golden.Check("Cli", "cluster-plan", ClusterText.Plan(View, moves));
        Golden.Check("Cli", "cluster-plan-json", ClusterJson.Plan(View, moves));
    }
}

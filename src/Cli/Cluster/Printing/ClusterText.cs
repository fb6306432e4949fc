using System.Text;
using Trefoil.Cli.Cluster.Checking;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;
using Trefoil.Primitives;

namespace Trefoil.Cli.Cluster.Printing;

/// <summary>Pictures, plans and findings for people.</summary>
internal static class ClusterText
{
    public static string Status(ClusterView view, IReadOnlyList<Finding> findings)
    {
        var text = new StringBuilder();
        var (primaries, replicas) = (view.Primaries.Count(), view.Members.Count(member => !member.IsPrimary));
        text.Append($"cluster {ClusterJson.StateOf(view)}: {Say.Some(primaries, "primary", "primaries")}, {Say.Some(replicas, "replica", "replicas")}, ")
            .Append($"{view.AssignedSlots} of {HashSlot.Count} slots owned, {Say.Some((int)view.Primaries.Sum(p => p.Report?.Keys ?? 0), "key", "keys")}\n")
            .Append($"topology version {view.Best.TopologyVersion}");
        if (view.Best.Info.ContainsKey("raft_leader"))
        {
            text.Append(view.Best.RaftLeader.Length == 0 ? ", nobody leads" : $", led by {view.NameOf(view.Best.RaftLeader)}")
                .Append($", {Say.Some(view.Best.Voters.Count, "voter", "voters")}");
        }

        text.Append("\n\n").Append(TextTable.Format(["PRIMARY", "HEALTH", "SLOTS", "SHARE", "KEYS", "REPLICAS"], [.. view.Primaries.Select(primary => Shard(view, primary))]));
        if (view.RunningMigrations.ToList() is { Count: > 0 } running)
        {
            text.Append($"\n{Say.Some(running.Count, "migration runs", "migrations run")}:\n").Append(Migrations(view, running));
        }

        var (errors, warnings) = (findings.Count(f => f.Severity == Severity.Error), findings.Count(f => f.Severity == Severity.Warning));
        if (errors + warnings > 0)
        {
            text.Append($"\n{Say.Some(errors, "error", "errors")}, {Say.Some(warnings, "warning", "warnings")}: see `trefoil cluster check`.\n");
        }

        return text.ToString();
    }

    public static string Nodes(ClusterView view) => TextTable.Format(
        ["ADDRESS", "ROLE", "OF", "HEALTH", "SLOTS", "KEYS", "MEMORY", "ZONE", "RAFT", "TOPOLOGY", "VERSION", "ID"],
        [
            .. view.Members.Select(member => new[]
            {
                member.Address.ToString(), member.Role, member.IsPrimary ? "-" : view.NameOf(member.PrimaryId),
                !member.IsPrimary && member.Health == "ok" && !view.Counts(member) ? "behind" : member.Health,
                Say.Number(member.SlotCount), Known(member.Report?.Keys), member.Report is { } report ? Say.Bytes(report.MemoryBytes) : "-",
                member.Zone.Length > 0 ? member.Zone : "-",
                view.Best.RaftLeader == member.Id ? "leader" : view.Best.Voters.Contains(member.Id) ? "voter" : "-",
                Known(member.Report?.TopologyVersion), member.Report?.Version is { Length: > 0 } version ? version : "-", member.Id,
            }),
        ]);

    public static string Slots(ClusterView view)
    {
        var text = new StringBuilder(TextTable.Format(
            ["SLOTS", "COUNT", "PRIMARY", "REPLICAS"],
            [
                .. SlotRows.Of(view).Select(row => new[]
                {
                    row.Range.ToString(), Say.Number(row.Range.Count), row.Owner?.Address.ToString() ?? "nobody", row.Owner is { } owner ? Replicas(view, owner) : "-",
                }),
            ]));
        foreach (var mark in view.Members.SelectMany(member => (member.Report?.Self.Marks ?? []).Select(mark => $"{member.Address} {mark}")))
        {
            text.Append($"half moved, key by key: {mark}\n");
        }

        if (view.RunningMigrations.ToList() is { Count: > 0 } running)
        {
            text.Append('\n').Append(Migrations(view, running));
        }

        return text.ToString();
    }

    public static string Check(ClusterView view, IReadOnlyList<Finding> findings)
    {
        var text = new StringBuilder();
        foreach (var finding in findings)
        {
            text.Append($"{Words.Of(finding.Severity),-8} {finding.Code}: {finding.Text}\n");
            if (finding.Remedy.Length > 0)
            {
                text.Append($"         {finding.Remedy}\n");
            }
        }

        var (errors, warnings) = (findings.Count(f => f.Severity == Severity.Error), findings.Count(f => f.Severity == Severity.Warning));
        return text.Append($"{Say.Some(view.Members.Count, "node", "nodes")}, {view.AssignedSlots} of {HashSlot.Count} slots owned: ")
            .Append(errors + warnings == 0 ? "all is well.\n" : $"{Say.Some(errors, "error", "errors")}, {Say.Some(warnings, "warning", "warnings")}.\n").ToString();
    }

    public static string Plan(ClusterView view, IReadOnlyList<Move> moves) =>
        TextTable.Format(
            ["FROM", "TO", "SLOTS", "RANGES"],
            [.. moves.Select(move => new[] { view.NameOf(move.Source), view.NameOf(move.Target), Say.Number(move.Count), SlotRanges.Show(move.Ranges, Checking.Check.MostRanges) })])
        + AfterPlan(view, moves);

    private static string AfterPlan(ClusterView view, IReadOnlyList<Move> moves)
    {
        var after = view.Primaries.Select(primary => (primary, Slots: primary.SlotCount
            + moves.Where(move => move.Target == primary.Id).Sum(move => move.Count) - moves.Where(move => move.Source == primary.Id).Sum(move => move.Count)));
        return "\n" + TextTable.Format(
            ["PRIMARY", "SLOTS NOW", "SLOTS THEN"], [.. after.Select(row => new[] { row.primary.Address.ToString(), Say.Number(row.primary.SlotCount), Say.Number(row.Slots) })]);
    }

    private static string Migrations(ClusterView view, IEnumerable<MigrationRow> rows) => TextTable.Format(
        ["FROM", "TO", "SLOTS", "COPIED", "SENT", "PHASE", "ATTEMPT"],
        [
            .. rows.Select(row => new[]
            {
                view.NameOf(row.Source), view.NameOf(row.Target), Say.Number(row.SlotCount), Say.Number(row.SlotsCopied), Say.Bytes(row.BytesSent),
                row.Phase.Length > 0 ? row.Phase : row.State, Say.Number(Math.Max(1, row.Attempt)),
            }),
        ]);

    private static string[] Shard(ClusterView view, MemberView primary) =>
    [
        primary.Address.ToString(), primary.Health, Say.Number(primary.SlotCount), Say.Percent(primary.SlotCount, HashSlot.Count), Known(primary.Report?.Keys), Replicas(view, primary),
    ];

    private static string Replicas(ClusterView view, MemberView primary) =>
        string.Join(' ', view.ReplicasOf(primary).Select(replica =>
            $"{replica.Address}{(replica.Health != "ok" ? $"({replica.Health})" : view.Counts(replica) ? "" : "(behind)")}")) is { Length: > 0 } all ? all : "-";

    private static string Known(long? number) => number is { } known ? Say.Number(known) : "-";
}

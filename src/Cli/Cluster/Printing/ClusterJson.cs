using System.Text.Json;
using Trefoil.Cli.Cluster.Checking;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;
using Trefoil.Sharding;

namespace Trefoil.Cli.Cluster.Printing;

/// <summary>Pictures, plans and findings for <c>-o json</c>. Fields are only ever added.</summary>
internal static class ClusterJson
{
    public static string Status(ClusterView view, IReadOnlyList<Finding> findings) => JsonText.Object(json =>
    {
        json.WriteString("state", StateOf(view));
        json.WriteNumber("slots_assigned", view.AssignedSlots);
        json.WriteNumber("topology_version", view.Best.TopologyVersion);
        json.WriteString("leader", view.Best.RaftLeader);
        json.Strings("voters", view.Best.Voters);
        json.Objects("shards", view.Primaries, primary =>
        {
            json.WriteString("primary", primary.Id);
            json.WriteString("address", primary.Address.ToString());
            json.WriteString("health", primary.Health);
            json.WriteNumber("slots", primary.SlotCount);
            Keys(json, primary);
            json.Objects("replicas", view.ReplicasOf(primary), replica =>
            {
                json.WriteString("id", replica.Id);
                json.WriteString("address", replica.Address.ToString());
                json.WriteString("health", replica.Health);
                json.WriteBoolean("caught_up", view.Counts(replica));
            });
        });
        Migrations(json, view, view.RunningMigrations);
        Counts(json, findings);
    });

    public static string Nodes(ClusterView view) => JsonText.Object(json => json.Objects("nodes", view.Members, member =>
    {
        json.WriteString("id", member.Id);
        json.WriteString("address", member.Address.ToString());
        json.WriteString("role", member.Role);
        json.WriteString("primary", member.PrimaryId);
        json.WriteString("health", member.Health);
        json.WriteString("failure", member.Failure ?? "");
        json.WriteNumber("slots", member.SlotCount);
        Ranges(json, member.Ranges);
        Keys(json, member);
        json.WriteString("zone", member.Zone);
        json.WriteString("version", member.Report?.Version ?? "");
        json.WriteNumber("topology_version", member.Report?.TopologyVersion ?? 0);
        json.WriteNumber("memory_bytes", member.Report?.MemoryBytes ?? 0);
        json.WriteBoolean("voter", view.Best.Voters.Contains(member.Id));
        json.WriteBoolean("leader", view.Best.RaftLeader == member.Id);
        json.WriteBoolean("caught_up", member.IsPrimary || view.Counts(member));
    }));

    public static string Slots(ClusterView view) => JsonText.Object(json =>
    {
        json.Objects("ranges", SlotRows.Of(view), row =>
        {
            json.WriteNumber("start", row.Range.Start);
            json.WriteNumber("end", row.Range.End);
            json.WriteString("node", row.Owner?.Id ?? "");
            json.WriteString("address", row.Owner?.Address.ToString() ?? "");
        });
        json.Strings("open", view.Members.SelectMany(member => member.Report?.Self.Marks ?? []));
        Migrations(json, view, view.RunningMigrations);
    });

    public static string Check(IReadOnlyList<Finding> findings) => JsonText.Object(json =>
    {
        json.Objects("findings", findings, finding =>
        {
            json.WriteString("severity", Words.Of(finding.Severity));
            json.WriteString("code", finding.Code);
            json.WriteString("text", finding.Text);
            json.WriteString("remedy", finding.Remedy);
        });
        Counts(json, findings);
    });

    public static string Plan(ClusterView view, IReadOnlyList<Move> moves) => JsonText.Object(json =>
    {
        json.WriteBoolean("dry_run", true);
        json.WriteNumber("slots", moves.Sum(move => move.Count));
        json.Objects("moves", moves, move => Move(json, view, move));
    });

    public static void Move(Utf8JsonWriter json, ClusterView view, Move move)
    {
        json.WriteString("source", move.Source);
        json.WriteString("source_address", view.NameOf(move.Source));
        json.WriteString("target", move.Target);
        json.WriteString("target_address", view.NameOf(move.Target));
        json.WriteNumber("slots", move.Count);
        Ranges(json, move.Ranges);
    }

    public static string StateOf(ClusterView view) => view.Reports.All(report => report.IsClusterOk) ? "ok" : "fail";

    private static void Counts(Utf8JsonWriter json, IReadOnlyList<Finding> findings)
    {
        json.WriteNumber("errors", findings.Count(finding => finding.Severity == Severity.Error));
        json.WriteNumber("warnings", findings.Count(finding => finding.Severity == Severity.Warning));
    }

    private static void Migrations(Utf8JsonWriter json, ClusterView view, IEnumerable<MigrationRow> rows) => json.Objects("migrations", rows, row =>
    {
        json.WriteString("name", row.Name);
        json.WriteString("source", row.Source);
        json.WriteString("source_address", view.NameOf(row.Source));
        json.WriteString("target", row.Target);
        json.WriteString("target_address", view.NameOf(row.Target));
        json.WriteNumber("slots", row.SlotCount);
        Ranges(json, row.Ranges);
        json.WriteString("state", row.State);
        json.WriteString("phase", row.Phase);
        json.WriteNumber("slots_copied", row.SlotsCopied);
        json.WriteNumber("bytes_sent", row.BytesSent);
        json.WriteNumber("attempt", row.Attempt);
        json.WriteString("message", row.Message);
    });

    private static void Ranges(Utf8JsonWriter json, IEnumerable<SlotRange> ranges) => json.Strings("ranges", ranges.Select(range => range.ToString()));

    private static void Keys(Utf8JsonWriter json, MemberView member)
    {
        if (member.Report is { } report)
        {
            json.WriteNumber("keys", report.Keys);
        }
        else
        {
            json.WriteNull("keys");
        }
    }
}

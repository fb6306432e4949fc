using Trefoil.Cli.Cluster.Picture;
using Trefoil.Primitives;

namespace Trefoil.Unit.Cli.Cluster;

/// <summary>Clusters made of text, as six nodes at 10.0.0.1 to 10.0.0.6 would tell them.</summary>
internal static class Pictures
{
    /// <summary>Three shards over three zones, everything as it should be.</summary>
    public static ClusterView Whole(Func<int, NodeReport, NodeReport?>? change = null) => Of(
        [
            Line(1, "master", null, "0-5460"), Line(2, "master", null, "5461-10922"), Line(3, "master", null, "10923-16383"),
            Line(4, "slave", 1), Line(5, "slave", 2), Line(6, "slave", 3),
        ],
        change);

    /// <summary>Of these lines of CLUSTER NODES, one report per line; <paramref name="change"/> alters one, or takes it away.</summary>
    public static ClusterView Of(string[] lines, Func<int, NodeReport, NodeReport?>? change = null)
    {
        var reports = new List<NodeReport>();
        var failures = new Dictionary<string, string>();
        for (var n = 1; n <= lines.Length; n++)
        {
            var report = Report(n, lines);
            if (change is null)
            {
                reports.Add(report);
            }
            else if (change(n, report) is { } changed)
            {
                reports.Add(changed);
            }
            else
            {
                failures[Id(n)] = $"10.0.0.{n}:6379 cannot be reached: Connection refused.";
            }
        }

        return ClusterView.From(reports, failures);
    }

    public static string Id(int node) => new((char)('a' + node - 1), 40);

    public static HostPort Address(int node) => new($"10.0.0.{node}", 6379);

    public static string Line(int node, string role, int? primary, string slots = "") =>
        $"{Id(node)} {Address(node)}@18183 {role} {(primary is { } p ? Id(p) : "-")} 0 0 1 connected {slots}".TrimEnd();

    public static MigrationRow Moving(string name, string ranges, int source, int target, string state, string message = "", long created = 1) => new(
        name, true, SlotRanges.Read(ranges).Ranges!, Id(source), Id(target), state, message, created, Attempt: 2, SlotsCopied: 7, BytesSent: 1_500_000, state == "running" ? "copying" : "", LongestPauseMs: 18, IsClean: true);

    public static NodeReport With(this NodeReport report, string field, string value) =>
        report with { Info = new Dictionary<string, string>(report.Info) { [field] = value } };

    private static NodeReport Report(int node, string[] lines)
    {
        var mine = string.Join('\n', lines.Select((line, i) => i + 1 == node ? line.Replace(" master", " myself,master").Replace(" slave", " myself,slave") : line));
        var nodes = NodeLine.ReadAll(mine, Address(node));
        var set = nodes.Where(line => line.Id == Id(node) || line.PrimaryId == Id(node)).Select(line => line.Id);
        return new NodeReport(
            Address(node), 1000 * node, nodes,
            new Dictionary<string, string> { ["cluster_state"] = "ok", ["cluster_known_nodes"] = $"{lines.Length}" },
            new Dictionary<string, string>
            {
                ["topology_version"] = "57",
                ["trefoil_version"] = "0.2.0",
                ["cluster_zone"] = $"{"abcbca"[(node - 1) % 6]}",
                ["used_memory"] = "1048576",
                ["replica_set"] = string.Join(',', set),
                ["raft_voters"] = $"{Id(1)},{Id(2)},{Id(3)}",
                ["raft_leader"] = Id(2),
                ["master_link_status"] = "up",
                ["master_repl_offset"] = $"{100 + node}",
            },
            []);
    }
}

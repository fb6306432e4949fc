using System.Globalization;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;
using Trefoil.Wire.Resp;

namespace Trefoil.Cluster.Migration;

/// <summary>CLUSTER MIGRATESLOTS and what a node says about its migrations.</summary>
internal static class SlotMoves
{
    private static readonly string[] Ended = ["success", "failed", "cancelled"];
    private static readonly LoadOptions Patient = new() { ReplyTimeout = TimeSpan.FromSeconds(10), ConnectTimeout = TimeSpan.FromSeconds(2) };

    public static string Id(this IFailoverCluster cluster, int node) => cluster.Say(node, "CLUSTER", "MYID");

    /// <summary>Asks the source to move slots; its answer.</summary>
    public static string Move(this IFailoverCluster cluster, int source, int target, int first, int last) =>
        cluster.Say(source, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", Text(first), Text(last), "NODE", cluster.Id(target));

    /// <summary>The newest migration that a node tells of; empty if it tells of none, or does not answer.</summary>
    public static IReadOnlyDictionary<string, string> Newest(this IFailoverCluster cluster, int node) => cluster.Migrations(node) is [var newest, ..] ? newest : new Dictionary<string, string>();

    /// <summary>All migrations that a node tells of, newest first.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Migrations(this IFailoverCluster cluster, int node)
    {
        using var connection = LoadConnection.Open(cluster.At(node), cluster.MakeSocket, Patient);
        return [.. (connection?.Call(["CLUSTER", "GETSLOTMIGRATIONS"])?[0].Items ?? []).Select(FieldsOf)];
    }

    /// <summary>Returns once the newest migration that the node tells of has ended, and what it then says.</summary>
    public static Task<IReadOnlyDictionary<string, string>> EndedAsync(this IFailoverCluster cluster, int node, TimeSpan deadline) => cluster.SeeAsync(
        node, "the migration ends", seen => Ended.Contains(seen.GetValueOrDefault("state")), deadline);

    /// <summary>Returns once it has ended and nothing is left of it where it should not be.</summary>
    public static Task<IReadOnlyDictionary<string, string>> CleanAsync(this IFailoverCluster cluster, int node, TimeSpan deadline) => cluster.SeeAsync(
        node, "the migration is cleaned up", seen => Ended.Contains(seen.GetValueOrDefault("state")) && seen.GetValueOrDefault("clean") == "1", deadline);

    /// <summary>Returns once what the node tells of its newest migration is as wanted.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> SeeAsync(
        this IFailoverCluster cluster, int node, string phase, Func<IReadOnlyDictionary<string, string>, bool> isWanted, TimeSpan deadline)
    {
        IReadOnlyDictionary<string, string> seen = new Dictionary<string, string>();
        await Eventually.See(
            phase, "it", () => Task.FromResult(Show(seen = cluster.Newest(node))), _ => isWanted(seen), deadline);
        return seen;
    }

    /// <summary>The nodes that own slots, by slot, as one node shows it.</summary>
    public static Func<int, int> OwnersAt(this IFailoverCluster cluster, int asked)
    {
        var owners = new int[16384];
        foreach (var node in cluster.View(asked).Where(n => n.IsPrimary))
        {
            foreach (var range in node.Slots.Split(' ').Where(r => r[0] != '['))
            {
                var ends = range.Split('-').Select(s => int.Parse(s, CultureInfo.InvariantCulture)).ToArray();
                owners.AsSpan(ends[0], ends[^1] - ends[0] + 1).Fill(cluster.NodeAt(node.Address));
            }
        }

        return slot => owners[slot];
    }

    /// <summary>Keys that the primaries together count.</summary>
    public static long KeysOfAll(this IFailoverCluster cluster, int asked) => cluster.View(asked).Where(n => n.IsPrimary)
        .Sum(n => long.Parse(cluster.Say(cluster.NodeAt(n.Address), "DBSIZE"), CultureInfo.InvariantCulture));

    public static string Show(IReadOnlyDictionary<string, string> migration) => string.Join(' ', migration.Select(f => $"{f.Key}={f.Value}"));

    private static Dictionary<string, string> FieldsOf(RespReply map) =>
        map.Items!.Chunk(2).ToDictionary(pair => pair[0].Text!, pair => pair[1].Text ?? "", StringComparer.Ordinal);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

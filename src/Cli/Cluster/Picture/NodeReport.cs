using System.Globalization;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Cli.Cluster.Picture;

/// <summary>Everything one node said, asked in one round trip.</summary>
/// <param name="Asked">Where it was asked.</param>
/// <param name="Keys">What DBSIZE answered.</param>
/// <param name="Nodes">Its CLUSTER NODES.</param>
/// <param name="Cluster">Fields of CLUSTER INFO.</param>
/// <param name="Info">Fields of the sections of INFO that were asked for; their names differ between sections.</param>
/// <param name="Migrations">Null if it knows no such command.</param>
internal sealed record NodeReport(
    HostPort Asked, long Keys, IReadOnlyList<NodeLine> Nodes, IReadOnlyDictionary<string, string> Cluster,
    IReadOnlyDictionary<string, string> Info, IReadOnlyList<MigrationRow>? Migrations)
{
    /// <summary>What is sent, in the order in which <see cref="Read"/> wants the replies.</summary>
    public static IReadOnlyList<string[]> Questions { get; } =
    [
        ["CLUSTER", "NODES"], ["CLUSTER", "INFO"], ["INFO", "server", "memory", "replication", "cluster", "raft"], ["DBSIZE"], ["CLUSTER", "GETSLOTMIGRATIONS"],
    ];

    /// <summary>Its own line.</summary>
    public NodeLine Self => Nodes.First(line => line.IsMyself);

    public string Id => Self.Id;

    /// <summary>Grows with every agreed change of the topology; 0 if it does not say.</summary>
    public long TopologyVersion => Number(Info, "topology_version");

    public string Zone => Info.GetValueOrDefault("cluster_zone", "");

    public string Version => Info.GetValueOrDefault("trefoil_version") ?? Info.GetValueOrDefault("redis_version", "");

    public bool IsClusterOk => Cluster.GetValueOrDefault("cluster_state") == "ok";

    public int KnownNodes => (int)Number(Cluster, "cluster_known_nodes");

    /// <summary>Ids of the members of its shard that count and can be promoted, itself included; empty if it does not say.</summary>
    public IReadOnlyList<string> ReplicaSet => List("replica_set");

    public IReadOnlyList<string> Voters => List("raft_voters");

    public string RaftLeader => Info.GetValueOrDefault("raft_leader", "");

    public long Offset => Number(Info, "master_repl_offset");

    public long MemoryBytes => Number(Info, "used_memory");

    /// <summary>A replica that follows its primary, and no copy of the data is on its way to it.</summary>
    public bool IsSynced => Info.GetValueOrDefault("master_link_status") == "up" && Info.GetValueOrDefault("master_sync_in_progress", "0") == "0";

    /// <summary>Who owns what, in a form that two nodes can be compared by.</summary>
    public string Signature => string.Join('|', Nodes.Where(line => line.Ranges.Count > 0).OrderBy(line => line.Id, StringComparer.Ordinal)
        .Select(line => $"{line.Id}:{SlotRanges.Show(line.Ranges)}"));

    /// <summary>Composes the replies to <see cref="Questions"/>; the text says what is wrong with them.</summary>
    public static (NodeReport? Report, string? Problem) Read(HostPort asked, IReadOnlyList<RespReply> replies)
    {
        if (replies.Take(replies.Count - 1).FirstOrDefault(reply => reply.IsError) is { } error)
        {
            return (null, error.Text);
        }

        var nodes = NodeLine.ReadAll(replies[0].Text ?? "", asked);
        return nodes.Count(line => line.IsMyself) != 1
            ? (null, "its CLUSTER NODES has no line about itself")
            : (new NodeReport(asked, replies[3].Integer, nodes, Fields(replies[1].Text), Fields(replies[2].Text), MigrationRow.ReadAll(replies[4])), null);
    }

    private static Dictionary<string, string> Fields(string? text)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in (text ?? "").Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.IndexOf(':', StringComparison.Ordinal) is var colon and > 0)
            {
                fields[line[..colon]] = line[(colon + 1)..];
            }
        }

        return fields;
    }

    private static long Number(IReadOnlyDictionary<string, string> fields, string name) =>
        long.TryParse(fields.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private string[] List(string name) => Info.GetValueOrDefault(name, "").Split(',', StringSplitOptions.RemoveEmptyEntries);
}

using System.Globalization;
using Trefoil.Client;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Cli.Local;

/// <summary>What one node said about itself and its cluster, all asked in one round trip.</summary>
/// <param name="Id">40 hex digits.</param>
/// <param name="Keys">What DBSIZE answered.</param>
/// <param name="ClusterInfo">Fields of CLUSTER INFO.</param>
/// <param name="Raft">Fields of the Raft section of INFO.</param>
/// <param name="Replication">Fields of the replication section of INFO.</param>
/// <param name="Nodes">Lines of CLUSTER NODES, split at blanks.</param>
internal sealed record NodeView(
    string Id, long Keys, IReadOnlyDictionary<string, string> ClusterInfo, IReadOnlyDictionary<string, string> Raft,
    IReadOnlyDictionary<string, string> Replication, IReadOnlyList<string[]> Nodes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public int KnownNodes => Number(ClusterInfo, "cluster_known_nodes");

    public int SlotsAssigned => Number(ClusterInfo, "cluster_slots_assigned");

    public bool StateOk => ClusterInfo.GetValueOrDefault("cluster_state") == "ok";

    public string TopologyVersion => Raft.GetValueOrDefault("topology_version", "?");

    public string RaftRole => Raft.GetValueOrDefault("raft_role", "?");

    public IReadOnlyList<string> Voters =>
        Raft.GetValueOrDefault("raft_voters", "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    public bool IsReplica => Replication.GetValueOrDefault("role") == "slave";

    /// <summary>It is a replica that follows its primary, and no copy of the data is on its way to it.</summary>
    public bool IsSynced => IsReplica && Replication.GetValueOrDefault("master_link_status") == "up"
        && Replication.GetValueOrDefault("master_sync_in_progress", "0") == "0";

    /// <summary>Members of its shard that count and can be promoted, itself included; null if it does not say.</summary>
    public int? ReplicaSetSize => Replication.ContainsKey("replica_set_size") ? Number(Replication, "replica_set_size") : null;

    /// <summary>Slot ranges this node says it owns itself, as CLUSTER NODES prints them.</summary>
    public IReadOnlyList<string> OwnRanges =>
        Nodes.FirstOrDefault(n => n is [_, _, var flags, ..] && flags.Contains("myself", StringComparison.Ordinal)) is { Length: > 8 } line ? line[8..] : [];

    /// <summary>Number of slots this node says it owns itself.</summary>
    public int OwnSlots => OwnRanges.Sum(SlotCount);

    /// <summary>Number of slots in a range as CLUSTER NODES prints it: <c>0-5460</c> or <c>7</c>; 0 for a migration mark.</summary>
    public static int SlotCount(string range) =>
        range.StartsWith('[') ? 0
        : range.Split('-') is [var first, var last]
            ? int.Parse(last, CultureInfo.InvariantCulture) - int.Parse(first, CultureInfo.InvariantCulture) + 1
            : 1;

    /// <summary>Asks the node; the text says why there is no answer.</summary>
    public static async Task<(NodeView? View, string? Failure)> AskAsync(HostPort node, TimeProvider time, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        var (connection, failure) = await RespConnection.ConnectAsync(node, Patience, time, cancellation);
        if (connection is null)
        {
            return (null, failure);
        }

        await using (connection)
        {
            try
            {
                var replies = await Task.WhenAll(
                    new[] { ["CLUSTER", "MYID"], ["DBSIZE"], ["CLUSTER", "INFO"], ["INFO", "raft"], ["INFO", "replication"], (string[])["CLUSTER", "NODES"] }
                        .Select(c => connection.SendAsync(new RespCommand(c), either.Token)));
                return replies.FirstOrDefault(r => r.IsError) is { } error ? (null, error.Text) : (Read(replies), null);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return (null, $"no reply within {Patience.TotalSeconds:0} s");
            }
        }
    }

    private static NodeView Read(RespReply[] replies) => new(
        replies[0].Text ?? "", replies[1].Integer, Fields(replies[2].Text), Fields(replies[3].Text), Fields(replies[4].Text),
        [.. (replies[5].Text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' '))]);

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

    private static int Number(IReadOnlyDictionary<string, string> fields, string key) =>
        int.TryParse(fields.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
}

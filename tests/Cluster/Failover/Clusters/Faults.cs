using System.Diagnostics;
using System.Globalization;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;

namespace Trefoil.Cluster.Failover.Clusters;

/// <summary>What is done to the processes of a cluster, and what is waited for afterwards.</summary>
internal static class Faults
{
    private static readonly TimeSpan SyncDeadline = TimeSpan.FromSeconds(60);

    public static int NodeAt(this IFailoverCluster cluster, HostPort address) => cluster.Addresses.ToList().IndexOf(address) + 1;

    public static HostPort At(this IFailoverCluster cluster, int node) => cluster.Addresses[node - 1];

    /// <summary>SIGKILL; returns when the process is gone.</summary>
    public static async Task KillAsync(this IFailoverCluster cluster, int node)
    {
        using var process = Process.GetProcessById(cluster.Pid(node));
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Stops the process' clock; it still holds its connections.</summary>
    public static Task PauseAsync(this IFailoverCluster cluster, int node) => SignalAsync(cluster, node, "-STOP");

    public static Task ResumeAsync(this IFailoverCluster cluster, int node) => SignalAsync(cluster, node, "-CONT");

    /// <summary>The first replica of a primary.</summary>
    public static int ReplicaOf(this IFailoverCluster cluster, int primary)
    {
        var view = cluster.View(primary);
        var id = view.Single(n => n.Address == cluster.At(primary)).Id;
        return cluster.NodeAt(view.First(n => n.PrimaryId == id).Address);
    }

    public static bool IsReplicaOf(this IFailoverCluster cluster, int node, int primary)
    {
        var view = cluster.View(primary);
        return view.Single(n => n.Address == cluster.At(node)).PrimaryId == view.Single(n => n.Address == cluster.At(primary)).Id;
    }

    /// <summary>Whether the node votes in the control plane.</summary>
    public static bool IsVoter(this IFailoverCluster cluster, int node) =>
        cluster.Field(1, "raft", "raft_voters").Split(',').Contains(cluster.Say(node, "CLUSTER", "MYID"));

    /// <summary>The leader of the control plane.</summary>
    public static int Leader(this IFailoverCluster cluster)
    {
        var id = cluster.Field(1, "raft", "raft_leader");
        return cluster.NodeAt(cluster.View(1).Single(n => n.Id == id).Address);
    }

    /// <summary>Returns once each replica follows its primary without a copy under way, and each primary knows of so many (null: of any).</summary>
    public static async Task ReplicasSyncedAsync(this IFailoverCluster cluster, int? perPrimary = 1) => await Eventually.See(
        "all replicas follow", $"every node a primary with {perPrimary} online replicas, or a replica in sync",
        () => Task.FromResult(string.Join("; ", cluster.Addresses.Select((_, i) => Show(cluster.Info(i + 1, "replication"))))),
        seen => seen.Split("; ").All(s => s == "replica up" || (perPrimary is { } online ? s == $"primary {online}" : (s.StartsWith("primary ", StringComparison.Ordinal) && !s.Contains(',', StringComparison.Ordinal)))), SyncDeadline);

    private static string Show(IReadOnlyDictionary<string, string> fields)
    {
        if (fields.GetValueOrDefault("role") is "slave")
        {
            return "replica " + (fields.GetValueOrDefault("master_sync_in_progress", "0") == "0" ? fields.GetValueOrDefault("master_link_status") : "copying");
        }

        var online = fields.Count(f => f.Key.StartsWith("slave", StringComparison.Ordinal) && f.Value.Contains("state=online", StringComparison.Ordinal));
        var members = string.Create(CultureInfo.InvariantCulture, $"{online + 1}");

        // Redis has no such field. Ours counts who takes part in elections: a replica that follows and is not in it yet cannot be promoted.
        return fields.GetValueOrDefault("role") is not "master" ? "silent"
            : fields.GetValueOrDefault("replica_set_size", members) == members ? string.Create(CultureInfo.InvariantCulture, $"primary {online}")
            : string.Create(CultureInfo.InvariantCulture, $"primary {online}, of whom the replica set of {fields["replica_set_size"]} lacks some");
    }

    private static async Task SignalAsync(IFailoverCluster cluster, int node, string signal) =>
        (await Tool.RunAsync("kill", signal, cluster.Pid(node).ToString(CultureInfo.InvariantCulture))).Ok();
}

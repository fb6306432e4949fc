using System.Diagnostics;
using System.Globalization;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Cluster.Harness;

namespace Trefoil.Cluster.Failover;

/// <summary>What one fault cost.</summary>
/// <param name="Node">Whom it hit.</param>
/// <param name="Outage">The longest time in which its shard acknowledged no write.</param>
/// <param name="Others">The longest of any other shard.</param>
/// <param name="OthersFailures">What clients of other shards saw fail; empty if nothing.</param>
internal sealed record FaultFigures(int Node, TimeSpan Outage, TimeSpan Others, string OthersFailures)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"node {Node}: outage {Outage.TotalMilliseconds:0} ms, others {Others.TotalMilliseconds:0} ms{(OthersFailures.Length > 0 ? ", errors there: " + OthersFailures : "")}");

    /// <summary>Median and maximum, as in <c>outage median 1200 ms, max 1900 ms over 20 faults; others at most 40 ms</c>.</summary>
    public static string Summary(IReadOnlyList<FaultFigures> all)
    {
        return string.Create(
            CultureInfo.InvariantCulture,
            $"outage median {Median(all).TotalMilliseconds:0} ms, max {all.Max(f => f.Outage).TotalMilliseconds:0} ms over {all.Count} faults; other shards at most {all.Max(f => f.Others).TotalMilliseconds:0} ms");
    }

    public static TimeSpan Median(IReadOnlyList<FaultFigures> all) => all.Select(f => f.Outage).Order().ElementAt((all.Count - 1) / 2);
}

/// <summary>Does something to the primary of one shard after the other while a load runs.</summary>
internal sealed class KillRounds(IFailoverCluster cluster, FailoverLoad load)
{
    private const int WritesToBeBack = 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>kill -9 of each primary in turn, each restarted and in sync before the next.</summary>
    public async Task<IReadOnlyList<FaultFigures>> KillAsync(int rounds, Action<string> print)
    {
        var figures = new List<FaultFigures>();
        for (var round = 0; round < rounds; round++)
        {
            var shard = load.Shards[round % load.Shards.Count];
            var figure = await MeasureAsync(shard, cluster.KillAsync);
            await cluster.StartAsync(figure.Node);
            await cluster.ReplicasSyncedAsync();
            figures.Add(figure);
            print($"round {round + 1}: {figure}");
        }

        return figures;
    }

    /// <summary>Does something to whoever is the shard's primary, and returns once the shard and the others acknowledge writes again.</summary>
    public async Task<FaultFigures> MeasureAsync(ShardHistory shard, Func<int, Task> fault)
    {
        await load.WritesAsync(WritesToBeBack, Deadline);
        var node = cluster.NodeAt(shard.LastAcknowledger!.Value);
        var began = Stopwatch.GetTimestamp();
        await fault(node);
        await BackAsync(shard);
        await load.WritesAsync(WritesToBeBack, Deadline);
        var ended = Stopwatch.GetTimestamp();
        var others = load.Shards.Where(s => s != shard).ToList();
        return new FaultFigures(
            node, shard.WorstGap(began, ended), others.Max(s => s.WorstGap(began, ended)),
            string.Join("; ", others.Select(s => s.FailuresIn(began, ended)).Where(f => f.Length > 0)));
    }

    /// <summary>Returns once writes that were sent from now on are acknowledged in the shard.</summary>
    public static async Task BackAsync(ShardHistory shard)
    {
        var since = Stopwatch.GetTimestamp();
        await Eventually.See(
            $"shard {shard.Shard} is back", $"{WritesToBeBack} acknowledged writes", () => Task.FromResult(shard.AcknowledgedSince(since)),
            seen => seen >= WritesToBeBack, Deadline);
    }
}

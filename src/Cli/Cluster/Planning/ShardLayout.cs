namespace Trefoil.Cli.Cluster.Planning;

/// <summary>A node that is to become part of a new cluster, and what it would fail together with.</summary>
internal sealed record Candidate(string Name, string Domain);

/// <summary>Who becomes a primary and who whose replica, so that no two nodes of a shard fail together where that can be avoided. Pure.</summary>
internal static class ShardLayout
{
    /// <summary>One list per shard, its primary first. Nodes that are left over become replicas too.</summary>
    public static IReadOnlyList<IReadOnlyList<Candidate>> Of(IReadOnlyList<Candidate> nodes, int replicas)
    {
        // Primaries are taken from the domains in turn: the loss of one costs as few shards as possible their primary.
        var dealt = nodes.GroupBy(node => node.Domain, StringComparer.Ordinal)
            .SelectMany(group => group.Select((node, turn) => (node, turn)))
            .OrderBy(entry => entry.turn).Select(entry => entry.node).ToList();
        var primaries = dealt.Count / (replicas + 1);
        var shards = dealt.Take(primaries).Select(primary => new List<Candidate> { primary }).ToList();
        var left = dealt.Skip(primaries).ToList();
        for (var turn = 0; left.Count > 0; turn++)
        {
            var shard = shards[turn % primaries];
            var next = left.Find(node => shard.TrueForAll(other => other.Domain != node.Domain)) ?? left[0];
            left.Remove(next);
            shard.Add(next);
        }

        while (TrySwap(shards))
        {
        }

        return shards;
    }

    /// <summary>Pairs of nodes of one shard that would fail together.</summary>
    public static int Conflicts(IEnumerable<Candidate> shard) =>
        shard.GroupBy(node => node.Domain, StringComparer.Ordinal).Sum(group => group.Count() * (group.Count() - 1) / 2);

    /// <summary>The primary that a replica should copy: in another domain than the whole shard if possible, then the one with the fewest replicas.</summary>
    /// <param name="domain">The replica's.</param>
    /// <param name="shards">Per primary: its name and the domains of its shard's nodes, its own included.</param>
    public static string? PrimaryFor(string domain, IReadOnlyList<(string Primary, IReadOnlyList<string> Domains)> shards) =>
        shards.Count == 0
            ? null
            : shards.OrderBy(shard => shard.Domains.Count(other => other == domain)).ThenBy(shard => shard.Domains.Count).First().Primary;

    /// <summary>Swaps two replicas if that leaves fewer conflicts: each swap lowers a number that cannot go below 0, so it ends.</summary>
    private static bool TrySwap(List<List<Candidate>> shards)
    {
        foreach (var one in shards)
        {
            foreach (var other in shards.Where(shard => shard != one))
            {
                for (var i = 1; i < one.Count; i++)
                {
                    for (var j = 1; j < other.Count; j++)
                    {
                        var before = Conflicts(one) + Conflicts(other);
                        (one[i], other[j]) = (other[j], one[i]);
                        if (Conflicts(one) + Conflicts(other) < before)
                        {
                            return true;
                        }

                        (one[i], other[j]) = (other[j], one[i]);
                    }
                }
            }
        }

        return false;
    }
}

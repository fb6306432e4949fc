using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>Sorts claims by the value they state.</summary>
internal static class ValueGroups
{
    /// <summary>The groups, the one with the latest claim first, as are the claims in each.</summary>
    /// <remarks>By sorting, not by hashing: the hash would have to be the same everywhere, and whoever posts could make values collide.</remarks>
    public static IReadOnlyList<ValueGroup> Of(IReadOnlyList<LensClaim> latestFirst)
    {
        var order = new int[latestFirst.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => Compare(latestFirst[a], latestFirst[b]) is var byValue && byValue != 0 ? byValue : a.CompareTo(b));
        var found = new List<(int First, ValueGroup Group)>();
        for (var begin = 0; begin < order.Length;)
        {
            var end = begin + 1;
            while (end < order.Length && Compare(latestFirst[order[begin]], latestFirst[order[end]]) == 0)
            {
                end++;
            }

            found.Add((order[begin], Group([.. order[begin..end].Select(i => latestFirst[i])])));
            begin = end;
        }

        found.Sort((a, b) => a.First.CompareTo(b.First));
        return WithShares([.. found.Select(one => one.Group)]);
    }

    /// <summary>False if all confidences are 0: then the number of claims is all there is to weigh.</summary>
    public static bool HaveConfidence(IReadOnlyList<ValueGroup> groups) => groups.Any(group => group.WeightPpm > 0);

    private static int Compare(LensClaim a, LensClaim b) => a.Object.Canonical.Span.SequenceCompareTo(b.Object.Canonical.Span);

    private static ValueGroup Group(LensClaim[] claims)
    {
        long weight = 0;
        var agents = new List<AgentKey>(claims.Length);
        foreach (var claim in claims)
        {
            weight += claim.ConfidencePpm;
            agents.Add(claim.State.Assertion.Agent);
            agents.AddRange(claim.State.Signers);
        }

        agents.Sort();
        var distinct = 1;
        for (var i = 1; i < agents.Count; i++)
        {
            distinct += agents[i] == agents[i - 1] ? 0 : 1;
        }

        return new ValueGroup(claims, distinct, weight) { Speaker = Measure.Confidence.Best(claims, DecisionAbout.Claim, out _) };
    }

    private static ValueGroup[] WithShares(ValueGroup[] groups)
    {
        var weight = Measure.Weight(groups).Of;
        var total = groups.Sum(weight);
        for (var i = 0; i < groups.Length; i++)
        {
            groups[i] = groups[i] with { SharePpm = (uint)(((2 * Ppm.One * weight(groups[i])) + total) / (2 * total)) };
        }

        return groups;
    }
}

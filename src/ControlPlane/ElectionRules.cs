using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>Who serves next.</summary>
/// <param name="Winner">It.</param>
/// <param name="ReplicaSet">Those whose logs end where its own does: each of them holds every acknowledged record.</param>
/// <param name="MayLose">Records that somebody who answered has and the winner has not; above 0 only if an operator forced it.</param>
internal sealed record ElectionOutcome(NodeId Winner, IReadOnlyList<NodeId> ReplicaSet, ulong MayLose)
{
    /// <summary>One line for the log.</summary>
    public string Describe(ShardRecord shard) =>
        $"{Winner} to lead shard {shard.Id} in epoch {shard.Epoch}, replica set of {ReplicaSet.Count}, before it {shard.Primary}"
        + (shard.IsForced ? $"; forced: at least {MayLose} records may be lost" : "");
}

/// <summary>Decides elections: a pure function of the shard and of what its members said (correctness.md, 1).</summary>
/// <remarks>
/// An acknowledged record is held by `required` members of C. Any |C| − required + 1 of them include one that holds it, and since those are fenced, no more
/// records can be acknowledged behind the back of the election: so the highest (epoch, LSN) among them holds all. In asynchronous mode nobody was
/// promised anything: whoever answers within half a second is compared.
/// </remarks>
internal static class ElectionRules
{
    /// <summary>Asynchronous mode waits this long for members that seem alive, and a hand-over for its candidate.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>With enough answers, members that seem alive get this much longer: whoever is level with the winner stays in the replica set.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    /// <summary>The outcome; null while it is too early.</summary>
    /// <param name="shard">As committed, electing.</param>
    /// <param name="votes">What was said in its epoch.</param>
    /// <param name="isLeaseOver">Whether the old primary's lease has run out.</param>
    /// <param name="isAlive">Whether a member seems alive.</param>
    /// <param name="now">The time.</param>
    public static ElectionOutcome? Decide(ShardRecord shard, ShardVotes votes, bool isLeaseOver, Func<NodeId, bool> isAlive, TimeSpan now)
    {
        // Fenced itself, the old primary answers nobody any more: then its lease does not matter.
        if (!isLeaseOver && !votes.Positions.ContainsKey(shard.Primary))
        {
            return null;
        }

        if (shard.IsForced)
        {
            return votes.Positions.TryGetValue(shard.Candidate, out var forced) && forced.IsUsable ? Outcome(shard, votes, shard.Candidate, forced) : null;
        }

        var answered = shard.ReplicaSet.Where(votes.Positions.ContainsKey).ToList();
        var missing = shard.ReplicaSet.Any(member => !votes.Positions.ContainsKey(member) && isAlive(member));
        var needed = shard.Mode == ReplicationMode.Asynchronous
            ? missing && now - votes.Since < Patience ? int.MaxValue : 1
            : ShardRecord.ToFence(shard.Mode, shard.ReplicaSet.Count);
        if (answered.Count < needed)
        {
            return null;
        }

        votes.EnoughSince ??= now;

        // A hand-over names its candidate: decided without it, the shard would have paused for nothing.
        var awaitsCandidate = shard.ReplicaSet.Contains(shard.Candidate) && !votes.Positions.ContainsKey(shard.Candidate) && isAlive(shard.Candidate);
        if (missing && now - votes.EnoughSince < (awaitsCandidate ? Patience : Grace))
        {
            return null;
        }

        var best = answered.Select(member => votes.Positions[member]).Max();
        var winner = answered
            .Where(member => votes.Positions[member].CompareTo(best) == 0 && votes.Positions[member].IsUsable)
            .OrderBy(member => member == shard.Candidate ? 0 : member == shard.Primary ? 1 : 2)
            .Cast<NodeId?>()
            .FirstOrDefault();
        return winner is { } chosen ? Outcome(shard, votes, chosen, best) : null;
    }

    private static ElectionOutcome Outcome(ShardRecord shard, ShardVotes votes, NodeId winner, LogPosition position)
    {
        var level = votes.Positions
            .Where(vote => vote.Value.CompareTo(position) == 0 && vote.Value.IsUsable && (vote.Key == winner || shard.ReplicaSet.Contains(vote.Key)))
            .Select(vote => vote.Key);
        var best = votes.Positions.Values.Max();
        return new ElectionOutcome(winner, [.. level], best.Lsn > position.Lsn ? best.Lsn - position.Lsn : 0);
    }
}

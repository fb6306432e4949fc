using Trefoil.Primitives;

namespace Trefoil.ControlPlane;

/// <summary>What the controller knows of one member when it decides.</summary>
/// <param name="MemberId">Raft id.</param>
/// <param name="Node">Node id.</param>
/// <param name="Zone">Failure domain label; empty when not set.</param>
/// <param name="Usable">Alive to SWIM: may become a voter now.</param>
/// <param name="GoneForGood">Silent to Raft and dead to SWIM for the stability time: may be replaced. Never by gossip alone.</param>
/// <param name="Leaving">Being removed: must leave the voters before the removal is proposed.</param>
public sealed record VoterCandidate(
    ulong MemberId, NodeId Node, string Zone, bool Usable, bool GoneForGood, bool Leaving);

/// <summary>Decides who votes: a pure function of the members and the present voters.</summary>
/// <remarks>
/// One voter below three members, three up to six, five from seven on: with spares at hand a voter that is gone for good
/// can be replaced at once, where five voters of five members could only be outvoted. Never an even number.
/// </remarks>
public static class VoterController
{
    /// <summary>How many voters a cluster of this many members rests on.</summary>
    public static int TargetCount(int members) => members < 3 ? 1 : members < 7 ? 3 : 5;

    /// <summary>The voters to move to, sorted; equal to <paramref name="voters"/> when nothing needs to change.</summary>
    /// <param name="members">Everyone in the topology, in any order. A voter that is not among them is on its way out.</param>
    /// <param name="voters">The present voters.</param>
    /// <param name="leader">The deciding leader: it stays unless it is leaving.</param>
    public static IReadOnlyList<ulong> Decide(
        IReadOnlyList<VoterCandidate> members, IReadOnlyList<ulong> voters, ulong leader)
    {
        var staying = members.Where(member => !member.Leaving).OrderBy(member => member.MemberId).ToList();
        var target = TargetCount(staying.Count);
        var chosen = staying
            .Where(member => voters.Contains(member.MemberId) && !member.GoneForGood)
            .OrderBy(member => member.MemberId == leader ? 0 : 1)
            .Take(target)
            .ToList();

        while (chosen.Count < target && NextSpare(staying, chosen, voters) is { } spare)
        {
            chosen.Add(spare);
        }

        // A dead voter without a replacement stays: dropping it would lower the quorum on the word of a failure detector.
        chosen.AddRange(staying
            .Where(member => voters.Contains(member.MemberId) && member.GoneForGood)
            .Take(target - chosen.Count)
            .ToList());
        if (chosen.Count > 1 && chosen.Count % 2 == 0)
        {
            chosen.RemoveAt(chosen.Count - 1);
        }

        return chosen.Count == 0 ? voters : [.. chosen.Select(member => member.MemberId).Order()];
    }

    /// <summary>The usable non-voter in the zone that has the fewest voters; ties go to the oldest member.</summary>
    private static VoterCandidate? NextSpare(
        List<VoterCandidate> staying, List<VoterCandidate> chosen, IReadOnlyList<ulong> voters) =>
        staying
            .Where(member => member.Usable && !chosen.Contains(member) && !voters.Contains(member.MemberId))
            .OrderBy(member => chosen.Count(voter => voter.Zone == member.Zone && member.Zone.Length > 0))
            .ThenBy(member => member.MemberId)
            .FirstOrDefault();
}

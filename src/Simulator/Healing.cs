using Trefoil.Consensus;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator;

/// <summary>After the faults: every cluster that can must come to agree with itself within bounded time, and work.</summary>
/// <remarks>
/// Excused, because no protocol could: a cluster that lost a majority of its voters for good (a node gone, or reset without
/// consent), and a node whose offer only a node that is gone could answer. Both are counted.
/// </remarks>
internal sealed class Healing(Simulation world)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShardLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan ProposalLimit = TimeSpan.FromSeconds(20);

    public void Run()
    {
        var end = world.Now + world.Options.HealLimit;
        Await(end);
        foreach (var node in world.Nodes.Where(IsExpected))
        {
            world.Workload.ProposeSetting(node);
        }

        var proposed = world.Now;
        while (!world.Workload.IsQuiet)
        {
            world.RunUntil(world.Now + Pause);
            world.Workload.CheckAnswers();
            Require(world.Now - proposed < ProposalLimit, "a healed cluster does not answer proposals");
        }

        Await(world.Now + TimeSpan.FromSeconds(30));
        AwaitShards();
        if (!world.Churns && LivingClusters().All(CanAgree))
        {
            world.Traffic.Finish();
        }

        foreach (var cluster in LivingClusters().Where(Works))
        {
            world.Counts.Add(SimulationCounts.Progress.Converged);
            world.Workload.CheckKept(MembersOf(cluster)[0].Control.Topology);
            CountMoves(MembersOf(cluster)[0].Control.Topology);
        }

        world.Counts.Add(SimulationCounts.Progress.Excused, LivingClusters().Count(id => !CanAgree(id)));
        world.Counts.Add(SimulationCounts.Progress.Stranded, world.Nodes.Count(IsStranded));
    }

    private void CountMoves(Topology topology)
    {
        foreach (var record in topology.Migrations)
        {
            world.Counts.Add(SimulationCounts.Progress.MovesCompleted, record.State == MigrationState.Completed ? 1 : 0);
            world.Counts.Add(SimulationCounts.Progress.MovesAborted, record.State == MigrationState.Aborted ? 1 : 0);
            world.Counts.Add(SimulationCounts.Progress.MovesRestarted, record.Attempt > 1 ? 1 : 0);
        }
    }

    /// <summary>Every primary answers, and its copies are equal to it.</summary>
    private void AwaitShards()
    {
        var end = world.Now + ShardLimit;
        while (world.Options.Shards && LivingClusters().All(CanAgree)
            && world.Oracles.Copies.Problem() is { } problem)
        {
            Require(world.Now < end, $"shards not whole {ShardLimit.TotalSeconds:F0} s after healing: {problem}");
            world.RunUntil(world.Now + Pause);
            world.Workload.CheckAnswers();
        }
    }

    private void Await(TimeSpan end)
    {
        for (var turn = 0; Problem() is { } problem; turn++)
        {
            Require(world.Now < end, $"not converged {world.Options.HealLimit.TotalSeconds:F0} s after healing: {problem}");
            if (turn % 5 == 0)
            {
                MeetTheLone();
            }

            world.RunUntil(world.Now + Pause);
            world.Workload.CheckAnswers();
        }
    }

    /// <summary>Whoever is alone is told to meet the largest cluster that works.</summary>
    private void MeetTheLone()
    {
        var largest = LivingClusters().Where(Works)
            .OrderByDescending(id => MembersOf(id).Count).ThenByDescending(id => MembersOf(id)[0].Control.Topology.Nodes.Count)
            .ThenBy(id => id.High).FirstOrDefault();
        var members = MembersOf(largest);
        if (members.Count == 0)
        {
            return;
        }

        foreach (var node in Running().Where(node => node.Identity.Cluster != largest && node.Control.Topology.Nodes.Count == 1))
        {
            if (world.Options.Shards && node.Keys.Store.TotalCount > 0)
            {
                node.Keys.Empty(); // Nobody takes in who has keys.
            }

            world.Workload.Meet(node, members[0]);
        }
    }

    /// <summary>What is not as it should be; null when everything is.</summary>
    private string? Problem()
    {
        foreach (var node in Running())
        {
            if (node.Control.IsOffered && !IsStranded(node))
            {
                return $"n{node.Index} is still offered";
            }
        }

        var working = LivingClusters().Where(Works).ToList();
        var lone = working.Count(id => MembersOf(id) is [{ Control: { Topology.Nodes.Count: 1, IsOffered: false } }]);
        if (lone > 0 && working.Count > 1)
        {
            return $"{lone} nodes are alone beside {working.Count - lone} other clusters";
        }

        return working.Select(ProblemOf).FirstOrDefault(problem => problem is not null);
    }

    private string? ProblemOf(ClusterId id)
    {
        var members = MembersOf(id);
        var leaders = members.Where(node => node.Control.Raft is { Role: Role.Leader }).ToList();
        if (leaders.Count != 1)
        {
            return $"{Narrator.Short(id)} has {leaders.Count} leaders";
        }

        var shown = leaders[0].Control.Topology;
        foreach (var node in members)
        {
            var own = node.Control.Topology;
            if (own.Version != shown.Version || !own.Equals(shown))
            {
                return $"n{node.Index} shows version {own.Version} of {Narrator.Short(id)}, its leader {shown.Version}";
            }

            if (shown.Find(node.Identity.Node)?.MemberId != node.Identity.MemberId)
            {
                return $"n{node.Index} thinks it is member {node.Identity.MemberId} of {Narrator.Short(id)}, which does not";
            }

            var seen = node.Swim.Members.Where(member => member.IsLive).Select(member => member.Id).ToList();
            var there = members.Select(member => member.Identity.Node).Order().ToList();
            if (!seen.SequenceEqual(there))
            {
                return $"n{node.Index} sees [{string.Join(' ', seen.Select(Narrator.Short))}] alive, "
                    + $"but running are [{string.Join(' ', there.Select(Narrator.Short))}]";
            }

            if (node.Control.Status().Leader != leaders[0].Identity.Node)
            {
                return $"n{node.Index} takes {Narrator.Short(node.Control.Status().Leader)} for the leader, not n{leaders[0].Index}";
            }
        }

        return null;
    }

    /// <summary>It can agree, and is not the lone cluster of a stranded node.</summary>
    private bool Works(ClusterId id) => CanAgree(id) && !MembersOf(id).All(IsStranded);

    /// <summary>A majority of the voters (of both sets, in a joint configuration) still exists.</summary>
    private bool CanAgree(ClusterId id)
    {
        if (world.Oracles.ConfigurationOf(id) is not { } configuration)
        {
            return false;
        }

        var present = MembersOf(id).Select(node => node.Identity.MemberId).ToList();
        return HasMajority(configuration.Incoming, present) && HasMajority(configuration.Outgoing, present);
    }

    private static bool HasMajority(IReadOnlyList<ulong> voters, List<ulong> present) =>
        voters.Count == 0 || voters.Count(present.Contains) > voters.Count / 2;

    /// <summary>Offered to a node that is gone, that has left the cluster in question, or that is in one without a majority.</summary>
    private bool IsStranded(SimulatedNode node) =>
        node is { Gone: false, Up: true, Identity.Offer: { } offer }
        && world.NodeAt(offer.Target.Host) is { } target
        && (target.Gone
            || (!offer.Cluster.IsNone && offer.Cluster != target.Identity.Cluster && offer.Cluster != target.Identity.Dissolved)
            || (offer.Cluster == target.Identity.Cluster && !CanAgree(offer.Cluster)));

    private bool IsExpected(SimulatedNode node) =>
        node is { Up: true, Gone: false } && CanAgree(node.Identity.Cluster) && !node.Control.IsOffered;

    private IEnumerable<SimulatedNode> Running() => world.Nodes.Where(node => node is { Up: true, Gone: false });

    private List<SimulatedNode> MembersOf(ClusterId id) =>
        [.. Running().Where(node => node.Control.Identity.Cluster == id && !id.IsNone)];

    private List<ClusterId> LivingClusters() =>
        [.. Running().Select(node => node.Control.Identity.Cluster).Where(id => !id.IsNone).Distinct()];

    private static void Require(bool condition, string violation)
    {
        if (!condition)
        {
            throw new OracleViolation(violation);
        }
    }
}

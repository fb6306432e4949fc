using Trefoil.Membership;
using Trefoil.Primitives;

namespace Trefoil.Simulator;

/// <summary>What SWIM may believe: nothing of a member that it never said itself, nothing older than before, nobody whom the topology removed, and in a whole network nobody's death.</summary>
internal sealed class MembershipOracle(Simulation world)
{
    /// <summary>After so much quiet whoever is called dead was called so without cause.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly Dictionary<NodeId, Incarnation> _said = [];
    private readonly Dictionary<int, View> _views = [];
    private readonly Dictionary<int, TimeSpan> _since = [];

    /// <summary>A process starts, or goes over to another cluster: what it believed before is of no account.</summary>
    public void Begins(SimulatedNode node)
    {
        _views.Remove(node.Index);
        _since[node.Index] = world.Now;
    }

    /// <summary>SWIM has had its turn, and nothing of it has left the node yet.</summary>
    public void Ticked(SimulatedNode node)
    {
        var self = node.Swim.Self;
        if (!_said.TryGetValue(self.Id, out var said) || self.Incarnation > said)
        {
            _said[self.Id] = self.Incarnation;
        }

        var members = node.Swim.Members;
        if (_views.TryGetValue(node.Index, out var before) && ReferenceEquals(before.Members, members))
        {
            return;
        }

        var beliefs = new Dictionary<NodeId, Member>();
        foreach (var member in members.Where(member => member.Id != self.Id))
        {
            Check(node, member, before);
            beliefs.Add(member.Id, member);
        }

        _views[node.Index] = new View(members, beliefs);
        world.Counts.Add(SimulationCounts.Progress.BeliefsJudged, members.Count - 1);
    }

    /// <summary>SWIM says that a member has failed.</summary>
    public void Failed(SimulatedNode node, Member member)
    {
        if (world.IsHealing && world.Nodes.FirstOrDefault(each => each.Up && each.Identity.Node == member.Id) is { } lives
            && lives.Identity.Cluster == node.Identity.Cluster && IsSettled(node) && IsSettled(lives))
        {
            throw new OracleViolation($"n{node.Index} declares n{lives.Index} dead, which lives, in a network that has been whole for {Quiet.TotalSeconds:F0} s");
        }
    }

    private bool IsSettled(SimulatedNode node) =>
        world.Now - world.HealingSince > Quiet && world.Now - _since.GetValueOrDefault(node.Index) > Quiet;

    private void Check(SimulatedNode node, Member member, View? before)
    {
        if (!_said.TryGetValue(member.Id, out var said) || member.Incarnation > said)
        {
            throw new OracleViolation($"n{node.Index} believes in incarnation {member.Incarnation} of {Narrator.Short(member.Id)}, which has never been more than {said}");
        }

        if (before is not null && before.Beliefs.TryGetValue(member.Id, out var known) && member.ComparePrecedence(known) < 0)
        {
            throw new OracleViolation(
                $"n{node.Index} goes back from {known.State} {known.Incarnation} to {member.State} {member.Incarnation} of {Narrator.Short(member.Id)}");
        }

        var topology = node.Control.Topology;
        if (member.IsLive && topology.ClusterId == node.Identity.Cluster && topology.Removed.Any(removed => removed.Id == member.Id) && topology.Find(member.Id) is null)
        {
            throw new OracleViolation($"n{node.Index} believes in {Narrator.Short(member.Id)}, which its topology has removed");
        }
    }

    private sealed record View(IReadOnlyList<Member> Members, Dictionary<NodeId, Member> Beliefs);
}

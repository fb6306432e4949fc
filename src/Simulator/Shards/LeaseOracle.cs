using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Shards;

/// <summary>At no moment may two nodes believe that they serve the same shard (correctness.md, 3).</summary>
internal sealed class LeaseOracle(Simulation world)
{
    private readonly Dictionary<(ClusterId Cluster, NodeId Shard), List<Belief>> _beliefs = [];
    private readonly Dictionary<(int Node, uint Life, ulong Token), TimeSpan> _asked = [];
    private readonly Dictionary<int, TimeSpan> _granted = [];

    /// <summary>A holder asks; by its own clock the lease begins now, whenever the answer comes.</summary>
    public void Asked(SimulatedNode node, ulong token) => _asked[(node.Index, node.Life, token)] = node.Clock.Now;

    /// <summary>A holder is answered.</summary>
    public void Answered(SimulatedNode node, ulong token)
    {
        if (_asked.Remove((node.Index, node.Life, token), out var asked))
        {
            _granted[node.Index] = asked > _granted.GetValueOrDefault(node.Index) ? asked : _granted.GetValueOrDefault(node.Index);
        }
    }

    /// <summary>The holder believes in its lease until then, by its own clock.</summary>
    /// <exception cref="OracleViolation">It counts from later than its question.</exception>
    public void CheckBegin(SimulatedNode node, TimeSpan until)
    {
        if (!_granted.Remove(node.Index, out var asked) || node.Control.Raft is { Role: Consensus.Role.Leader })
        {
            return; // Whoever leads asks itself, without a message.
        }

        world.Counts.Add(SimulationCounts.Progress.LeasesJudged);
        if (until > asked + world.Plan.Control.Lease)
        {
            throw new OracleViolation(
                $"n{node.Index} believes in a lease until {until.TotalSeconds:F4} s by its clock, but asked for it at {asked.TotalSeconds:F4} s: {world.Plan.Control.Lease.TotalSeconds:F1} s after that it ends");
        }
    }

    /// <summary>The node may answer for its shard until then.</summary>
    /// <exception cref="OracleViolation">Somebody else may too.</exception>
    public void Given(SimulatedNode node, ulong epoch, TimeSpan until, TimeSpan now)
    {
        if (until <= now)
        {
            return; // It came too late to be believed.
        }

        // Of another epoch: the node has taken up a newer topology, in which it is another's replica, since it asked.
        if (node.Control.Topology is not { } topology || topology.ShardOf(node.Identity.Node) is not { } shard || shard.Epoch != epoch)
        {
            return;
        }

        var key = (topology.ClusterId, shard.Id);
        if (!_beliefs.TryGetValue(key, out var beliefs))
        {
            _beliefs[key] = beliefs = [];
        }

        beliefs.RemoveAll(belief => belief.Until <= now || (belief.Node == node.Index && belief.Life == node.Life));
        if (beliefs.Find(belief => belief.Node != node.Index && belief.Until > now) is { } other)
        {
            throw new OracleViolation(
                $"n{node.Index} may answer for shard {Narrator.Short(shard.Id)} in epoch {epoch} until {until.TotalSeconds:F4} s, and so may n{other.Node} "
                + $"in epoch {other.Epoch} until {other.Until.TotalSeconds:F4} s");
        }

        beliefs.Add(new Belief(node.Index, node.Life, epoch, until));
    }

    /// <summary>The node shows this topology: in another epoch, or as no primary, it answers for nobody any more.</summary>
    public void Shown(SimulatedNode node, Topology topology)
    {
        var shard = topology.ShardOf(node.Identity.Node);
        foreach (var beliefs in _beliefs.Values)
        {
            beliefs.RemoveAll(belief => belief.Node == node.Index
                && (shard is null || shard.IsElecting || shard.Epoch != belief.Epoch || shard.Primary != node.Identity.Node));
        }
    }

    /// <summary>The process ended: it answers nobody.</summary>
    public void Ended(SimulatedNode node)
    {
        _granted.Remove(node.Index);
        foreach (var beliefs in _beliefs.Values)
        {
            beliefs.RemoveAll(belief => belief.Node == node.Index);
        }
    }

    private sealed record Belief(int Node, uint Life, ulong Epoch, TimeSpan Until);
}

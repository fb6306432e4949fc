using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Shards;

/// <summary>At no moment may two nodes believe that they serve the same shard (correctness.md, 3).</summary>
internal sealed class LeaseOracle
{
    private readonly Dictionary<(ClusterId Cluster, NodeId Shard), List<Belief>> _beliefs = [];

    /// <summary>The node may answer for its shard until then.</summary>
    /// <exception cref="OracleViolation">Somebody else may too.</exception>
    public void Given(SimulatedNode node, ulong epoch, TimeSpan until, TimeSpan now)
    {
        if (until <= now)
        {
            return; // It came too late to be believed.
        }

        if (node.Control.Topology is not { } topology || topology.ShardOf(node.Identity.Node) is not { } shard)
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
        foreach (var beliefs in _beliefs.Values)
        {
            beliefs.RemoveAll(belief => belief.Node == node.Index);
        }
    }

    private sealed record Belief(int Node, uint Life, ulong Epoch, TimeSpan Until);
}

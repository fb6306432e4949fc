using System.Globalization;
using Trefoil.ControlPlane;
using Trefoil.Primitives;

namespace Trefoil.Simulator.Shards;

/// <summary>Who is promoted has the longest log of those that the leader had heard of (correctness.md, 1).</summary>
internal sealed class ElectionOracle(Simulation world)
{
    private readonly Dictionary<(NodeId Member, ulong Epoch), LogPosition> _told = [];
    private readonly Dictionary<(int Leader, uint Life, NodeId Shard, ulong Epoch), SortedDictionary<NodeId, LogPosition>> _heard = [];

    /// <summary>What reaches a control core, before anybody could have changed it.</summary>
    public void Reaches(SimulatedNode node, ControlInput input)
    {
        switch (input)
        {
            case ControlInput.LogFenced fenced when node.Control.Topology.ShardOf(node.Identity.Node) is { } shard:
                _told[(node.Identity.Node, fenced.Epoch)] = fenced.Position;
                Hear(node, shard.Id, fenced.Epoch, node.Identity.Node);
                break;
            case ControlInput.Peer { Message: ControlMessage.ShardPosition position } peer:
                Hear(node, position.Shard, position.Epoch, peer.From.Node);
                break;
        }
    }

    /// <summary>A leader has decided, as in <c>W to lead shard S in epoch 7, replica set of 2, ...</c>.</summary>
    public void Promoting(SimulatedNode leader, string detail)
    {
        var words = detail.Split(' ', ',');
        var (winner, epoch) = (words[0], ulong.Parse(words[7], CultureInfo.InvariantCulture));
        var topology = leader.Control.Topology;
        if (topology.Shards.FirstOrDefault(each => each.Id.ToString() == words[4]) is not { IsForced: false } shard
            || !_heard.TryGetValue((leader.Index, leader.Life, shard.Id, epoch), out var heard)
            || heard.FirstOrDefault(each => each.Key.ToString() == winner) is not { Key.IsNone: false } chosen)
        {
            return;
        }

        world.Counts.Add(SimulationCounts.Progress.PromotionsJudged);
        foreach (var (member, position) in heard)
        {
            if (shard.ReplicaSet.Contains(member) && position.IsUsable && position > chosen.Value)
            {
                throw new OracleViolation(
                    $"n{leader.Index} promotes {Narrator.Short(chosen.Key)}, whose log ends at {chosen.Value.Lsn} of epoch {chosen.Value.Epoch}, and has heard of "
                    + $"{Narrator.Short(member)}, whose log ends at {position.Lsn} of epoch {position.Epoch}");
            }
        }
    }

    private void Hear(SimulatedNode node, NodeId shard, ulong epoch, NodeId member)
    {
        if (!_told.TryGetValue((member, epoch), out var position))
        {
            return;
        }

        var key = (node.Index, node.Life, shard, epoch);
        if (!_heard.TryGetValue(key, out var heard))
        {
            _heard[key] = heard = [];
        }

        heard[member] = position;
    }
}

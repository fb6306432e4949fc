using System.Globalization;
using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator;

/// <summary>What people and programs ask of the cluster, and whether the answers are kept.</summary>
internal sealed class Workload(Simulation world, Prng random)
{
    /// <summary>No request may stay unanswered for longer than the longest of the core's own timeouts, and some.</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(25);

    private readonly SortedDictionary<ulong, Asked> _open = [];
    /// <summary>Settings in use at once; every change of the topology costs what they weigh.</summary>
    private const int MostKeys = 64;

    private readonly SortedDictionary<(string Cluster, string Key), string> _acknowledged = [];
    private readonly Queue<string> _keys = [];
    private ulong _lastToken;
    private bool _stopped;

    /// <summary>Nothing waits for an answer.</summary>
    public bool IsQuiet => _open.Count == 0;

    public void Start()
    {
        foreach (var node in world.Nodes)
        {
            world.Queue.At(random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(random.Chance(0.8) ? 0.5 : 4)), node.Start);
        }

        world.Queue.At(TimeSpan.FromSeconds(0.6), Grow);
        Next();
    }

    public void Stop() => _stopped = true;

    /// <summary>An answer reached its caller.</summary>
    public void Answered(SimulatedNode node, ControlEffect.Answer answer)
    {
        if (!_open.Remove(answer.Token, out var asked))
        {
            throw new OracleViolation($"n{node.Index} answered {answer.Token}, which is not open: twice, or never asked");
        }

        if (answer.Result is not CommandResult.Done || asked.Key is null)
        {
            return;
        }

        world.Counts.Add(SimulationCounts.Progress.ProposalsDone);
        _acknowledged[(asked.Cluster.ToString(), asked.Key)] = asked.Value!;
        _keys.Enqueue(asked.Key);
        var topology = node.Control.Topology;
        if (topology.ClusterId == asked.Cluster && topology.SettingOf(asked.Key) != asked.Value)
        {
            throw new OracleViolation($"n{node.Index} answered OK to setting {asked.Key}, but does not show it");
        }
    }

    /// <summary>Every request of a process that lives was answered in time; called often.</summary>
    public void CheckAnswers()
    {
        foreach (var (token, asked) in _open.ToArray())
        {
            if (!asked.Node.Up || asked.Node.Life != asked.Life)
            {
                _open.Remove(token);
            }
            else if (world.Now - asked.At > AnswerLimit)
            {
                throw new OracleViolation($"n{asked.Node.Index} never answered {token} ({asked.What})");
            }
        }
    }

    /// <summary>Nothing that was acknowledged in this cluster is missing from its topology.</summary>
    public void CheckKept(Topology topology)
    {
        var id = topology.ClusterId.ToString();
        foreach (var ((cluster, key), value) in _acknowledged)
        {
            if (cluster == id && topology.SettingOf(key) != value)
            {
                throw new OracleViolation($"setting {key} was acknowledged and is lost at version {topology.Version}");
            }
        }
    }

    /// <summary>A change that leaves a trace: a setting under a key that nobody else writes until this is answered, and never again when it is not.</summary>
    public void ProposeSetting(SimulatedNode node)
    {
        if (!node.Up)
        {
            return;
        }

        world.Counts.Add(SimulationCounts.Progress.Proposals);
        var (key, value) = (_keys.Count >= MostKeys ? _keys.Dequeue() : Text($"k{_lastToken + 1}"), Text($"v{random.Next():x}"));
        Ask(node, "SetSetting", token => new ControlInput.Propose(token, id =>
        {
            // A process that was paused may be in another cluster by the time it takes the request up.
            _open[token].Cluster = node.Control.Identity.Cluster;
            _acknowledged.Remove((_open[token].Cluster.ToString(), key));
            return new TopologyCommand.SetSetting(id, key, value);
        }), key, value);
    }

    /// <summary>CLUSTER MEET: asks the other for its identity, then tells the node.</summary>
    public void Meet(SimulatedNode node, SimulatedNode other)
    {
        if (node == other || !node.Up || !other.Up || world.Network.IsCut(node.Index, other.Index) || world.Network.IsCut(other.Index, node.Index))
        {
            return;
        }

        var (identity, life) = (other.Control.Identity, node.Life);
        var peer = new MeetPeer(
            identity.Node, identity.Cluster, identity.ClusterName, other.Control.Topology.Nodes.Count, 0, other.ControlAddress);
        world.Queue.At(world.Now + random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(3)), () =>
        {
            if (node.Up && node.Life == life)
            {
                Ask(node, "MEET", token => new ControlInput.Meet(token, peer));
            }
        });
    }

    /// <summary>The first members come together: in one of the ways that tools do it.</summary>
    private void Grow()
    {
        var nodes = world.Nodes;
        switch (random.Below(4))
        {
            case 0: // redis-cli create: all are told at once to meet the first
                foreach (var node in nodes.Skip(1))
                {
                    Meet(node, nodes[0]);
                }

                break;
            case 1: // tutorials: the first is told to meet all
                foreach (var node in nodes.Skip(1))
                {
                    Meet(nodes[0], node);
                }

                break;
            case 2: // crossing pairs, and a chain through all
                for (var i = 0; i + 1 < nodes.Count; i++)
                {
                    Meet(nodes[i], nodes[i + 1]);
                    Meet(nodes[i + 1], nodes[i]);
                }

                break;
            default: // seeds in the configuration
                foreach (var node in nodes.Skip(1))
                {
                    MeetSeeds(node);
                }

                break;
        }
    }

    private void MeetSeeds(SimulatedNode node)
    {
        if (!_stopped && !(node.Up && node.Control.Topology.Nodes.Count > 1))
        {
            Meet(node, world.Nodes[random.Below(2)]);
            world.Queue.At(world.Now + TimeSpan.FromSeconds(2), () => MeetSeeds(node));
        }
    }

    private void Next()
    {
        var pause = random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(random.Chance(0.2) ? 2000 : 400));
        world.Queue.At(world.Now + (pause * world.Faults.Ease), () =>
        {
            if (!_stopped)
            {
                CheckAnswers();
                Act(world.Nodes[random.Below(world.Nodes.Count)]);
                Next();
            }
        });
    }

    private void Act(SimulatedNode node)
    {
        if (!node.Up)
        {
            return;
        }

        var members = node.Control.Topology.Nodes;
        var someone = members.Count == 0 ? node.Identity.Node : members[random.Below(members.Count)].Id;
        var slot = random.Below(HashSlot.Count);
        SlotRange[] ranges = [new(slot, Math.Min(HashSlot.Count - 1, slot + random.Below(500)))];
        switch (world.Churns ? random.Below(100) : random.Below(45))
        {
            case < 45:
                ProposeSetting(node);
                break;
            case < 58:
                Propose(node, "AssignSlots", id => new TopologyCommand.AssignSlots(id, someone, ranges));
                break;
            case < 64:
                Propose(node, "RemoveSlots", id => new TopologyCommand.RemoveSlots(id, someone, ranges));
                break;
            case < 70:
                MoveKeyByKey(node, slot, someone);
                break;
            case < 72:
                Propose(node, "BumpEpoch", id => new TopologyCommand.BumpEpoch(id, someone));
                break;
            case < 78:
                ChangeShard(node, someone);
                break;
            case < 92:
                Meet(node, world.Nodes[random.Below(world.Nodes.Count)]);
                break;
            case < 97:
                Forget(node, someone);
                break;
            default:
                Reset(node);
                break;
        }
    }

    /// <summary>As the command: refused at a primary that holds keys; then they are emptied, and somebody tries again.</summary>
    private void Reset(SimulatedNode node)
    {
        if (world.Options.Shards && node.Keys.Store.TotalCount > 0 && !node.Keys.Server.View.IsReplica)
        {
            node.Keys.Empty();
            return;
        }

        var (hard, now) = (random.Chance(0.3), node.Clock.WallMs);
        Ask(node, "RESET", token => new ControlInput.Reset(token, hard, now));
    }

    /// <summary>Replicas come, count, and take over: what operators and primaries ask for, in no particular order.</summary>
    private void ChangeShard(SimulatedNode node, NodeId someone)
    {
        var topology = node.Control.Topology;
        if (topology.ShardOf(someone) is not { } shard)
        {
            return;
        }

        NodeId[] members = [.. topology.MembersOf(shard).Select(member => member.Id)];
        var other = topology.Nodes[random.Below(topology.Nodes.Count)].Id;
        switch (random.Below(6))
        {
            case < 3:
                Propose(node, "Replicate", id => new TopologyCommand.Replicate(id, someone, other));
                break;
            case < 5:
                Propose(node, "ChangeReplicaSet", id => new TopologyCommand.ChangeReplicaSet(
                    id, shard.Id, shard.ConfigVersion, members, ReplicationMode.Quorum));
                break;
            default:
                Propose(node, "BeginElection", id => new TopologyCommand.BeginElection(id, shard.Id, shard.Epoch, someone, IsForced: false));
                break;
        }
    }

    /// <summary>One step of what redis-cli does to a slot, in no particular order: a mark at either end, a change of owner, a mark taken away.</summary>
    private void MoveKeyByKey(SimulatedNode node, int slot, NodeId someone)
    {
        var owner = node.Control.Topology.OwnerOf(slot)?.Id ?? NodeId.None;
        switch (random.Below(5))
        {
            case 0:
                Propose(node, "SetSlotOwner", id => new TopologyCommand.SetSlotOwner(id, slot, someone));
                break;
            case 1:
                Propose(node, "MoveSlot", id => new TopologyCommand.MoveSlot(id, slot, owner, someone));
                break;
            case 2:
                Propose(node, "MarkSlot", id => new TopologyCommand.MarkSlot(id, new SlotMark(slot, owner, SlotMarkKind.Migrating, someone)));
                break;
            case 3:
                Propose(node, "MarkSlot", id => new TopologyCommand.MarkSlot(id, new SlotMark(slot, someone, SlotMarkKind.Importing, owner)));
                break;
            default:
                var mark = node.Control.Topology.Marks.FirstOrDefault(new SlotMark(slot, owner, default, default));
                Propose(node, "ClearMark", id => new TopologyCommand.ClearMark(id, mark.Slot, mark.Holder));
                break;
        }
    }

    private void Forget(SimulatedNode node, NodeId someone)
    {
        var now = node.Clock.WallMs;
        Propose(node, "RemoveNode", id => new TopologyCommand.RemoveNode(id, someone, now));
    }

    public void Propose(SimulatedNode node, string what, Func<RequestId, TopologyCommand> build) =>
        Ask(node, what, token => new ControlInput.Propose(token, build));

    private void Ask(SimulatedNode node, string what, Func<ulong, ControlInput> build, string? key = null, string? value = null)
    {
        var token = ++_lastToken;
        var input = build(token);
        world.Note("ask", node.Index, -1, token, $"{token}: {what}{(key is null ? "" : $" {key}")}");
        _open.Add(token, new Asked(node, node.Life, what, world.Now, key, value));
        node.Post(input);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Asked(SimulatedNode Node, uint Life, string What, TimeSpan At, string? Key, string? Value)
    {
        /// <summary>Of which it was asked.</summary>
        public ClusterId Cluster { get; set; } = Node.Control.Identity.Cluster;
    }
}

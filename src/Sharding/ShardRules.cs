using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>What the commands about shards do: who copies whom, who is in the replica set, who is primary.</summary>
/// <remarks>
/// Whatever shrinks a replica set without asking its primary leaves the primary alone in it: the primary holds every acknowledged record, while of a
/// smaller set's quorum nobody here knows. It takes the others back within milliseconds.
/// </remarks>
internal static class ShardRules
{
    /// <summary>The setting that names the mode of replica sets: asynchronous, quorum or synchronous.</summary>
    public const string ModeSetting = "replication_mode";

    public static (Topology, CommandResult) Replicate(Topology topology, TopologyCommand.Replicate command)
    {
        if (topology.Find(command.Node) is not { } node)
        {
            return Refuse(topology, Refusals.UnknownNode(NodeRecord.RespIdOf(command.Node)));
        }

        if (topology.Find(command.Primary) is not { } primary || topology.ShardOf(command.Primary) is not { } shard)
        {
            return Refuse(topology, Refusals.UnknownNode(NodeRecord.RespIdOf(command.Primary)));
        }

        if (node.Id == primary.Id || !primary.IsPrimary)
        {
            return Refuse(topology, node.Id == primary.Id ? Refusals.ReplicateSelf : Refusals.ReplicateReplica);
        }

        if (node.PrimaryId == primary.Id)
        {
            return (topology, TopologyRules.Unchanged);
        }

        // Into a slot that it imports keys may have come since somebody saw it empty, and been deleted where they came from.
        if (topology.SlotCountOf(node.Id) > 0 || (topology.Marks.Count > 0 && topology.Marks.Any(mark => mark.Holder == node.Id && mark.Kind == SlotMarkKind.Importing)))
        {
            return Refuse(topology, Refusals.ReplicateWithSlots);
        }

        var own = topology.ShardOf(node.Id);
        if (own is not null && own.Primary == node.Id && topology.MembersOf(own).Count() > 1)
        {
            return Refuse(topology, Refusals.ReplicateWithReplicas);
        }

        if (topology.MembersOf(shard).Count() >= ShardRecord.MaxMembers)
        {
            return Refuse(topology, Refusals.ShardFull);
        }

        var next = Left(topology, node.Id);
        next = Changed(next, node with { PrimaryId = primary.Id, ShardId = shard.Id });
        return (next with { Marks = next.Marks.Without(node.Id) }, CommandResult.Ok);
    }

    public static (Topology, CommandResult) ChangeReplicaSet(Topology topology, TopologyCommand.ChangeReplicaSet change)
    {
        if (Find(topology, change.Shard) is not { } shard || shard.ConfigVersion != change.ConfigVersion || shard.IsElecting)
        {
            return Refuse(topology, Refusals.ShardChanged);
        }

        if (!Fits(topology, shard, change.ReplicaSet, shard.Primary))
        {
            return Refuse(topology, Refusals.InvalidReplicaSet);
        }

        return (With(topology, shard with { ReplicaSet = Sorted(change.ReplicaSet), Mode = change.Mode }), CommandResult.Ok);
    }

    public static (Topology, CommandResult) BeginElection(Topology topology, TopologyCommand.BeginElection begin)
    {
        if (Find(topology, begin.Shard) is not { } shard || shard.Epoch != begin.Epoch)
        {
            return Refuse(topology, Refusals.ShardChanged);
        }

        if (begin.Candidate.IsNone ? begin.IsForced : topology.Find(begin.Candidate)?.ShardId != shard.Id)
        {
            return Refuse(topology, Refusals.InvalidReplicaSet);
        }

        if (shard.IsElecting && !begin.IsForced)
        {
            return (topology, TopologyRules.Unchanged);
        }

        // An operator's choice during an election narrows it; what the members have said of their logs stays true.
        var epoch = shard.IsElecting ? shard.Epoch : topology.Version + 1;
        var electing = shard with { Epoch = epoch, IsElecting = true, Candidate = begin.Candidate, IsForced = begin.IsForced };
        return (With(topology, electing), new CommandResult.Done(epoch));
    }

    public static (Topology, CommandResult) Promote(Topology topology, TopologyCommand.Promote promote)
    {
        if (Find(topology, promote.Shard) is not { } shard || shard.Epoch != promote.Epoch || !shard.IsElecting)
        {
            return Refuse(topology, Refusals.ShardChanged);
        }

        if (!Fits(topology, shard, promote.ReplicaSet, promote.Node) || (shard.IsForced && shard.Candidate != promote.Node))
        {
            return Refuse(topology, Refusals.InvalidReplicaSet);
        }

        var elected = shard with { IsElecting = false, Candidate = NodeId.None, IsForced = false, ReplicaSet = Sorted(promote.ReplicaSet) };
        return (Led(topology, elected, promote.Node), CommandResult.Ok);
    }

    /// <summary>A shard of its own for a node that has just become a member.</summary>
    public static Topology Joined(Topology topology, NodeId node)
    {
        var id = FreshId(topology, node);
        var shard = new ShardRecord
        {
            Id = id,
            Primary = node,
            Epoch = topology.Version + 1,
            ConfigVersion = topology.Version + 1,
            ReplicaSet = [node],
            Mode = ModeOf(topology),
        };
        var next = Changed(topology, topology.Find(node)! with { PrimaryId = NodeId.None, ShardId = id });
        return next with { Shards = [.. next.Shards.Append(shard).OrderBy(each => each.Id)] };
    }

    /// <summary>The node's log is not what it was: it joined again after a reset. As a primary it must be elected anew, else it leaves the set.</summary>
    public static Topology Emptied(Topology topology, NodeId node)
    {
        if (topology.ShardOf(node) is not { } shard)
        {
            return topology;
        }

        return shard.Primary == node
            ? With(topology, shard with { Epoch = topology.Version + 1, IsElecting = true, Candidate = NodeId.None, IsForced = false })
            : shard.ReplicaSet.Contains(node) ? With(topology, shard with { ReplicaSet = [shard.Primary] }) : topology;
    }

    /// <summary>The node is about to be removed, or to copy another: its shard goes on without it.</summary>
    /// <remarks>Without its primary a shard ends; each of its replicas gets one of its own, without slots.</remarks>
    public static Topology Left(Topology topology, NodeId node)
    {
        if (topology.ShardOf(node) is not { } shard)
        {
            return topology;
        }

        if (shard.Primary != node)
        {
            shard = shard.Candidate == node ? shard with { Candidate = NodeId.None, IsForced = false } : shard;
            return shard.ReplicaSet.Contains(node) ? With(topology, shard with { ReplicaSet = [shard.Primary] })
                : shard == topology.ShardOf(node) ? topology : With(topology, shard);
        }

        var orphans = topology.MembersOf(shard).Where(member => member.Id != node).Select(member => member.Id).ToArray();
        var next = topology with { Shards = [.. topology.Shards.Where(each => each.Id != shard.Id)] };
        return orphans.Aggregate(next, Joined);
    }

    /// <summary>By an operator's word: this node leads what is left of the shard, and all of it has to elect.</summary>
    public static Topology Recovered(Topology topology, ShardRecord shard, NodeId primary, IReadOnlyList<NodeId> set) => Led(
        topology,
        shard with { Epoch = topology.Version, IsElecting = true, Candidate = NodeId.None, IsForced = false, ReplicaSet = Sorted(set) },
        primary);

    /// <summary>What a topology had whose bytes are older than shards: each node alone in its own.</summary>
    public static Topology Alone(Topology topology) => topology with
    {
        Members = [.. topology.Members.Select(node => node with { ShardId = node.Id, PrimaryId = NodeId.None })],
        Shards =
        [
            .. topology.Members.Select(node => new ShardRecord
            {
                Id = node.Id, Primary = node.Id, Epoch = 1, ConfigVersion = 1, ReplicaSet = [node.Id],
            }),
        ],
    };

    /// <summary>The mode that the settings ask for.</summary>
    public static ReplicationMode ModeOf(Topology topology) => topology.SettingOf(ModeSetting) switch
    {
        "quorum" => ReplicationMode.Quorum,
        "synchronous" => ReplicationMode.Synchronous,
        _ => ReplicationMode.Asynchronous,
    };

    /// <summary>What every topology keeps to; a map from a file has no shards.</summary>
    public static bool AreConsistent(Topology topology)
    {
        if (topology.Shards.Count == 0)
        {
            return true;
        }

        for (var i = 0; i < topology.Shards.Count; i++)
        {
            var shard = topology.Shards[i];
            if ((i > 0 && topology.Shards[i - 1].Id >= shard.Id)
                || shard.Epoch > topology.Version || shard.ConfigVersion > topology.Version || (byte)shard.Mode > (byte)ReplicationMode.Synchronous
                || topology.Find(shard.Primary) is not { IsPrimary: true } primary || primary.ShardId != shard.Id
                || !Fits(topology, shard, shard.ReplicaSet, shard.Primary) || !Sorted(shard.ReplicaSet).SequenceEqual(shard.ReplicaSet)
                || (!shard.Candidate.IsNone && !shard.IsElecting) || (shard.IsForced && shard.Candidate.IsNone))
            {
                return false;
            }
        }

        return topology.Members.All(node => Find(topology, node.ShardId) is { } shard
            && (node.IsPrimary ? shard.Primary == node.Id : shard.Primary == node.PrimaryId && topology.SlotCountOf(node.Id) == 0));
    }

    /// <summary>The node leads its shard: slots, their marks and everybody's primary follow.</summary>
    private static Topology Led(Topology topology, ShardRecord shard, NodeId to)
    {
        var from = shard.Primary;
        var next = With(topology, shard with { Primary = to });
        if (from == to)
        {
            return next;
        }

        var epoch = topology.CurrentEpoch + 1;
        NodeRecord[] members =
        [
            .. topology.Members.Select(node => node.ShardId != shard.Id ? node
                : node.Id == to ? node with { PrimaryId = NodeId.None, ConfigEpoch = epoch }
                : node with { PrimaryId = to }),
        ];
        IReadOnlyList<SlotRange> slots = [.. topology.RangesOf(from)];
        return next with
        {
            CurrentEpoch = epoch,
            Members = members,
            Slots = topology.Slots.With(slots, (ushort)(topology.IndexOf(to) + 1)),
            Marks = Renamed(topology.Marks, from, to),
        };
    }

    /// <summary>A move key by key goes on with the new primary at its end.</summary>
    private static SlotMarks Renamed(SlotMarks marks, NodeId from, NodeId to)
    {
        var next = marks.Without(from).Without(to);
        foreach (var mark in marks)
        {
            var holder = mark.Holder == from ? to : mark.Holder;
            var peer = mark.Peer == from ? to : mark.Peer;
            if (holder != peer && (mark.Holder == from || mark.Peer == from))
            {
                next = next.With(mark with { Holder = holder, Peer = peer });
            }
        }

        return next;
    }

    private static NodeId FreshId(Topology topology, NodeId node)
    {
        var id = node;
        for (var salt = topology.Version + 1; Find(topology, id) is not null; salt++)
        {
            id = new NodeId(node.High ^ salt, node.Low);
        }

        return id;
    }

    private static ShardRecord? Find(Topology topology, NodeId id) => topology.FindShard(id);

    private static bool Fits(Topology topology, ShardRecord shard, IReadOnlyList<NodeId> set, NodeId primary) =>
        set.Count is > 0 and <= ShardRecord.MaxMembers && set.Contains(primary) && set.Distinct().Count() == set.Count
        && set.All(member => topology.Find(member)?.ShardId == shard.Id);

    private static NodeId[] Sorted(IReadOnlyList<NodeId> set) => [.. set.Order()];

    private static Topology With(Topology topology, ShardRecord changed) => topology with
    {
        Shards = [.. topology.Shards.Select(shard => shard.Id == changed.Id ? changed with { ConfigVersion = topology.Version + 1 } : shard)],
    };

    private static Topology Changed(Topology topology, NodeRecord node)
    {
        NodeRecord[] members = [.. topology.Members];
        members[topology.IndexOf(node.Id)] = node;
        return topology with { Members = members };
    }

    private static (Topology, CommandResult) Refuse(Topology topology, string error) => (topology, new CommandResult.Refused(error));
}

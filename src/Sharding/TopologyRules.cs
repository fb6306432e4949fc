using System.Collections;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>What each command does to a topology, or why not: pure functions, one per command.</summary>
internal static class TopologyRules
{
    /// <summary>How long a removed id is remembered, in milliseconds of the commands' own clocks.</summary>
    public const long RemovedForMs = 60_000;

    public static readonly CommandResult Unchanged = new CommandResult.Done(Changed: false);

    public static (Topology Topology, CommandResult Result) Decide(Topology topology, TopologyCommand command)
    {
        var (next, result) = DecideAlone(topology, command);
        return next.Migrations.Count == 0 || ReferenceEquals(next, topology) ? (next, result) : (MigrationRules.Settled(next), result);
    }

    private static (Topology Topology, CommandResult Result) DecideAlone(Topology topology, TopologyCommand command)
    {
        if (topology.ClusterId.IsNone && command is not TopologyCommand.FoundCluster)
        {
            return Refuse(topology, Refusals.NotFounded);
        }

        return command switch
        {
            TopologyCommand.FoundCluster found => Found(topology, found),
            TopologyCommand.AddNode add => Add(topology, add),
            TopologyCommand.RemoveNode remove => Remove(topology, remove),
            TopologyCommand.UpdateNode update => Update(topology, update),
            TopologyCommand.AssignSlots assign => Assign(topology, assign),
            TopologyCommand.RemoveSlots remove => Unassign(topology, remove),
            TopologyCommand.SetSlotOwner set => SetOwner(topology, set),
            TopologyCommand.MoveSlot move => SlotMoveRules.Move(topology, move),
            TopologyCommand.MarkSlot mark => SlotMoveRules.Mark(topology, mark),
            TopologyCommand.ClearMark clear => SlotMoveRules.Clear(topology, clear),
            TopologyCommand.SetConfigEpoch set => SetEpoch(topology, set),
            TopologyCommand.BumpEpoch bump => Bump(topology, bump),
            TopologyCommand.SetSetting set => Set(topology, set),
            TopologyCommand.Replicate replicate => ShardRules.Replicate(topology, replicate),
            TopologyCommand.ChangeReplicaSet change => ShardRules.ChangeReplicaSet(topology, change),
            TopologyCommand.BeginElection begin => ShardRules.BeginElection(topology, begin),
            TopologyCommand.Promote promote => ShardRules.Promote(topology, promote),
            TopologyCommand.BeginMigrations begin => MigrationRules.Begin(topology, begin),
            TopologyCommand.RestartMigration restart => MigrationRules.Restart(topology, restart),
            TopologyCommand.CompleteMigration complete => MigrationRules.Complete(topology, complete),
            TopologyCommand.AbortMigration abort => MigrationRules.Abort(topology, abort),
            TopologyCommand.CleanMigration clean => MigrationRules.Clean(topology, clean),
            _ => throw new ArgumentException($"Not a command of these rules: {command.GetType().Name}", nameof(command)),
        };
    }

    private static (Topology, CommandResult) Found(Topology topology, TopologyCommand.FoundCluster found)
    {
        if (!topology.ClusterId.IsNone)
        {
            return Refuse(topology, Refusals.AlreadyFounded);
        }

        if (found.Cluster.IsNone || found.Name.Length == 0 || !TopologyCodec.Fits(found.Name, Topology.MaxNameBytes))
        {
            return Refuse(topology, Refusals.InvalidCluster);
        }

        if (Problem(found.First) is { } problem)
        {
            return Refuse(topology, problem);
        }

        var first = found.First with { MemberId = Math.Max(1, found.First.MemberId) };
        var next = topology with
        {
            ClusterId = found.Cluster,
            ClusterName = found.Name,
            CurrentEpoch = first.ConfigEpoch,
            NextMemberId = first.MemberId + 1,
            Members = [first],
            Slots = SlotMap.Unassigned(1),
        };
        return (ShardRules.Joined(next, first.Id), new CommandResult.Done(first.MemberId));
    }

    private static (Topology, CommandResult) Add(Topology topology, TopologyCommand.AddNode add)
    {
        if ((Problem(add.Record) ?? Malformed(add.Claims)) is { } problem)
        {
            return Refuse(topology, problem);
        }

        if (topology.Find(add.Record.Id) is { } present)
        {
            return Readd(topology, present, add.Record);
        }

        if (topology.Members.Length == Topology.MaxNodes)
        {
            return Refuse(topology, Refusals.TooManyNodes);
        }

        var taken = topology.Members.Any(node => node.ConfigEpoch == add.Record.ConfigEpoch);
        var epoch = taken ? topology.CurrentEpoch + 1 : add.Record.ConfigEpoch;
        var record = add.Record with { MemberId = topology.NextMemberId, ConfigEpoch = epoch };
        var position = ~topology.IndexOf(record.Id);
        var next = WithMembers(topology, [.. topology.Members[..position], record, .. topology.Members[position..]]) with
        {
            NextMemberId = record.MemberId + 1,
            CurrentEpoch = Math.Max(topology.CurrentEpoch, epoch),
            Removed = [.. topology.Removed.Where(removed => removed.Id != record.Id)],
        };
        var unowned = add.Claims.SelectMany(range => Enumerable.Range(range.Start, range.Count))
            .Where(slot => next.Slots[slot] == 0)
            .Select(slot => new SlotRange(slot, slot))
            .ToArray();
        next = next with { Slots = next.Slots.With(unowned, (ushort)(position + 1)) };
        return (ShardRules.Joined(next, record.Id), new CommandResult.Done(record.MemberId));
    }

    /// <summary>A listed member joins again: it was reset without leaving and has lost its Raft log, so it gets a new Raft id.</summary>
    /// <remarks>Its slots stay its own: nobody else was given them, and only an empty node may join.</remarks>
    private static (Topology, CommandResult) Readd(Topology topology, NodeRecord present, NodeRecord record)
    {
        var again = present with { MemberId = topology.NextMemberId, Endpoints = record.Endpoints, Zone = record.Zone };
        var next = topology with
        {
            Members = [.. topology.Members.Select(node => node.Id == present.Id ? again : node)],
            NextMemberId = again.MemberId + 1,
        };
        return (ShardRules.Emptied(next, again.Id), new CommandResult.Done(again.MemberId));
    }

    private static (Topology, CommandResult) Remove(Topology topology, TopologyCommand.RemoveNode remove)
    {
        var position = topology.IndexOf(remove.Node);
        RemovedNode[] remembered = [.. topology.Removed.Where(node => remove.NowMs - node.AtMs <= RemovedForMs)];
        if (position < 0)
        {
            return remembered.Any(node => node.Id == remove.Node)
                ? (topology, Unchanged)
                : Refuse(topology, Refusals.UnknownNode(NodeRecord.RespIdOf(remove.Node)));
        }

        if (topology.Members.Length == 1)
        {
            return Refuse(topology, Refusals.ForgetLast);
        }

        var skipped = Math.Max(0, remembered.Length + 1 - TopologyCodec.MaxRemoved);
        topology = ShardRules.Left(topology, remove.Node);
        var next = WithMembers(topology, [.. topology.Members[..position], .. topology.Members[(position + 1)..]]) with
        {
            Removed = [.. remembered.Skip(skipped), new RemovedNode(remove.Node, remove.NowMs)],
            Marks = topology.Marks.Without(remove.Node),
        };
        return (next, CommandResult.Ok);
    }

    /// <summary>The topology without a member and what belonged to it, whoever it is.</summary>
    public static Topology Without(Topology topology, NodeId node)
    {
        topology = ShardRules.Left(topology, node);
        return WithMembers(topology, [.. topology.Members.Where(member => member.Id != node)]);
    }

    private static (Topology, CommandResult) Update(Topology topology, TopologyCommand.UpdateNode update)
    {
        if (topology.Find(update.Node) is not { } node)
        {
            return Unknown(topology, update.Node);
        }

        if (NodeRecord.EndpointsProblem(update.Endpoints, update.Zone) is { } problem)
        {
            return Refuse(topology, problem);
        }

        var updated = node with { Endpoints = update.Endpoints, Zone = update.Zone };
        return updated == node ? (topology, Unchanged) : (With(topology, updated), CommandResult.Ok);
    }

    private static (Topology, CommandResult) Assign(Topology topology, TopologyCommand.AssignSlots assign)
    {
        var position = topology.IndexOf(assign.Node);
        if (position < 0)
        {
            return Unknown(topology, assign.Node);
        }

        if (!topology.Members[position].IsPrimary)
        {
            return Refuse(topology, Refusals.NotPrimary);
        }

        return (FirstProblem(topology, assign.Ranges, mustBeOwned: false) ?? MigrationRules.Unclean(topology, assign.Ranges, assign.Node)) is { } problem
            ? Refuse(topology, problem)
            : (SlotMoveRules.Given(topology, assign.Ranges, assign.Node), CommandResult.Ok);
    }

    private static (Topology, CommandResult) Unassign(Topology topology, TopologyCommand.RemoveSlots remove) =>
        (FirstProblem(topology, remove.Ranges, mustBeOwned: true) ?? MigrationRules.Moving(topology, remove.Ranges)) is { } problem
            ? Refuse(topology, problem)
            : (SlotMoveRules.Taken(topology, remove.Ranges, remove.Node), CommandResult.Ok);

    private static (Topology, CommandResult) SetOwner(Topology topology, TopologyCommand.SetSlotOwner set)
    {
        if (SlotMoveRules.Problem(topology, set.Slot, set.Node) is { } problem)
        {
            return Refuse(topology, problem);
        }

        return topology.Owns(set.Node, set.Slot)
            ? (topology, Unchanged)
            : (SlotMoveRules.Given(topology, [new SlotRange(set.Slot, set.Slot)], set.Node), CommandResult.Ok);
    }

    private static (Topology, CommandResult) SetEpoch(Topology topology, TopologyCommand.SetConfigEpoch set)
    {
        if (topology.Find(set.Node) is not { } node)
        {
            return Unknown(topology, set.Node);
        }

        if (set.Epoch > long.MaxValue)
        {
            return Refuse(topology, Refusals.InvalidEpoch(set.Epoch));
        }

        if (topology.Members.Length > 1)
        {
            return Refuse(topology, Refusals.EpochNotAlone);
        }

        if (node.ConfigEpoch != 0)
        {
            return Refuse(topology, Refusals.EpochSet);
        }

        var next = With(topology, node with { ConfigEpoch = set.Epoch });
        return (next with { CurrentEpoch = Math.Max(topology.CurrentEpoch, set.Epoch) }, CommandResult.Ok);
    }

    /// <summary>Redis' clusterBumpConfigEpochWithoutConsensus: a node that has the highest epoch alone keeps it.</summary>
    private static (Topology, CommandResult) Bump(Topology topology, TopologyCommand.BumpEpoch bump)
    {
        if (topology.Find(bump.Node) is not { } node)
        {
            return Unknown(topology, bump.Node);
        }

        if (node.ConfigEpoch != 0 && node.ConfigEpoch == topology.CurrentEpoch)
        {
            return (topology, new CommandResult.Done(node.ConfigEpoch, Changed: false));
        }

        var epoch = topology.CurrentEpoch + 1;
        return (With(topology, node with { ConfigEpoch = epoch }) with { CurrentEpoch = epoch }, new CommandResult.Done(epoch));
    }

    private static (Topology, CommandResult) Set(Topology topology, TopologyCommand.SetSetting set)
    {
        var others = topology.Settings.Where(setting => setting.Key != set.Key).ToList();
        if (set.Key.Length == 0 || !TopologyCodec.Fits(set.Key, TopologyCodec.MaxKeyBytes)
            || !TopologyCodec.Fits(set.Value, TopologyCodec.MaxValueBytes)
            || (set.Value.Length > 0 && others.Count == Topology.MaxSettings))
        {
            return Refuse(topology, Refusals.InvalidSetting);
        }

        if (set.Key == ShardRules.ModeSetting && set.Value is not ("" or "asynchronous" or "quorum" or "synchronous"))
        {
            return Refuse(topology, Refusals.InvalidMode);
        }

        if (set.Value.Length > 0)
        {
            others.Add(new Setting(set.Key, set.Value));
        }

        others.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        return (topology with { Settings = others }, CommandResult.Ok);
    }

    /// <summary>Redis' checkSlotAssignmentsOrReply: the first slot in the given order that will not do.</summary>
    private static string? FirstProblem(Topology topology, IReadOnlyList<SlotRange> ranges, bool mustBeOwned)
    {
        var seen = new BitArray(HashSlot.Count);
        foreach (var range in ranges)
        {
            if (!range.IsValid)
            {
                return Refusals.InvalidSlot;
            }

            for (var slot = range.Start; slot <= range.End; slot++)
            {
                if (topology.Slots[slot] != 0 != mustBeOwned)
                {
                    return mustBeOwned ? Refusals.Unassigned(slot) : Refusals.Busy(slot);
                }

                if (seen[slot])
                {
                    return Refusals.Repeated(slot);
                }

                seen[slot] = true;
            }
        }

        return null;
    }

    private static string? Problem(NodeRecord record) =>
        record.Problem()
        ?? (record.ConfigEpoch > long.MaxValue ? Refusals.InvalidEpoch(record.ConfigEpoch) : null)
        ?? (record.MemberId > long.MaxValue ? Refusals.InvalidCluster : null);

    private static string? Malformed(IReadOnlyList<SlotRange> ranges) =>
        ranges.All(range => range.IsValid) ? null : Refusals.InvalidSlot;

    /// <summary>Another member list: slots follow their owners to their new places, those of the absent fall free.</summary>
    private static Topology WithMembers(Topology topology, NodeRecord[] members)
    {
        var next = topology with { Members = members };
        var renumbered = new ushort[topology.Members.Length + 1];
        for (var i = 0; i < topology.Members.Length; i++)
        {
            renumbered[i + 1] = (ushort)Math.Max(0, next.IndexOf(topology.Members[i].Id) + 1);
        }

        return next with { Slots = topology.Slots.Renumber(renumbered, members.Length) };
    }

    private static Topology With(Topology topology, NodeRecord changed)
    {
        NodeRecord[] members = [.. topology.Members];
        members[topology.IndexOf(changed.Id)] = changed;
        return topology with { Members = members };
    }

    private static (Topology, CommandResult) Unknown(Topology topology, NodeId id) =>
        Refuse(topology, Refusals.UnknownNode(NodeRecord.RespIdOf(id)));

    private static (Topology, CommandResult) Refuse(Topology topology, string error) =>
        (topology, new CommandResult.Refused(error));
}

using System.Collections;
using System.Text;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>What the commands about migrations do, and what other commands do to migrations.</summary>
/// <remarks>
/// The source keeps its slots until <see cref="Complete"/>, which takes effect as a whole or not at all. Whoever is left with keys of slots that it
/// does not own (<see cref="MigrationRecord.Cleaner"/>) gets none of these slots by another way until it has said that they are gone.
/// </remarks>
internal static class MigrationRules
{
    private const string Removed = "a node was removed, or is in another shard";

    public static (Topology, CommandResult) Begin(Topology topology, TopologyCommand.BeginMigrations begin)
    {
        if (Problem(topology, begin) is { } problem)
        {
            return Refuse(topology, problem);
        }

        var source = topology.ShardOf(begin.Source)!;
        var records = begin.Parts.Select((part, i) =>
        {
            var target = topology.ShardOf(part.Target)!;
            return new MigrationRecord
            {
                Id = new MigrationId(begin.Request.Proposer, begin.Request.Sequence, (ushort)i),
                Source = source.Id,
                Target = target.Id,
                SourceNode = source.Primary,
                TargetNode = target.Primary,
                Ranges = Merged(part.Ranges),
                SourceEpoch = source.Epoch,
                TargetEpoch = target.Epoch,
                CreatedMs = begin.NowMs,
                ChangedMs = begin.NowMs,
            };
        });
        return (topology with { Migrations = [.. topology.Migrations, .. records] }, CommandResult.Ok);
    }

    /// <summary>The attempt is void; the next begins in the shards' present epochs. Of an election under way that is the epoch that its winner will serve.</summary>
    public static (Topology, CommandResult) Restart(Topology topology, TopologyCommand.RestartMigration restart)
    {
        if (topology.FindMigration(restart.Migration) is not { State: MigrationState.Running } record || record.Attempt != restart.Attempt)
        {
            return Refuse(topology, Refusals.MigrationChanged);
        }

        var (source, target) = (topology.FindShard(record.Source)!, topology.FindShard(record.Target)!);
        var next = record.Attempt >= MigrationRecord.MaxAttempts
            ? Ended(record, MigrationState.Aborted, $"given up after {record.Attempt} attempts: {restart.Reason}")
            : record with { Attempt = record.Attempt + 1, SourceEpoch = source.Epoch, TargetEpoch = target.Epoch, Message = Cut(restart.Reason) };
        return (With(topology, next with { SourceNode = source.Primary, TargetNode = target.Primary, ChangedMs = restart.NowMs }), CommandResult.Ok);
    }

    public static (Topology, CommandResult) Complete(Topology topology, TopologyCommand.CompleteMigration complete)
    {
        if (topology.FindMigration(complete.Migration) is not { State: MigrationState.Running } record || record.Attempt != complete.Attempt
            || !topology.IsCurrent(record))
        {
            return Refuse(topology, Refusals.MigrationChanged);
        }

        var (source, target) = (topology.FindShard(record.Source)!, topology.FindShard(record.Target)!);
        var next = SlotMoveRules.Given(topology, record.Ranges, target.Primary);
        var ended = Ended(record, MigrationState.Completed, "") with
        {
            SourceNode = source.Primary,
            TargetNode = target.Primary,
            ChangedMs = complete.NowMs,
        };
        return (With(next, ended), CommandResult.Ok);
    }

    public static (Topology, CommandResult) Abort(Topology topology, TopologyCommand.AbortMigration abort)
    {
        if (topology.FindMigration(abort.Migration) is not { State: MigrationState.Running } record)
        {
            return Refuse(topology, Refusals.MigrationChanged);
        }

        return (With(topology, Ended(record, MigrationState.Aborted, abort.Reason) with { ChangedMs = abort.NowMs }), CommandResult.Ok);
    }

    public static (Topology, CommandResult) Clean(Topology topology, TopologyCommand.CleanMigration clean)
    {
        if (topology.FindMigration(clean.Migration) is not { } record || record.State == MigrationState.Running)
        {
            return Refuse(topology, Refusals.MigrationChanged);
        }

        if (record.IsClean)
        {
            return (topology, TopologyRules.Unchanged);
        }

        return topology.FindShard(record.Cleaner) is { IsElecting: false } shard && shard.Epoch == clean.Epoch
            ? (With(topology, record with { IsClean = true }), CommandResult.Ok)
            : Refuse(topology, Refusals.MigrationChanged);
    }

    /// <summary>After any other command: a migration whose shard or slots are gone is over; whoever is gone has nothing to clean.</summary>
    public static Topology Settled(Topology topology)
    {
        foreach (var record in topology.Migrations)
        {
            if (record.State == MigrationState.Running && !IsPossible(topology, record))
            {
                topology = With(topology, Ended(record, MigrationState.Aborted, Removed));
            }
        }

        foreach (var record in topology.Migrations)
        {
            if (!record.Cleaner.IsNone && topology.FindShard(record.Cleaner) is null)
            {
                topology = With(topology, record with { IsClean = true });
            }
        }

        return topology;
    }

    /// <summary>The cluster is to begin anew with what is left of it: nothing goes on by itself.</summary>
    public static Topology Ended(Topology topology, string reason) => topology with
    {
        Migrations =
        [
            .. topology.Migrations.Select(record => record.State == MigrationState.Running ? Ended(record, MigrationState.Aborted, reason) : record),
        ],
    };

    /// <summary>Why a slot may not be marked, or taken from its owner: it is being moved. Null: it may.</summary>
    public static string? Moving(Topology topology, int slot) =>
        topology.Migrations.Count > 0 && topology.MigrationOf(slot) is { } record ? Refusals.Moving(slot, record.Id) : null;

    /// <summary>As the other, for each slot of the ranges.</summary>
    public static string? Moving(Topology topology, IReadOnlyList<SlotRange> ranges) =>
        topology.Migrations.Count > 0 ? ranges.SelectMany(Slots).Select(slot => Moving(topology, slot)).FirstOrDefault(problem => problem is not null) : null;

    /// <summary>Why a slot may not come to this node: its shard still has keys of it from a migration that has ended. Null: it may.</summary>
    public static string? Unclean(Topology topology, int slot, NodeId node)
    {
        foreach (var record in topology.Migrations)
        {
            if (!record.Cleaner.IsNone && record.Contains(slot) && topology.Find(node)?.ShardId == record.Cleaner)
            {
                return Refusals.Unclean(slot, record.Id);
            }
        }

        return null;
    }

    /// <summary>As the other, for each slot of the ranges.</summary>
    public static string? Unclean(Topology topology, IReadOnlyList<SlotRange> ranges, NodeId node) =>
        topology.Migrations.Any(record => !record.Cleaner.IsNone)
            ? ranges.SelectMany(Slots).Select(slot => Unclean(topology, slot, node)).FirstOrDefault(problem => problem is not null)
            : null;

    /// <summary>What every topology keeps to.</summary>
    public static bool AreConsistent(Topology topology)
    {
        var (taken, ids) = (new BitArray(HashSlot.Count), new SortedSet<MigrationId>());
        foreach (var record in topology.Migrations)
        {
            if (record.State > MigrationState.Aborted || !ids.Add(record.Id) || !AreSorted(record.Ranges) || record.Attempt is 0 or > MigrationRecord.MaxAttempts
                || (record.IsClean && record.State == MigrationState.Running)
                || Encoding.UTF8.GetByteCount(record.Message) > MigrationRecord.MaxMessageBytes
                || (!record.Cleaner.IsNone && topology.FindShard(record.Cleaner) is null)
                || (record.State == MigrationState.Running && !IsPossible(topology, record)))
            {
                return false;
            }

            foreach (var slot in record.State == MigrationState.Running ? record.Ranges.SelectMany(Slots) : [])
            {
                if (taken[slot])
                {
                    return false;
                }

                taken[slot] = true;
            }
        }

        return topology.Migrations.Count(record => !record.IsClean) <= MigrationRecord.MaxOpen;
    }

    private static string? Problem(Topology topology, TopologyCommand.BeginMigrations begin)
    {
        if (topology.Find(begin.Source) is not { } source || topology.ShardOf(begin.Source) is null)
        {
            return Refusals.UnknownNode(NodeRecord.RespIdOf(begin.Source));
        }

        if (!source.IsPrimary)
        {
            return Refusals.SourceNotPrimary;
        }

        if (begin.Parts.Count == 0 || begin.Parts.Any(part => part.Ranges.Count == 0))
        {
            return Refusals.InvalidSlot;
        }

        var seen = new BitArray(HashSlot.Count);
        foreach (var part in begin.Parts)
        {
            if (TargetProblem(topology, begin.Source, part.Target) is { } problem)
            {
                return problem;
            }

            foreach (var range in part.Ranges)
            {
                if (!range.IsValid)
                {
                    return Refusals.InvalidSlot;
                }

                foreach (var slot in Slots(range))
                {
                    if (seen[slot])
                    {
                        return Refusals.Repeated(slot);
                    }

                    seen[slot] = true;
                    if (SlotProblem(topology, slot, begin.Source, part.Target) is { } why)
                    {
                        return why;
                    }
                }
            }
        }

        return topology.Migrations.Count(record => !record.IsClean) + begin.Parts.Count > MigrationRecord.MaxOpen ? Refusals.TooManyMigrations : null;
    }

    private static string? TargetProblem(Topology topology, NodeId source, NodeId target) => topology.Find(target) switch
    {
        null => Refusals.UnknownNode(NodeRecord.RespIdOf(target)),
        { IsPrimary: false } => Refusals.NotPrimary,
        _ => source == target ? Refusals.MoveToSelf : null,
    };

    private static string? SlotProblem(Topology topology, int slot, NodeId source, NodeId target) =>
        topology.OwnerOf(slot) is not { } owner ? Refusals.NotAssigned(slot)
        : owner.Id != source ? Refusals.NotServed(slot)
        : Moving(topology, slot) ?? (topology.Marks.Count > 0 && topology.Marks.Any(mark => mark.Slot == slot) ? Refusals.Marked(slot) : null)
            ?? Unclean(topology, slot, target);

    /// <summary>Both shards are there, they are two, and the source's primary owns every slot.</summary>
    private static bool IsPossible(Topology topology, MigrationRecord record) =>
        record.Source != record.Target && topology.FindShard(record.Target) is not null && topology.FindShard(record.Source) is { } source
        && record.Ranges.All(range => Slots(range).All(slot => topology.Owns(source.Primary, slot)));

    private static MigrationRecord Ended(MigrationRecord record, MigrationState state, string message) =>
        record with { State = state, Message = Cut(message) };

    private static Topology With(Topology topology, MigrationRecord changed)
    {
        MigrationRecord[] records = [.. topology.Migrations.Select(record => record.Id == changed.Id ? changed : record)];
        var surplus = records.Count(record => record.IsClean) - MigrationRecord.MaxRemembered;
        return topology with { Migrations = surplus <= 0 ? records : [.. records.Where(record => !record.IsClean || surplus-- <= 0)] };
    }

    /// <summary>Ascending, with neighbours united: two ways to say the same slots are one record.</summary>
    private static List<SlotRange> Merged(IReadOnlyList<SlotRange> ranges)
    {
        var merged = new List<SlotRange>();
        foreach (var range in ranges.OrderBy(range => range.Start))
        {
            if (merged.Count > 0 && merged[^1].End + 1 == range.Start)
            {
                merged[^1] = new SlotRange(merged[^1].Start, range.End);
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    private static bool AreSorted(IReadOnlyList<SlotRange> ranges) =>
        ranges.Count > 0 && ranges.All(range => range.IsValid) && ranges.Zip(ranges.Skip(1)).All(pair => pair.First.End + 1 < pair.Second.Start);

    private static IEnumerable<int> Slots(SlotRange range) => Enumerable.Range(range.Start, range.Count);

    private static string Cut(string text)
    {
        while (Encoding.UTF8.GetByteCount(text) > MigrationRecord.MaxMessageBytes)
        {
            text = text[..^1];
        }

        return text;
    }

    private static (Topology, CommandResult) Refuse(Topology topology, string error) => (topology, new CommandResult.Refused(error));
}

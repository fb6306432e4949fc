using Trefoil.Cli.Cluster.Moving;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;
using Trefoil.Cli.Cluster.Printing;
using Trefoil.Sharding;

namespace Trefoil.Cli.Cluster.Verbs;

/// <summary>What <c>reshard</c> is to move.</summary>
/// <param name="To">Who gets the slots.</param>
/// <param name="From">Who gives them; none: all others, in proportion to what they have.</param>
/// <param name="Slots">How many.</param>
/// <param name="Ranges">Or which.</param>
internal sealed record ReshardRequest(string To, IReadOnlyList<string> From, int? Slots, IReadOnlyList<SlotRange>? Ranges);

/// <summary><c>reshard</c>: some slots to one node. <c>reshard --cancel</c>: stops every migration that runs.</summary>
internal static class ReshardVerb
{
    // It ended by itself since we looked.
    private const string NothingToCancel = "No migrations ongoing";
    private static readonly TimeSpan ToStop = TimeSpan.FromSeconds(30);

    public static Task<CliFailure?> RunAsync(ClusterSession session, ReshardRequest request, MoveLimits limits, CancellationToken cancellation) =>
        MoveVerbs.RunAsync(session, "reshard", limits, view => Plan(view, request), cancellation);

    public static (IReadOnlyList<Move>? Moves, CliFailure? Failure) Plan(ClusterView view, ReshardRequest request)
    {
        var (target, problem) = Primary(view, request.To);
        var sources = new List<string>();
        foreach (var name in request.From)
        {
            (var source, problem) = problem is null ? Primary(view, name) : (null, problem);
            sources.Add(source?.Id ?? "");
        }

        if (problem is not null)
        {
            return (null, CliFailure.Usage(problem));
        }

        if (sources.Contains(target!.Id))
        {
            return (null, CliFailure.Usage($"{target.Address} cannot give slots to itself: it is named by --from and by --to."));
        }

        var holders = MoveVerbs.Holders(view).Where(holder => holder.Id != target.Id && (sources.Count == 0 || sources.Contains(holder.Id))).ToList();
        return request.Ranges is { } ranges ? Named(view, target, holders, ranges) : Counted(view, target, holders, request.Slots ?? 0);
    }

    /// <summary>Cancels at every source, and waits until nothing runs.</summary>
    public static async Task<CliFailure?> CancelAsync(ClusterSession session, CancellationToken cancellation)
    {
        var (view, failure) = await session.LookSettledAsync(cancellation);
        if (view is null)
        {
            return failure;
        }

        var running = view.RunningMigrations.ToList();
        if (!session.DryRun)
        {
            foreach (var id in running.Select(row => row.Source).Distinct())
            {
                // After a failover the source is whoever leads its shard now.
                var source = view.Find(id) is { IsPrimary: false } former ? view.Find(former.PrimaryId) : view.Find(id);
                if (source is not null && await session.TellAsync(source.Address, cancellation, "CLUSTER", "CANCELSLOTMIGRATIONS") is { } refused
                    && !refused.Message.EndsWith(NothingToCancel, StringComparison.Ordinal))
                {
                    return refused;
                }
            }

            (_, failure) = await session.UntilAsync("that all migrations stop", ToStop,
                seen => seen.RunningMigrations.Any(row => running.Exists(other => other.Name == row.Name)) ? "some still run" : null, cancellation);
            if (failure is not null)
            {
                return failure;
            }
        }

        await session.Output.WriteLineAsync(session.IsJson
            ? VerbJson.Of(session, "cancel", json => json.Strings("migrations", running.Select(row => row.Name)))
            : running.Count == 0 ? "no migration runs"
            : session.DryRun ? $"would stop {Say.Some(running.Count, "migration", "migrations")}"
            : $"done: {Say.Some(running.Count, "migration has", "migrations have")} stopped; the slots that had not moved are where they were");
        return null;
    }

    private static (IReadOnlyList<Move>? Moves, CliFailure? Failure) Named(ClusterView view, MemberView target, List<Holder> holders, IReadOnlyList<SlotRange> ranges)
    {
        var theirs = SlotRanges.Normal(holders.SelectMany(holder => holder.Ranges));
        var strange = SlotRanges.Except(SlotRanges.Except(ranges, theirs), target.Ranges);
        if (strange.Count == 0)
        {
            return (MovePlan.ReshardRanges(holders, target.Id, ranges), null);
        }

        var free = SlotRanges.Common(strange, view.FreeSlots);
        var moving = SlotRanges.Common(strange, SlotRanges.Normal(view.RunningMigrations.SelectMany(row => row.Ranges)));
        return (null, CliFailure.Failed(
            free.Count > 0 ? $"{SlotRanges.Show(free)}: nobody owns {(SlotRanges.Count(free) == 1 ? "this slot" : "these slots")}, so there is nothing to move. CLUSTER ADDSLOTSRANGE on a node gives them to it. Nothing was changed."
            : moving.Count > 0 ? $"{SlotRanges.Show(moving)}: a migration is moving {(SlotRanges.Count(moving) == 1 ? "this slot" : "these slots")} already. Nothing was changed."
            : $"{SlotRanges.Show(strange)}: not owned by the nodes that --from names. Nothing was changed."));
    }

    private static (IReadOnlyList<Move>? Moves, CliFailure? Failure) Counted(ClusterView view, MemberView target, List<Holder> holders, int count)
    {
        var available = holders.Sum(holder => holder.Count);
        return count > available
            ? (null, CliFailure.Failed($"{Say.Slots(count)} are wanted for {target.Address}, but {string.Join(", ", holders.Select(holder => view.NameOf(holder.Id)))} own {available} that can be moved. Nothing was changed."))
            : (MovePlan.Reshard(holders, target.Id, count), null);
    }

    /// <summary>A member that can own slots; the text says why it cannot.</summary>
    public static (MemberView? Member, string? Problem) Primary(ClusterView view, string name)
    {
        var (member, problem) = view.Resolve(name);
        return member is { IsPrimary: false } ? (null, $"{member.Address} is a replica of {view.NameOf(member.PrimaryId)}: replicas own no slots, name a primary.") : (member, problem);
    }
}

using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Printing;
using Trefoil.Primitives;

namespace Trefoil.Cli.Cluster.Verbs;

/// <summary><c>remove NODE</c>: a node that answers and owns nothing leaves in good order. <c>forget NODE</c>: one that is gone is struck off.</summary>
internal static class LeaveVerbs
{
    private const string EmptyMessage = "can't be called with master nodes containing keys";
    private static readonly TimeSpan ToLeave = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ToCopy = TimeSpan.FromMinutes(30);

    public static async Task<CliFailure?> RemoveAsync(ClusterSession session, string name, CancellationToken cancellation)
    {
        var (view, failure) = await session.LookSettledAsync(cancellation);
        if (view is null)
        {
            return failure;
        }

        var (node, problem) = view.Resolve(name);
        if (node is null || CannotLeave(view, node) is not null)
        {
            return node is null ? CliFailure.Usage(problem!) : CannotLeave(view, node);
        }

        var orphans = view.ReplicasOf(node).ToList();
        var homes = orphans.ToDictionary(orphan => orphan.Id, orphan => AddVerb.NeediestPrimary(view, orphan.Domain, primary => primary.Id != node.Id), StringComparer.Ordinal);
        if (orphans.Find(orphan => homes[orphan.Id] is null) is { } homeless)
        {
            return CliFailure.Failed($"{node.Address} cannot be removed: its replica {homeless.Address} has no other primary to copy. Remove that one first. Nothing was changed.");
        }

        if (session.DryRun)
        {
            return await ResultAsync(session, "remove", node, string.Join('\n',
                [.. orphans.Select(orphan => $"would make {orphan.Address} a replica of {homes[orphan.Id]!.Address}"), $"would take {node.Address} out of the cluster and reset it"]));
        }

        foreach (var orphan in orphans)
        {
            if (await RehomeAsync(session, orphan, homes[orphan.Id]!, cancellation) is { } refused)
            {
                return refused;
            }
        }

        // Asked through another member, should the seed be the one that leaves.
        var through = session with { Seed = Other(view, node, session.Seed) };
        return (await session.UntilAsync($"that {node.Address} is empty", ToLeave, seen => StillEmptying(seen, node), cancellation)).Failure
            ?? await through.TellAsync(through.Seed, cancellation, "CLUSTER", "FORGET", node.Id)
            ?? (await through.UntilAsync($"that {node.Address} leaves", ToLeave, seen => Joining.StillMember(seen, node.Id), cancellation)).Failure
            ?? await ResetAsync(session, node, cancellation)
            ?? await ResultAsync(session, "remove", node, $"done: {node.Address} is out of the cluster, empty and alone");
    }

    public static async Task<CliFailure?> ForgetAsync(ClusterSession session, string name, CancellationToken cancellation)
    {
        var (view, failure) = await session.LookSettledAsync(cancellation);
        if (view is null)
        {
            return failure;
        }

        var (node, problem) = view.Resolve(name);
        if (node is null)
        {
            return CliFailure.Usage(problem!);
        }

        if (node.SlotCount > 0 && view.ReplicasOf(node).FirstOrDefault() is { } heir)
        {
            return CliFailure.Failed(
                $"{node.Address} owns {Say.Slots(node.SlotCount)} and has replicas. If it is dead one of them takes over within seconds: look again. If not: `trefoil cluster failover {heir.Address}`. Nothing was changed.");
        }

        if (node.SlotCount > 0)
        {
            var danger = $"{node.Address} owns {Say.Slots(node.SlotCount)}: without it they have no owner, and what only it holds is lost.";
            if (!session.DryRun && await session.ConfirmAsync(danger, node.Address.ToString()) is { } refused)
            {
                return refused;
            }
        }
        else if (node.Report is not null)
        {
            await session.SayAsync($"{node.Address} answers: `trefoil cluster remove` would also have reset it");
        }

        if (session.DryRun)
        {
            return await ResultAsync(session, "forget", node, $"would strike {node.Address} off the members{(node.SlotCount > 0 ? $", and leave {Say.Slots(node.SlotCount)} without owner" : "")}");
        }

        var through = session with { Seed = Other(view, node, session.Seed) };
        return await through.TellAsync(through.Seed, cancellation, "CLUSTER", "FORGET", node.Id)
            ?? (await through.UntilAsync($"that {node.Address} is forgotten", ToLeave, seen => Joining.StillMember(seen, node.Id), cancellation)).Failure
            ?? await ResultAsync(session, "forget", node, $"done: {node.Address} is no member any more");
    }

    private static CliFailure? CannotLeave(ClusterView view, MemberView node) =>
        view.Members.Count == 1 ? CliFailure.Failed($"{node.Address} is the only node of its cluster. Nothing was changed.")
        : node.SlotCount > 0
            ? CliFailure.Failed($"{node.Address} owns {Say.Slots(node.SlotCount)}. First `trefoil cluster drain {node.Address}`, then remove it. Nothing was changed.")
        : view.RunningMigrations.FirstOrDefault(row => row.Source == node.Id || row.Target == node.Id) is { } row
            ? CliFailure.Failed($"a migration of {Say.Slots(row.SlotCount)} from {view.NameOf(row.Source)} to {view.NameOf(row.Target)} runs. Wait for it, or stop it with `trefoil cluster reshard --cancel`. Nothing was changed.")
        : node.Report is null
            ? CliFailure.Unreachable($"{node.Address} does not answer, so it cannot be reset: {node.Failure} If it is gone for good: `trefoil cluster forget {node.Address}`. Nothing was changed.")
        : null;

    /// <summary>What has moved away is removed at its source after the move.</summary>
    private static string? StillEmptying(ClusterView view, MemberView node) =>
        view.Migrations?.FirstOrDefault(row => !row.IsClean && (row.Source == node.Id || row.Target == node.Id)) is { } row
            ? $"{Say.Slots(row.SlotCount)} of a migration are not cleaned up yet"
            : null;

    private static async Task<CliFailure?> RehomeAsync(ClusterSession session, MemberView orphan, MemberView primary, CancellationToken cancellation)
    {
        await session.SayAsync($"{orphan.Address} becomes a replica of {primary.Address}");
        return await session.TellAsync(orphan.Address, cancellation, "CLUSTER", "REPLICATE", primary.Id)
            ?? (await session.UntilAsync($"that {orphan.Address} replicates {primary.Address}", ToCopy, seen => Joining.MissingReplica(seen, orphan.Id, primary.Id), cancellation)).Failure;
    }

    /// <summary>As redis-cli does it: SOFT keeps the node's id. One that is still emptying slots that moved away is asked again.</summary>
    private static async Task<CliFailure?> ResetAsync(ClusterSession session, MemberView node, CancellationToken cancellation)
    {
        var start = session.Calls.Time.GetTimestamp();
        while (true)
        {
            var failure = await session.TellAsync(node.Address, cancellation, "CLUSTER", "RESET", "SOFT");
            if (failure is null || !failure.Message.Contains(EmptyMessage, StringComparison.Ordinal))
            {
                return failure;
            }

            if (session.Calls.Time.GetElapsedTime(start) > ToLeave)
            {
                return failure with { Message = $"{node.Address} is out of the cluster, but it still holds keys: send it FLUSHALL and CLUSTER RESET before it is used again." };
            }

            await session.PauseAsync(cancellation);
        }
    }

    private static HostPort Other(ClusterView view, MemberView node, HostPort seed) =>
        node.Report?.Asked != seed ? seed : view.Members.First(member => member.Id != node.Id && member.Report is not null).Address;

    private static async Task<CliFailure?> ResultAsync(ClusterSession session, string verb, MemberView node, string text)
    {
        await session.Output.WriteLineAsync(session.IsJson
            ? VerbJson.Of(session, verb, json =>
            {
                json.WriteString("node", node.Id);
                json.WriteString("address", node.Address.ToString());
            })
            : text);
        return null;
    }
}

using Trefoil.Cli.Cluster.Calls;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;
using Trefoil.Cli.Cluster.Printing;
using Trefoil.Primitives;

namespace Trefoil.Cli.Cluster.Verbs;

/// <summary><c>add host:port [--replica-of NODE|auto]</c> and <c>meet host:port</c>.</summary>
internal static class AddVerb
{
    private const string Auto = "auto";
    private static readonly TimeSpan ToJoin = TimeSpan.FromSeconds(30);

    // A copy of everything the primary has goes over the wire first.
    private static readonly TimeSpan ToCopy = TimeSpan.FromMinutes(30);

    public static async Task<CliFailure?> RunAsync(ClusterSession session, HostPort address, string? replicaOf, CancellationToken cancellation)
    {
        var (view, failure) = await session.LookSettledAsync(cancellation);
        if (view is null)
        {
            return failure;
        }

        var (node, silent) = await ClusterLook.AskAsync(session.Calls, address, cancellation);
        if (node is null)
        {
            return silent! with { Message = silent!.Message + " Start the node first: `trefoil serve`." };
        }

        var isMember = view.Find(node.Id) is not null;
        if (!isMember && NotEmpty(node) is { } why)
        {
            return CliFailure.Failed($"{address} cannot be added: {why} Nothing was changed.");
        }

        var (primary, problem) = PrimaryFor(view, node, replicaOf);
        if (problem is not null)
        {
            return CliFailure.Usage(problem);
        }

        if (session.DryRun)
        {
            return await PlannedAsync(session, view, node, isMember, primary);
        }

        if (isMember)
        {
            await session.SayAsync($"{address} is a member already");
        }
        else if (await MeetAsync(session, view, address, node.Id, cancellation) is { } refused)
        {
            return refused;
        }

        return primary is null
            ? await DoneAsync(session, node, address, null)
            : await ReplicateAsync(session, node, address, primary, cancellation) ?? await DoneAsync(session, node, address, primary);
    }

    /// <summary>Tells the seed to meet a node, whatever it has; the cluster itself decides who takes in whom.</summary>
    public static async Task<CliFailure?> MeetOnlyAsync(ClusterSession session, HostPort address, CancellationToken cancellation)
    {
        var (node, silent) = await ClusterLook.AskAsync(session.Calls, address, cancellation);
        if (node is null)
        {
            return silent;
        }

        if (session.DryRun)
        {
            return await ResultAsync(session, "meet", node.Id, address, $"would tell {session.Seed} to meet {address}");
        }

        return await session.TellAsync(session.Seed, cancellation, "CLUSTER", "MEET", address.Host, Say.Number(address.Port))
            ?? (await session.UntilAsync($"that {session.Seed} meets {address}", ToJoin, seen => Joining.MissingMember(seen, node.Id), cancellation)).Failure
            ?? await ResultAsync(session, "meet", node.Id, address, $"{address} and {session.Seed} are in one cluster");
    }

    /// <summary>The primary that has most need of a replica, away from the replica's own zone if possible.</summary>
    public static MemberView? NeediestPrimary(ClusterView view, string domain, Func<MemberView, bool> isAllowed)
    {
        var primaries = view.Primaries.Where(primary => primary.SlotCount > 0 && primary.Health == "ok" && isAllowed(primary)).ToList();
        var name = ShardLayout.PrimaryFor(domain, [.. primaries.Select(primary =>
            (primary.Id, (IReadOnlyList<string>)[.. view.ReplicasOf(primary).Prepend(primary).Select(member => member.Domain)]))]);
        return primaries.Find(primary => primary.Id == name);
    }

    private static async Task<CliFailure?> MeetAsync(ClusterSession session, ClusterView view, HostPort address, string id, CancellationToken cancellation)
    {
        // The new node is told, as redis-cli does it: a lone node is taken in by the cluster that it meets.
        var contact = (view.Members.FirstOrDefault(member => member.Report?.Asked == session.Seed) ?? view.Members[0]).Address;
        if (await session.TellAsync(address, cancellation, "CLUSTER", "MEET", contact.Host, Say.Number(contact.Port)) is { } refused)
        {
            return refused;
        }

        var (_, failure) = await session.UntilAsync($"that {address} joins", ToJoin, seen => Joining.MissingMember(seen, id), cancellation);
        if (failure is null)
        {
            await session.SayAsync($"{address} is a member, and every node knows it");
        }

        return failure;
    }

    private static async Task<CliFailure?> ReplicateAsync(ClusterSession session, NodeReport node, HostPort address, MemberView primary, CancellationToken cancellation)
    {
        if (await session.TellAsync(address, cancellation, "CLUSTER", "REPLICATE", primary.Id) is { } refused)
        {
            return refused;
        }

        await session.SayAsync($"{address} copies {primary.Address}");
        return (await session.UntilAsync($"that {address} replicates {primary.Address}", ToCopy, seen => Joining.MissingReplica(seen, node.Id, primary.Id), cancellation)).Failure;
    }

    private static (MemberView? Primary, string? Problem) PrimaryFor(ClusterView view, NodeReport node, string? replicaOf)
    {
        if (replicaOf is null)
        {
            return (null, null);
        }

        if (replicaOf == Auto)
        {
            var domain = node.Zone.Length > 0 ? node.Zone : node.Asked.Host;
            return NeediestPrimary(view, domain, primary => primary.Id != node.Id) is { } neediest ? (neediest, null) : (null, "there is no primary with slots that a replica could copy.");
        }

        var (member, problem) = view.Resolve(replicaOf);
        return member is null ? (null, problem)
            : member.Id == node.Id ? (null, "a node cannot be a replica of itself.")
            : !member.IsPrimary ? (null, $"{member.Address} is itself a replica of {view.NameOf(member.PrimaryId)}: name that one. Replicas of replicas do not exist.")
            : (member, null);
    }

    private static string? NotEmpty(NodeReport node) =>
        node.KnownNodes > 1 ? $"it is in a cluster of {node.KnownNodes} nodes. Take it out there first, or join both clusters with `trefoil cluster meet`."
        : node.Self.Ranges.Count > 0 ? $"it owns {Say.Slots(SlotRanges.Count(node.Self.Ranges))}. Empty it with CLUSTER RESET HARD, or join it with its slots by `trefoil cluster meet`."
        : node.Keys > 0 ? $"it holds {node.Keys} keys. Empty it with FLUSHALL first."
        : null;

    private static async Task<CliFailure?> PlannedAsync(ClusterSession session, ClusterView view, NodeReport node, bool isMember, MemberView? primary) =>
        await ResultAsync(session, "add", node.Id, node.Asked, string.Join('\n',
            [.. isMember ? [] : new[] { $"would tell {node.Asked} to meet {view.Best.Asked} and wait until every node knows it" },
                .. primary is null ? [] : new[] { $"would make it a replica of {primary.Address} and wait until it can take over" }]), primary);

    private static async Task<CliFailure?> DoneAsync(ClusterSession session, NodeReport node, HostPort address, MemberView? primary) =>
        await ResultAsync(session, "add", node.Id, address, primary is null
            ? $"done: {address} is a primary without slots. `trefoil cluster rebalance` gives it its share."
            : $"done: {address} is a replica of {primary.Address} and can take over", primary);

    private static async Task<CliFailure?> ResultAsync(ClusterSession session, string verb, string id, HostPort address, string text, MemberView? primary = null)
    {
        await session.Output.WriteLineAsync(session.IsJson
            ? VerbJson.Of(session, verb, json =>
            {
                json.WriteString("node", id);
                json.WriteString("address", address.ToString());
                json.WriteString("primary", primary?.Id ?? "");
            })
            : text);
        return null;
    }
}

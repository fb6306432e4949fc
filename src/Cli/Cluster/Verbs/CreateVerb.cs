using Trefoil.Cli.Cluster.Calls;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;
using Trefoil.Cli.Cluster.Printing;
using Trefoil.Cli.Local;
using Trefoil.Primitives;

namespace Trefoil.Cli.Cluster.Verbs;

/// <summary><c>create host:port... [--replicas R]</c>: one cluster of lone, empty nodes.</summary>
internal static class CreateVerb
{
    private static readonly TimeSpan ToForm = TimeSpan.FromSeconds(60);

    public static async Task<CliFailure?> RunAsync(ClusterSession session, IReadOnlyList<HostPort> addresses, int replicas, CancellationToken cancellation)
    {
        if (Problem(addresses, replicas) is { } usage)
        {
            return CliFailure.Usage(usage);
        }

        var answers = await Task.WhenAll(addresses.Select(address => ClusterLook.AskAsync(session.Calls, address, cancellation)));
        if (answers.FirstOrDefault(answer => answer.Report is null).Failure is { } silent)
        {
            return silent;
        }

        var nodes = answers.Select(answer => answer.Report!).ToList();
        if ((nodes.Select(NotAlone).FirstOrDefault(why => why is not null) ?? Twins(nodes)) is { } unfit)
        {
            return CliFailure.Failed($"{unfit} Nothing was changed.");
        }

        var layout = ShardLayout.Of([.. nodes.Select(node => new Candidate(node.Asked.ToString(), node.Zone.Length > 0 ? node.Zone : node.Asked.Host))], replicas);
        var shards = layout.Select(shard => shard.Select(candidate => nodes.First(node => node.Asked.ToString() == candidate.Name)).ToList()).ToList();
        if (!session.IsJson)
        {
            await session.Output.WriteAsync(Table(shards));
        }

        if (!session.DryRun && await FormAsync(session with { Seed = shards[0][0].Asked }, shards, nodes.Count, cancellation) is { } failure)
        {
            return failure;
        }

        await session.Output.WriteLineAsync(session.IsJson ? Json(session, shards)
            : session.DryRun ? "nothing was changed: this was a dry run" : $"done: {Say.Some(nodes.Count, "node is", "nodes are")} one cluster, all slots are owned");
        return null;
    }

    private static async Task<CliFailure?> FormAsync(ClusterSession session, List<List<NodeReport>> shards, int count, CancellationToken cancellation)
    {
        var shares = SlotShares.Even(shards.Count);
        for (var i = 0; i < shards.Count; i++)
        {
            var (first, last) = shares[i];
            if (await session.TellAsync(shards[i][0].Asked, cancellation, "CLUSTER", "ADDSLOTSRANGE", Say.Number(first), Say.Number(last)) is { } refused)
            {
                return refused;
            }
        }

        var seed = shards[0][0].Self.Address;
        var meetings = await Task.WhenAll(shards.SelectMany(shard => shard).Where(node => node != shards[0][0])
            .Select(node => session.TellAsync(node.Asked, cancellation, "CLUSTER", "MEET", seed.Host, Say.Number(seed.Port))));
        if (meetings.FirstOrDefault(refused => refused is not null) is { } apart)
        {
            return apart;
        }

        var (_, failure) = await session.UntilAsync("one cluster", ToForm, view => MissingNodes(view, count), cancellation);
        if (failure is not null)
        {
            return failure;
        }

        await session.SayAsync("all nodes have met");
        foreach (var shard in shards)
        {
            foreach (var replica in shard.Skip(1))
            {
                if (await session.TellAsync(replica.Asked, cancellation, "CLUSTER", "REPLICATE", shard[0].Id) is { } refused)
                {
                    return refused;
                }
            }
        }

        (_, failure) = await session.UntilAsync("the cluster", ToForm, view => MissingNodes(view, count) ?? shards
            .SelectMany(shard => shard.Skip(1).Select(replica => Joining.MissingReplica(view, replica.Id, shard[0].Id)))
            .FirstOrDefault(lack => lack is not null), cancellation);
        return failure;
    }

    private static string? MissingNodes(ClusterView view, int count) =>
        view.Members.Count != count ? $"{view.Best.Asked} knows {view.Members.Count} of {count} nodes"
        : view.FreeSlots.Count > 0 ? $"{Say.Slots(SlotRanges.Count(view.FreeSlots))} are not owned yet"
        : view.Members.Select(member => Joining.MissingMember(view, member.Id)).FirstOrDefault(lack => lack is not null)
            ?? (view.Reports.FirstOrDefault(report => !report.IsClusterOk) is { } down ? $"the cluster is not ok, says {down.Asked}" : null);

    private static string? Problem(IReadOnlyList<HostPort> addresses, int replicas) =>
        addresses.Count == 0 ? "cluster create: name the nodes, as host:port ..."
        : replicas < 0 ? "cluster create: --replicas must not be negative."
        : addresses.GroupBy(address => address).FirstOrDefault(group => group.Count() > 1) is { } twice ? $"cluster create: {twice.Key} is named twice."
        : addresses.Count < replicas + 1 ? $"cluster create: a primary with {Say.Some(replicas, "replica", "replicas")} needs {replicas + 1} nodes, {addresses.Count} are named."
        : null;

    private static string? NotAlone(NodeReport node) =>
        node.KnownNodes > 1 ? $"{node.Asked} is in a cluster of {node.KnownNodes} nodes already. `trefoil cluster add` adds nodes to one; CLUSTER RESET HARD makes a node alone again."
        : node.Self.Ranges.Count > 0 ? $"{node.Asked} owns {Say.Slots(SlotRanges.Count(node.Self.Ranges))} already: CLUSTER RESET HARD makes it empty."
        : node.Keys > 0 ? $"{node.Asked} holds {node.Keys} keys: FLUSHALL empties it."
        : null;

    private static string? Twins(List<NodeReport> nodes) =>
        nodes.GroupBy(node => node.Id, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twins
            ? $"{string.Join(" and ", twins.Select(node => node.Asked))} are one node."
            : null;

    private static string Table(List<List<NodeReport>> shards) => TextTable.Format(
        ["PRIMARY", "SLOTS", "ZONE", "REPLICAS"],
        [
            .. shards.Zip(SlotShares.Even(shards.Count), (shard, share) => new[]
            {
                shard[0].Asked.ToString(), $"{share.First}-{share.Last}", shard[0].Zone.Length > 0 ? shard[0].Zone : "-",
                shard.Count == 1 ? "-" : string.Join(' ', shard.Skip(1).Select(replica => replica.Zone.Length > 0 ? $"{replica.Asked}({replica.Zone})" : replica.Asked.ToString())),
            }),
        ]);

    private static string Json(ClusterSession session, List<List<NodeReport>> shards) => VerbJson.Of(session, "create", json =>
        json.Objects("shards", shards.Zip(SlotShares.Even(shards.Count)), entry =>
        {
            json.WriteString("primary", entry.First[0].Id);
            json.WriteString("address", entry.First[0].Asked.ToString());
            json.Strings("ranges", [$"{entry.Second.First}-{entry.Second.Last}"]);
            json.Strings("replicas", entry.First.Skip(1).Select(replica => replica.Asked.ToString()));
        }));
}

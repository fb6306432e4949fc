using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Printing;

namespace Trefoil.Cli.Cluster.Verbs;

/// <summary><c>failover NODE [--force]</c>: a replica takes over from its primary.</summary>
internal static class FailoverVerb
{
    private static readonly TimeSpan ToTakeOver = TimeSpan.FromSeconds(30);

    /// <param name="session">Who is asked.</param>
    /// <param name="name">The replica, or the primary that is to give up its place to its best replica.</param>
    /// <param name="isForced">Without the primary's help: for one that is dead or stuck.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public static async Task<CliFailure?> RunAsync(ClusterSession session, string name, bool isForced, CancellationToken cancellation)
    {
        var (view, failure) = await session.LookSettledAsync(cancellation);
        if (view is null)
        {
            return failure;
        }

        var (named, problem) = view.Resolve(name);
        if (named is null)
        {
            return CliFailure.Usage(problem!);
        }

        var replica = named.IsPrimary ? BestReplica(view, named) : named;
        if (replica?.Report is null)
        {
            return CliFailure.Failed(named.IsPrimary
                ? $"{named.Address} has no replica that could take over. Nothing was changed."
                : $"{named.Address} does not answer: {named.Failure} Nothing was changed.");
        }

        var danger = $"{replica.Address} takes over from {view.NameOf(replica.PrimaryId)} without its help: what that one acknowledged and {replica.Address} does not hold is lost.";
        if (session.DryRun)
        {
            return await ResultAsync(session, replica, isForced ? "would be lost: " + danger : $"would let {replica.Address} take over from {view.NameOf(replica.PrimaryId)}");
        }

        if (isForced && await session.ConfirmAsync(danger, replica.Address.ToString()) is { } refused)
        {
            return refused;
        }

        string[] command = isForced ? ["CLUSTER", "FAILOVER", "FORCE"] : ["CLUSTER", "FAILOVER"];
        var reply = await session.Calls.ChangeAsync(replica.Address, cancellation, command);
        if (Calls.NodeCalls.FailureOf(reply, replica.Address, command) is { } error)
        {
            return error;
        }

        var through = session with { Seed = replica.Address };
        var (_, late) = await through.UntilAsync($"that {replica.Address} takes over", ToTakeOver,
            seen => seen.Find(replica.Id) is not { IsPrimary: true } ? "it is no primary yet" : null, cancellation);
        return late ?? await ResultAsync(session, replica,
            $"done: {replica.Address} is the primary of {Say.Slots(view.Find(replica.PrimaryId)?.SlotCount ?? 0)}{(reply.Text is "OK" or null ? "" : $" ({reply.Text})")}");
    }

    /// <summary>Of those that count and are well the one that is furthest.</summary>
    private static MemberView? BestReplica(ClusterView view, MemberView primary) =>
        view.ReplicasOf(primary).Where(replica => replica.Report is not null)
            .OrderByDescending(replica => view.Counts(replica)).ThenByDescending(replica => replica.Health == "ok")
            .ThenByDescending(replica => replica.Report!.Offset).FirstOrDefault();

    private static async Task<CliFailure?> ResultAsync(ClusterSession session, MemberView replica, string text)
    {
        await session.Output.WriteLineAsync(session.IsJson
            ? VerbJson.Of(session, "failover", json =>
            {
                json.WriteString("primary", replica.Id);
                json.WriteString("address", replica.Address.ToString());
            })
            : text);
        return null;
    }
}

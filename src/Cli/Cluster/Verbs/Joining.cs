using Trefoil.Cli.Cluster.Picture;

namespace Trefoil.Cli.Cluster.Verbs;

/// <summary>When a change of membership is done. Pure: each names what is still missing, null if nothing is.</summary>
internal static class Joining
{
    /// <summary>The node is a member, everybody who answers knows it, and it shows the same map as they.</summary>
    public static string? MissingMember(ClusterView view, string id)
    {
        if (view.Find(id) is not { } member)
        {
            return "the node is no member yet";
        }

        if (member.Report is null || member.Health != "ok" || member.Line.Flags.Contains("handshake"))
        {
            return $"{member.Address} is {member.Health}";
        }

        var unaware = view.Reports.FirstOrDefault(report => report.Nodes.All(line => line.Id != id));
        return unaware is not null ? $"{unaware.Asked} does not know it yet" : Check(view);
    }

    /// <summary>Nobody who answers has the node among its members.</summary>
    public static string? StillMember(ClusterView view, string id) =>
        view.Reports.FirstOrDefault(report => report.Nodes.Any(line => line.Id == id)) is { } aware ? $"{aware.Asked} still shows it" : Check(view);

    /// <summary>The replica follows this primary, has its data, and can take over from it.</summary>
    public static string? MissingReplica(ClusterView view, string id, string primary)
    {
        if (view.Find(id) is not { } replica || replica.PrimaryId != primary)
        {
            return $"the node is no replica of {view.NameOf(primary)} yet";
        }

        return replica.Report is not { IsSynced: true } ? $"{replica.Address} has not copied the data of {view.NameOf(primary)} yet"
            : !view.Counts(replica) ? $"{replica.Address} is not in the replica set of {view.NameOf(primary)} yet"
            : null;
    }

    private static string? Check(ClusterView view) => Checking.Check.IsUnsettled(view) ? "the nodes show different topologies" : null;
}

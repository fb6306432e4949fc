using System.Globalization;
using Trefoil.Cluster.Failover.Load;
using Trefoil.Primitives;

namespace Trefoil.Cluster.Failover.Clusters;

/// <summary>One line of CLUSTER NODES.</summary>
internal sealed record ClusterNode(string Id, HostPort Address, IReadOnlyList<string> Flags, string? PrimaryId, string Slots)
{
    public bool IsPrimary => Flags.Contains("master") && Slots.Length > 0;

    public bool Fails => Flags.Any(f => f.StartsWith("fail", StringComparison.Ordinal));

    public static IReadOnlyList<ClusterNode> Parse(string text) =>
    [
        .. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            var parts = line.Split(' ');
            var at = parts[1][..parts[1].IndexOf('@', StringComparison.Ordinal)];
            var colon = at.LastIndexOf(':');
            return new ClusterNode(
                parts[0], new HostPort(at[..colon], int.Parse(at[(colon + 1)..], CultureInfo.InvariantCulture)), parts[2].Split(','),
                parts[3] == "-" ? null : parts[3], string.Join(' ', parts.Skip(8)));
        }),
    ];
}

/// <summary>Asks one node of a cluster something, on a connection of its own.</summary>
internal static class NodeTalk
{
    private static readonly LoadOptions Patient = new() { ReplyTimeout = TimeSpan.FromSeconds(10), ConnectTimeout = TimeSpan.FromSeconds(2) };

    /// <summary>The reply as text, an error included; empty if none came.</summary>
    public static string Say(HostPort node, params string[] command)
    {
        using var connection = LoadConnection.Open(node, FailoverLoad.Tcp, Patient);
        return connection?.Call(command) is [var reply] ? reply.Text ?? string.Join(' ', reply.Items?.Select(i => i.Text) ?? []) : "";
    }

    public static IReadOnlyList<ClusterNode> Nodes(HostPort asked) => ClusterNode.Parse(Say(asked, "CLUSTER", "NODES"));

    /// <summary>A field of INFO replication; empty if it is absent.</summary>
    public static string Replication(HostPort node, string field) =>
        Say(node, "INFO", "replication").Split("\r\n").FirstOrDefault(l => l.StartsWith(field + ":", StringComparison.Ordinal))?[(field.Length + 1)..] ?? "";
}

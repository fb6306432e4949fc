using System.Globalization;
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

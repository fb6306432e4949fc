using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Cli.Cluster.Picture;

/// <summary>One moment of a cluster as its members tell it. Pure: composed of their reports.</summary>
/// <param name="Best">The report of the node that knows most: the highest topology version.</param>
/// <param name="Members">Primaries by their first slot, those without slots last, each followed by its replicas.</param>
internal sealed record ClusterView(NodeReport Best, IReadOnlyList<MemberView> Members)
{
    public IEnumerable<MemberView> Primaries => Members.Where(member => member.IsPrimary);

    public IEnumerable<NodeReport> Reports => Members.Select(member => member.Report).OfType<NodeReport>();

    public int AssignedSlots => Members.Sum(member => member.SlotCount);

    public IReadOnlyList<SlotRange> FreeSlots => SlotRanges.Missing(Members.SelectMany(member => member.Ranges));

    /// <summary>Every migration that anybody told of, once, oldest first; null if nobody has the command.</summary>
    public IReadOnlyList<MigrationRow>? Migrations =>
        Reports.Any(report => report.Migrations is not null)
            ? [.. Reports.OrderByDescending(report => report.TopologyVersion).SelectMany(report => report.Migrations ?? [])
                .GroupBy(row => row.Name, StringComparer.Ordinal).Select(Told).OrderBy(row => row.Created).ThenBy(row => row.Name, StringComparer.Ordinal)]
            : null;

    public IEnumerable<MigrationRow> RunningMigrations => (Migrations ?? []).Where(row => row.IsRunning);

    /// <summary>Composes a picture of the answers: of each member its report, or why there is none.</summary>
    public static ClusterView From(IReadOnlyList<NodeReport> reports, IReadOnlyDictionary<string, string> failures)
    {
        var best = reports.MaxBy(report => report.TopologyVersion)!;
        var members = best.Nodes.Select(line =>
        {
            var report = reports.FirstOrDefault(candidate => candidate.Id == line.Id);
            return new MemberView(line, report, report is null ? failures.GetValueOrDefault(line.Id, "it was not asked") : null);
        }).ToList();
        var primaries = members.Where(member => member.IsPrimary || members.All(other => other.Id != member.PrimaryId))
            .OrderBy(member => member.Ranges.Count == 0 ? HashSlot.Count : member.Ranges[0].Start)
            .ThenBy(member => member.Address.Host, StringComparer.Ordinal).ThenBy(member => member.Address.Port);
        return new ClusterView(best,
        [
            .. primaries.SelectMany(primary => members.Where(member => member.PrimaryId == primary.Id && member != primary)
                .OrderBy(replica => replica.Address.Host, StringComparer.Ordinal).ThenBy(replica => replica.Address.Port).Prepend(primary)),
        ]);
    }

    public MemberView? Find(string id) => Members.FirstOrDefault(member => member.Id == id);

    public IEnumerable<MemberView> ReplicasOf(MemberView primary) => Members.Where(member => member.PrimaryId == primary.Id);

    /// <summary>True if a replica is in its shard's replica set, or nobody says who is.</summary>
    public bool Counts(MemberView replica) =>
        Find(replica.PrimaryId)?.Report?.ReplicaSet is not { Count: > 0 } set || set.Contains(replica.Id);

    /// <summary>The address for a member, the first digits of the id for anybody else.</summary>
    public string NameOf(string id) => Find(id)?.Address.ToString() ?? (id.Length > 8 ? id[..8] : id);

    /// <summary>The member that somebody named by its address, its id or the first digits of it; the text says why there is none.</summary>
    public (MemberView? Member, string? Problem) Resolve(string name)
    {
        var found = Members.Where(member => member.Address.ToString() == name || member.Id == name).ToList();
        if (found.Count == 0 && name.Length >= ShortestPrefix && name.All(char.IsAsciiHexDigit))
        {
            found = [.. Members.Where(member => member.Id.StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        }

        return found.Count switch
        {
            1 => (found[0], null),
            0 => (null, $"'{name}' is no member of this cluster. Its members are {string.Join(", ", Members.Select(member => member.Address))}; an id, or its first {ShortestPrefix} digits or more, will do too."),
            _ => (null, $"'{name}' could be {string.Join(" or ", found.Select(member => $"{member.Address} ({member.Id})"))}: say more of the id."),
        };
    }

    private const int ShortestPrefix = 4;

    /// <summary>Of several nodes' words about one migration those of its source, which knows how far the copy is.</summary>
    private static MigrationRow Told(IEnumerable<MigrationRow> rows)
    {
        var all = rows.ToList();
        return all.OrderByDescending(row => !row.IsRunning).ThenByDescending(row => row.IsExport).ThenByDescending(row => row.SlotsCopied).First();
    }
}

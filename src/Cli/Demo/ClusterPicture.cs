using Trefoil.Cli.Local;

namespace Trefoil.Cli.Demo;

/// <summary>One moment of the cluster, as its most up-to-date node tells it.</summary>
/// <param name="Answering">Per process, in order: whether it answered.</param>
/// <param name="Ids">Per process, in order: its id, once it was heard.</param>
/// <param name="Members">Everybody in the topology, by id.</param>
/// <param name="Leader">Id of the Raft leader; empty if there is none.</param>
/// <param name="Term">Raft's term.</param>
/// <param name="Voters">Ids of Raft's voters, sorted.</param>
/// <param name="StateOk">cluster_state is ok.</param>
internal sealed record ClusterPicture(
    IReadOnlyList<bool> Answering, IReadOnlyList<string> Ids, IReadOnlyDictionary<string, MemberPicture> Members,
    string Leader, string Term, IReadOnlyList<string> Voters, bool StateOk)
{
    /// <summary>Composes a picture; where nobody answers, what <paramref name="before"/> showed is kept.</summary>
    public static ClusterPicture From(IReadOnlyList<NodeView?> views, ClusterPicture? before)
    {
        var ids = views.Select((v, i) => v?.Id ?? before?.Ids[i] ?? "").ToList();
        var answering = views.Select(v => v is not null).ToList();
        var best = views.Where(v => v is not null).MaxBy(v => ulong.TryParse(v!.TopologyVersion, out var version) ? version : 0);
        if (best is null)
        {
            return before is null
                ? new ClusterPicture(answering, ids, new Dictionary<string, MemberPicture>(), "", "", [], false)
                : before with { Answering = answering, StateOk = false };
        }

        var members = best.Nodes.Where(n => n.Length >= 8).ToDictionary(
            n => n[0],
            n => new MemberPicture(n[1].Split('@')[0], Health(n[2]), n.Skip(8).Sum(NodeView.SlotCount)),
            StringComparer.Ordinal);
        return new ClusterPicture(
            answering, ids, members, best.Raft.GetValueOrDefault("raft_leader", ""), best.Raft.GetValueOrDefault("raft_term", ""),
            [.. best.Voters.Order(StringComparer.Ordinal)], best.StateOk);
    }

    /// <summary>"node 2" for one of the demo's processes, the address for anybody else.</summary>
    public string NameOf(string id)
    {
        var index = Ids.ToList().IndexOf(id);
        return index >= 0 ? $"node {index + 1}" : Members.TryGetValue(id, out var member) ? member.Address : id;
    }

    private static string Health(string flags) =>
        flags.Split(',') is var all && all.Contains("fail") ? "dead" : all.Contains("fail?") ? "suspected" : "alive";
}

/// <summary>One member as CLUSTER NODES shows it; health is alive, suspected or dead.</summary>
internal sealed record MemberPicture(string Address, string Health, int Slots);

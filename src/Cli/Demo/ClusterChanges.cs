namespace Trefoil.Cli.Demo;

/// <summary>Says in words what differs between two pictures of a cluster. Pure.</summary>
internal static class ClusterChanges
{
    public static IReadOnlyList<string> Between(ClusterPicture before, ClusterPicture now)
    {
        var changes = new List<string>();
        for (var i = 0; i < now.Answering.Count; i++)
        {
            if (before.Answering[i] != now.Answering[i])
            {
                changes.Add(now.Answering[i] ? $"node {i + 1} answers again" : $"node {i + 1} stopped answering");
            }
        }

        Members(before, now, changes);
        if (now.Leader.Length > 0 && (now.Leader, now.Term) != (before.Leader, before.Term))
        {
            changes.Add($"{now.NameOf(now.Leader)} leads Raft in term {now.Term}");
        }

        if (!now.Voters.SequenceEqual(before.Voters))
        {
            changes.Add($"Raft's voters are {string.Join(", ", now.Voters.Select(now.NameOf).Order(StringComparer.Ordinal))}");
        }

        if (now.StateOk != before.StateOk)
        {
            changes.Add(now.StateOk ? "the cluster is ok" : "the cluster is not ok");
        }

        return changes;
    }

    private static void Members(ClusterPicture before, ClusterPicture now, List<string> changes)
    {
        foreach (var id in before.Members.Keys.Union(now.Members.Keys).Order(StringComparer.Ordinal))
        {
            var old = before.Members.GetValueOrDefault(id);
            var current = now.Members.GetValueOrDefault(id);
            if (old is null || current is null)
            {
                changes.Add(old is null ? $"{now.NameOf(id)} joined" : $"{before.NameOf(id)} was removed");
                continue;
            }

            if (old.Health != current.Health)
            {
                changes.Add($"{now.NameOf(id)} is {current.Health}");
            }

            if (old.Slots != current.Slots)
            {
                changes.Add($"{now.NameOf(id)} owns {current.Slots} slots, before {old.Slots}");
            }
        }
    }
}

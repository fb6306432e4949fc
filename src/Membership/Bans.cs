using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>The ids that the topology removed. Membership would otherwise let them in again by their own gossip.</summary>
internal sealed class Bans
{
    private readonly List<NodeId> _oldestFirst = [];
    private readonly SortedSet<NodeId> _ids = [];

    public bool Contains(NodeId id) => _ids.Contains(id);

    /// <summary>At <see cref="SwimLimits.MaxBans"/> the oldest is forgotten.</summary>
    public void Add(NodeId id)
    {
        if (!_ids.Add(id))
        {
            return;
        }

        _oldestFirst.Add(id);
        if (_oldestFirst.Count > SwimLimits.MaxBans)
        {
            _ids.Remove(_oldestFirst[0]);
            _oldestFirst.RemoveAt(0);
        }
    }

    public void Remove(NodeId id)
    {
        if (_ids.Remove(id))
        {
            _oldestFirst.Remove(id);
        }
    }

    public void Clear()
    {
        _ids.Clear();
        _oldestFirst.Clear();
    }
}

using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>The leader keeps shards in replicas, and gives a cluster the settings its first nodes were started with.</summary>
public sealed partial class ControlNode
{
    private readonly SortedDictionary<NodeId, TimeSpan> _orphanSince = [];

    /// <summary>The topology in which no setting was missing: nothing to look for in it again.</summary>
    private Topology? _withSettings;

    private void MigrateReplicas(List<ControlEffect> effects)
    {
        if (!IsLeader)
        {
            _orphanSince.Clear();
            return;
        }

        var orphans = ReplicaMigration.Orphans(_machine.Topology, IsAlive).ToList();
        foreach (var gone in _orphanSince.Keys.Where(id => !orphans.Exists(shard => shard.Id == id)).ToArray())
        {
            _orphanSince.Remove(gone);
        }

        foreach (var orphan in orphans)
        {
            _orphanSince.TryAdd(orphan.Id, _now);
            if (_now - _orphanSince[orphan.Id] >= _config.OrphanStability
                && !IsProposed<TopologyCommand.Replicate>(_ => true)
                && ReplicaMigration.Spare(_machine.Topology, IsAlive) is { } spare)
            {
                Note(ControlEvent.ReplicaMoves, $"{spare.Id} to shard {orphan.Id}, which has no living replica", effects);
                var command = new TopologyCommand.Replicate(NextRequest(), spare.Id, orphan.Primary);
                Start(new Pending(command, Timeout(command)) { Then = static (_, _) => { } }, effects);
            }
        }
    }

    /// <summary>Each setting once: what an operator changes later stays.</summary>
    private void ProposeSettings(List<ControlEffect> effects)
    {
        if (!IsLeader || ReferenceEquals(_withSettings, _machine.Topology))
        {
            return;
        }

        var isMissing = false;
        foreach (var (key, value) in _config.Settings)
        {
            if (_machine.Topology.SettingOf(key) is null)
            {
                isMissing = true;
                ProposeSetting(key, value, effects);
            }
        }

        _withSettings = isMissing ? null : _machine.Topology;
    }

    private void ProposeSetting(string key, string value, List<ControlEffect> effects)
    {
        if (!IsProposed<TopologyCommand.SetSetting>(set => set.Key == key))
        {
            var command = new TopologyCommand.SetSetting(NextRequest(), key, value);
            Start(new Pending(command, Timeout(command)) { Then = static (_, _) => { } }, effects);
        }
    }
}

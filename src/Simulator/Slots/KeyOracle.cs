using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Slots;

/// <summary>What clients were told of keys, wherever their slot was at the time, judged as it is told (correctness.md, 7).</summary>
internal sealed class KeyOracle(Simulation world)
{
    private readonly Dictionary<(ClusterId Cluster, int Slot, int Key), ulong> _shown = [];
    private readonly Dictionary<(ClusterId Cluster, int Slot, int Key, ulong Version), uint> _history = [];

    /// <summary>Of this version or a later one every call that begins now must tell.</summary>
    public ulong Shown(ClusterId cluster, int slot, int key) => _shown.GetValueOrDefault((cluster, slot, key));

    public void Answered(KeyCall call, ulong value)
    {
        var (version, unique) = (value >> 32, (uint)value);
        if (version < call.Floor)
        {
            throw new OracleViolation($"key {call.Slot}.{call.Key} shows version {version}; version {call.Floor} was shown before the call");
        }

        if (!_history.TryAdd((call.Cluster, call.Slot, call.Key, version), unique) && _history[(call.Cluster, call.Slot, call.Key, version)] != unique)
        {
            throw new OracleViolation(
                $"key {call.Slot}.{call.Key} has two values of version {version}: {unique} and {_history[(call.Cluster, call.Slot, call.Key, version)]}");
        }

        var key = (call.Cluster, call.Slot, call.Key);
        _shown[key] = Math.Max(_shown.GetValueOrDefault(key), version);
        world.Counts.Add(call.IsWrite ? SimulationCounts.Progress.KeysWritten : SimulationCounts.Progress.KeysRead);
    }

    /// <summary>At no moment may two nodes of a cluster execute commands on one slot.</summary>
    public void CheckServers()
    {
        for (var slot = 0; slot < ModelSlots.Count; slot++)
        {
            var servers = world.Nodes.Where(node => node.Up && node.Migrations.Executes(slot)).ToList();
            if (servers.GroupBy(node => node.Replica.Cluster).FirstOrDefault(cluster => cluster.Count() > 1) is { } two)
            {
                throw new OracleViolation($"{string.Join(" and ", two.Select(node => $"n{node.Index}"))} execute commands on slot {slot}");
            }
        }
    }

    /// <summary>In the end every key is where its slot is owned, with the last write that was acknowledged, and nowhere else.</summary>
    public string? Problem()
    {
        CheckServers();
        foreach (var node in world.Nodes.Where(node => node.Up && node.Replica.Answers && node.Replica.Topology.Nodes.Count > 1))
        {
            var (topology, shard) = (node.Replica.Topology, node.Replica.Shard!);
            var answering = world.Nodes.Where(each => each.Up && each.Replica.Answers && each.Replica.Cluster == node.Replica.Cluster)
                .Select(each => each.Replica.Shard!.Id).ToList();
            if (topology.Migrations.FirstOrDefault(record => !record.IsClean && answering.Contains(record.Source)
                && (record.State == MigrationState.Running || record.Cleaner == record.Source || answering.Contains(record.Target))) is { } open)
            {
                return $"migration {open.Id} is {open.State} and not clean";
            }

            foreach (var copy in world.Nodes.Where(copy => copy.Up && copy.Replica.Cluster == node.Replica.Cluster && copy.Replica.Shard?.Id == shard.Id))
            {
                CheckKeys(copy, topology, shard);
            }
        }

        return null;
    }

    private void CheckKeys(SimulatedNode copy, Topology topology, ShardRecord shard)
    {
        for (var slot = 0; slot < ModelSlots.Count; slot++)
        {
            var owns = topology.Owns(shard.Primary, slot);
            var mayHold = topology.Migrations.Any(record => !record.IsClean && record.Contains(slot));
            for (var key = 0; key < ModelSlots.Keys; key++)
            {
                var value = copy.Migrations.Slots[slot, key].Value;
                if (!owns && value != 0 && !mayHold)
                {
                    throw new OracleViolation($"n{copy.Index} holds key {slot}.{key}, whose slot another shard owns");
                }

                if (owns && value >> 32 < Shown(topology.ClusterId, slot, key))
                {
                    throw new OracleViolation(
                        $"n{copy.Index} has version {value >> 32} of key {slot}.{key}, but {Shown(topology.ClusterId, slot, key)} was acknowledged");
                }
            }
        }
    }
}

/// <summary>One call of a client on a key: a write of a value that nobody writes twice, or a read.</summary>
internal sealed class KeyCall(KeyOracle oracle, ClusterId cluster, int slot, int key, uint unique, TimeSpan at)
{
    private ulong _value;

    public ClusterId Cluster => cluster;

    public int Slot => slot;

    public int Key => key;

    public uint Unique => unique;

    public bool IsWrite => unique != 0;

    /// <summary>When it was made: it does not wait for ever.</summary>
    public TimeSpan At => at;

    /// <summary>What had been shown before the call was made: it may not be undone.</summary>
    public ulong Floor { get; } = oracle.Shown(cluster, slot, key);

    public void Executed(ulong value) => _value = value;

    public void Answered() => oracle.Answered(this, _value);
}


namespace Trefoil.Unit.Migration;

/// <summary>One call on a key.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Key">Which of it.</param>
/// <param name="Unique">What is written; 0: it is read.</param>
/// <param name="Floor">The version that had been shown before the call was made.</param>
internal sealed record MoveCall(int Slot, int Key, uint Unique, ulong Floor);

/// <summary>Something that must never be.</summary>
internal sealed class MoveViolation(string message) : Exception(message);

/// <summary>Every key in one place, every acknowledged write in it, one node that executes.</summary>
internal sealed class MoveOracle(MoveWorld world)
{
    private readonly Dictionary<(int Slot, int Key), ulong> _shown = [];
    private readonly Dictionary<(int Slot, int Key, ulong Version), uint> _history = [];

    public ulong Shown(int slot, int key) => _shown.GetValueOrDefault((slot, key));

    public void Answered(MoveCall call, ulong value)
    {
        var (version, unique, key) = (value >> 32, (uint)value, (call.Slot, call.Key));
        if (version < call.Floor)
        {
            throw new MoveViolation($"key {key} shows version {version} after {call.Floor}");
        }

        if (!_history.TryAdd((call.Slot, call.Key, version), unique) && _history[(call.Slot, call.Key, version)] != unique)
        {
            throw new MoveViolation($"key {key} has two values of version {version}");
        }

        _shown[key] = Math.Max(_shown.GetValueOrDefault(key), version);
        world.Count(call.Unique == 0 ? "read" : "written");
    }

    public void CheckServers()
    {
        for (var slot = 0; slot < ModelSlots.Count; slot++)
        {
            var servers = world.Members.Count(member => member.Executes(slot));
            if (servers > 1)
            {
                throw new MoveViolation($"{servers} nodes execute commands on slot {slot}");
            }
        }
    }

    /// <summary>What is not yet as it must be in the end; null: all is.</summary>
    public string? Unfinished() =>
        world.Cluster.Topology.Migrations.FirstOrDefault(record => !record.IsClean) is { } open ? $"{open.State} and not clean"
        : world.Cluster.Topology.Shards.Any(shard => shard.IsElecting || world.Find(shard.Primary).Serving != shard.Epoch) ? "a shard without a primary"
        : world.Members.Any(member => member.Up && member.Seen.Version != world.Cluster.Topology.Version) ? "not everybody sees the topology"
        : world.Members.Any(member => !member.Slots.IsFree) ? "slots are held"
        : null;

    public void CheckEnd()
    {
        var topology = world.Cluster.Topology;
        foreach (var member in world.Members.Where(member => member.Serving != 0))
        {
            for (var at = 0; at < ModelSlots.Count * ModelSlots.Keys; at++)
            {
                var (slot, key) = (at / ModelSlots.Keys, at % ModelSlots.Keys);
                var value = member.Slots[slot, key].Value;
                if (!topology.Owns(member.Id, slot) && value != 0)
                {
                    throw new MoveViolation($"n{member.Number} holds key {slot}.{key} of somebody else");
                }

                if (topology.Owns(member.Id, slot) && value >> 32 < Shown(slot, key))
                {
                    throw new MoveViolation($"n{member.Number} has version {value >> 32} of key {slot}.{key}, not {Shown(slot, key)}");
                }
            }
        }
    }
}

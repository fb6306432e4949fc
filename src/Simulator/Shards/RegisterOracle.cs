using Trefoil.Primitives;

namespace Trefoil.Simulator.Shards;

/// <summary>What clients were told of the registers of each shard, judged as it is told (correctness.md, 1 and 2).</summary>
internal sealed class RegisterOracle(Simulation world)
{
    private readonly Dictionary<(ClusterId Cluster, NodeId Shard, int Register), ulong> _shown = [];
    private readonly List<(ClusterId Cluster, NodeId Shard, int Register, ulong Lsn, ulong Value)> _written = [];

    /// <summary>Of this record or a later one every call that begins now must tell.</summary>
    public ulong Shown(ClusterId cluster, NodeId shard, int register) => _shown.GetValueOrDefault((cluster, shard, register));

    public void Answered(RegisterCall call, ulong lsn, ulong value)
    {
        if (lsn < call.Floor)
        {
            throw new OracleViolation(
                $"register {call.Register} of {Narrator.Short(call.Shard)} shows {value} of record {lsn}; record {call.Floor} was shown before the call");
        }

        var key = (call.Cluster, call.Shard, call.Register);
        _shown[key] = Math.Max(_shown.GetValueOrDefault(key), lsn);
        world.Counts.Add(call.IsWrite ? SimulationCounts.Progress.Written : SimulationCounts.Progress.Read);
        if (call.IsWrite)
        {
            _written.Add((call.Cluster, call.Shard, call.Register, lsn, value));
        }
    }

    /// <summary>At no moment may two nodes answer for one shard.</summary>
    public void CheckServers()
    {
        foreach (var shard in world.Nodes.Where(node => node.Up && node.Replica.Answers).GroupBy(node => (node.Replica.Cluster, node.Replica.Shard!.Id)))
        {
            if (shard.Count() > 1)
            {
                throw new OracleViolation($"{string.Join(" and ", shard.Select(node => $"n{node.Index}"))} answer for shard {Narrator.Short(shard.Key.Id)}");
            }
        }
    }

    /// <summary>Whoever serves in the end has every acknowledged write, and its living copies are equal to it.</summary>
    public string? Problem()
    {
        foreach (var node in world.Nodes.Where(node => node.Up && node.Replica.Answers))
        {
            var (log, shard) = (node.Replica.Log, node.Replica.Shard!);
            foreach (var (cluster, id, register, lsn, value) in _written)
            {
                if (cluster == node.Replica.Cluster && id == shard.Id && log.Registers[register].Lsn < lsn)
                {
                    throw new OracleViolation($"n{node.Index} serves without the acknowledged write of {value} to register {register} at {lsn}");
                }
            }

            foreach (var copy in world.Nodes.Where(copy => copy.Up && copy != node && copy.Replica.Cluster == node.Replica.Cluster && copy.Replica.Shard?.Id == shard.Id))
            {
                if (!copy.Replica.Log.Registers.SequenceEqual(log.Registers))
                {
                    return $"n{copy.Index} ends at {copy.Replica.Log.LastLsn}, its primary n{node.Index} at {log.LastLsn}";
                }
            }
        }

        var silent = world.Nodes.FirstOrDefault(node => node.Up && node.Replica.Shard is { } shard && shard.Primary == node.Identity.Node && !node.Replica.Answers);
        return silent is null ? null : $"n{silent.Index} is a primary and does not answer";
    }
}

/// <summary>One call of a client: a write of a value that nobody writes twice, or a read.</summary>
internal sealed class RegisterCall(RegisterOracle oracle, ClusterId cluster, NodeId shard, int register, ulong value)
{
    private ulong _lsn;
    private ulong _seen;

    public ClusterId Cluster => cluster;

    public NodeId Shard => shard;

    public int Register => register;

    public ulong Value => value;

    public bool IsWrite => value != 0;

    /// <summary>What had been shown before the call was made: it may not be undone.</summary>
    public ulong Floor { get; } = oracle.Shown(cluster, shard, register);

    public void Executed(ulong lsn, ulong seen) => (_lsn, _seen) = (lsn, seen);

    public void Answered() => oracle.Answered(this, _lsn, _seen);
}

using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Shards;

/// <summary>What Raft's invariants are to a shard (correctness.md, 1 and 4): an epoch is begun once, by a log that holds all that was acknowledged; records match; the fenced take nothing.</summary>
internal sealed class ShardOracle(Simulation world)
{
    private readonly Dictionary<(ClusterId Cluster, NodeId Shard), (ulong Epoch, ulong Lsn, int Node)> _acknowledged = [];
    private readonly Dictionary<(ClusterId Cluster, ulong Epoch), NodeId> _begun = [];
    private readonly Dictionary<(ClusterId Cluster, NodeId Shard, ulong Epoch, ulong Lsn), ulong> _records = [];
    private readonly Dictionary<int, ulong> _said = [];
    private readonly Dictionary<int, (uint Life, ClusterId Cluster, ulong Epoch)> _fenced = [];

    /// <summary>Puts the oracle between the core of replication and a log.</summary>
    public IReplicatedLog Watch(SimulatedNode node, IReplicatedLog log) => new WatchedLog(this, node, log);

    /// <summary>The core of a primary says that replies up to here may leave.</summary>
    public void Acknowledged(SimulatedNode node, ulong epoch, ulong lsn)
    {
        if (node.Replica.Shard is { Mode: not ReplicationMode.Asynchronous } shard && lsn != ulong.MaxValue && shard.Epoch == epoch)
        {
            // What an epoch acknowledges first may be older than itself: the record counts by the epoch that wrote it.
            epoch = EpochAt(node.Keys.Replica.History, lsn);
            RequireCopies(shard, epoch, lsn);
            var key = (node.Replica.Cluster, shard.Id);
            if (!_acknowledged.TryGetValue(key, out var known) || (epoch, lsn).CompareTo((known.Epoch, known.Lsn)) > 0)
            {
                _acknowledged[key] = (epoch, lsn, node.Index);
            }
        }
    }

    /// <summary>Acknowledged is what the mode's count of the committed set holds at that moment (correctness.md, 1), whoever is alive.</summary>
    private void RequireCopies(ShardRecord shard, ulong epoch, ulong lsn)
    {
        if (world.Churns || lsn == 0)
        {
            return; // Sets are changed by hand there, without those in them.
        }

        var holders = shard.ReplicaSet.Count(member => Holds(member, epoch, lsn));
        var required = RequiredAcks.Of(shard.Mode, shard.ReplicaSet.Count);
        world.Counts.Add(SimulationCounts.Progress.AcknowledgementsJudged);
        if (holders < required)
        {
            throw new OracleViolation($"record {lsn} of epoch {epoch} of shard {Narrator.Short(shard.Id)} is acknowledged, and {holders} of {shard.ReplicaSet.Count} members hold it where {required} must");
        }
    }

    private bool Holds(NodeId member, ulong epoch, ulong lsn)
    {
        foreach (var node in world.Nodes)
        {
            if (node.Identity.Node == member)
            {
                return _said.GetValueOrDefault(node.Index) >= lsn
                    || (node.Up && node.Keys.Replica.LastLsn >= lsn && EpochAt(node.Keys.Replica.History, lsn) == epoch);
            }
        }

        return false;
    }

    /// <summary>The control plane is told that this node takes nothing of epochs before this one.</summary>
    public void Fenced(SimulatedNode node, ClusterId cluster, ulong epoch) => _fenced[node.Index] = (node.Life, cluster, epoch);

    /// <summary>A copy tells its primary how much it holds: after a crash it is still there.</summary>
    public void Said(SimulatedNode node, ulong lsn) => _said[node.Index] = lsn;

    /// <summary>What it holds is no longer what it said: it is replaced, or its disk was damaged.</summary>
    public void Unsaid(SimulatedNode node) => _said.Remove(node.Index);

    /// <summary>A process starts with a log up to here.</summary>
    public void Started(SimulatedNode node, ulong lastLsn)
    {
        if (_said.Remove(node.Index, out var said))
        {
            world.Counts.Add(SimulationCounts.Progress.RecoveriesJudged);
            if (lastLsn < said)
            {
                throw new OracleViolation($"n{node.Index} said that it holds the log up to {said}, and starts with it up to {lastLsn}");
            }
        }
    }

    private void Begins(SimulatedNode node, IReplicatedLog log, ClusterId cluster, ulong epoch)
    {
        if (!_begun.TryAdd((cluster, epoch), node.Identity.Node))
        {
            throw new OracleViolation($"epoch {epoch} of {Narrator.Short(cluster)} is begun by n{node.Index} a second time");
        }

        world.Counts.Add(SimulationCounts.Progress.EpochsJudged);
        // Where members come and go, who was removed and joins again begins with an empty log, under the name of the shard that it was.
        if (world.Churns || node.Replica.Shard is not { } shard || !_acknowledged.TryGetValue((cluster, shard.Id), out var acknowledged) || shard.IsForced)
        {
            return;
        }

        if (world.Churns && log.History.Entries is [.., var last] && last.Cluster != cluster)
        {
            return; // It was in another cluster meanwhile, and may have come back with other keys.
        }

        if (log.LastLsn < acknowledged.Lsn || EpochAt(log.History, acknowledged.Lsn) != acknowledged.Epoch)
        {
            throw new OracleViolation(
                $"n{node.Index} begins epoch {epoch} of shard {Narrator.Short(shard.Id)} with a log that ends at {log.LastLsn} in epoch {log.History.LastEpoch(cluster)}; "
                + $"record {acknowledged.Lsn} of epoch {acknowledged.Epoch} was acknowledged by n{acknowledged.Node}");
        }
    }

    private void Appended(SimulatedNode node, IReplicatedLog log, ulong lsn, ReadOnlySpan<byte> record)
    {
        if (node.Replica.Shard is not { } shard)
        {
            return;
        }

        var (cluster, epoch) = (node.Replica.Cluster, EpochAt(log.History, lsn));
        if (_fenced.TryGetValue(node.Index, out var fence) && fence.Life == node.Life && fence.Cluster == cluster && shard.Epoch <= fence.Epoch && epoch < fence.Epoch
            && shard.IsElecting)
        {
            throw new OracleViolation($"n{node.Index} is fenced by epoch {fence.Epoch} and takes record {lsn} of epoch {epoch}");
        }

        var digest = Trace.HashOf(record);
        if (!_records.TryAdd((cluster, shard.Id, epoch, lsn), digest) && _records[(cluster, shard.Id, epoch, lsn)] != digest)
        {
            throw new OracleViolation($"n{node.Index} takes another record {lsn} of epoch {epoch} of shard {Narrator.Short(shard.Id)} than somebody else did");
        }

        world.Counts.Add(SimulationCounts.Progress.RecordsJudged);
    }

    private static ulong EpochAt(EpochHistory history, ulong lsn)
    {
        for (var i = history.Entries.Count - 1; i >= 0; i--)
        {
            if (history.Entries[i].FirstLsn <= lsn)
            {
                return history.Entries[i].Epoch;
            }
        }

        return 0;
    }

    private sealed class WatchedLog(ShardOracle oracle, SimulatedNode node, IReplicatedLog log) : PassingLog(log)
    {
        public override ulong BeginEpoch(ClusterId cluster, ulong epoch)
        {
            oracle.Begins(node, this, cluster, epoch);
            return base.BeginEpoch(cluster, epoch);
        }

        public override bool Append(ulong lsn, ReadOnlySpan<byte> record)
        {
            var known = base.Append(lsn, record);
            oracle.Appended(node, this, lsn, record);
            return known;
        }

        public override void Install(ulong transfer)
        {
            oracle.Unsaid(node);
            base.Install(transfer);
        }
    }
}

using Trefoil.Sharding;
using Trefoil.Simulator.Clients;

namespace Trefoil.Simulator.Shards;

/// <summary>Who answers, and whether the copies of a shard are copies (correctness.md, 1, 3 and 7).</summary>
internal sealed class CopyOracle(Simulation world)
{
    /// <summary>At no moment may two nodes answer for one shard, or execute commands on one slot.</summary>
    public void CheckServers()
    {
        var serving = world.Nodes.Where(node => node.Keys.Answers).ToList();
        for (var i = 0; i < serving.Count; i++)
        {
            for (var j = i + 1; j < serving.Count; j++)
            {
                var (one, other) = (serving[i], serving[j]);
                if (one.Replica.Cluster != other.Replica.Cluster)
                {
                    continue;
                }

                if (one.Replica.Shard?.Id == other.Replica.Shard?.Id)
                {
                    throw new OracleViolation($"n{one.Index} and n{other.Index} answer for shard {Narrator.Short(one.Replica.Shard!.Id)}");
                }

                // One map gives a slot to one node: most of the time nothing is left to ask. Where slots are given to anybody without their owner's
                // consent, the old one learns of it later.
                if (world.Churns || one.Keys.Server.View.Topology.Version == other.Keys.Server.View.Topology.Version)
                {
                    continue;
                }

                foreach (var slot in TestKeys.All)
                {
                    if (one.Migrations.Executes(slot) && other.Migrations.Executes(slot))
                    {
                        throw new OracleViolation($"n{one.Index} and n{other.Index} execute commands on slot {slot}");
                    }
                }
            }
        }
    }

    /// <summary>Whoever stands at the same record of the same epoch holds the same keys.</summary>
    public void Compare()
    {
        foreach (var shard in world.Nodes.Where(node => node.Up && node.Replica.Shard is not null).GroupBy(node => (node.Replica.Cluster, node.Replica.Shard!.Id)))
        {
            foreach (var level in shard.GroupBy(node => (node.Keys.Storage.Log.LastLsn, Epoch: node.Keys.Replica.History.LastEpoch(shard.Key.Cluster))))
            {
                SimulatedNode[] same = [.. level.Where(node => level.Key.Epoch > 0 && node.Keys.Storage.Log.IsConsistent)];
                var first = same.Length > 1 ? same[0].Keys.Digest() : "";
                if (same.Skip(1).FirstOrDefault(node => node.Keys.Digest() != first) is { } other)
                {
                    throw new OracleViolation($"n{same[0].Index} and n{other.Index} both end at {level.Key.LastLsn} in epoch {level.Key.Epoch} and hold different keys: "
                        + string.Join(", ", same[0].Keys.Contents().Except(other.Keys.Contents()).Take(3)) + " instead of "
                        + string.Join(", ", other.Keys.Contents().Except(same[0].Keys.Contents()).Take(3)));
                }

                world.Counts.Add(SimulationCounts.Progress.CopiesCompared, same.Length / 2);
            }
        }
    }

    /// <summary>In the end every primary answers, its copies are equal to it, migrations are over and clean, and keys are only where their slot is owned.</summary>
    public string? Problem()
    {
        CheckServers();
        foreach (var node in world.Nodes.Where(node => node.Keys.Answers && node.Replica.Topology.Nodes.Count > 1))
        {
            if ((OpenSlot(node) ?? OpenMigration(node) ?? Lagging(node)) is { } problem)
            {
                return problem;
            }
        }

        var silent = world.Nodes.FirstOrDefault(node => node.Up && !node.Control.IsOffered && node.Replica.Shard is { } shard && shard.Primary == node.Identity.Node && !node.Keys.Answers);
        return silent is null ? null : $"n{silent.Index} is a primary and does not answer";
    }

    /// <summary>Between two shards of which somebody lives.</summary>
    private string? OpenSlot(SimulatedNode node)
    {
        if (world.Churns)
        {
            return null;
        }

        var answering = world.Nodes.Where(each => each.Keys.Answers && each.Replica.Cluster == node.Replica.Cluster).Select(each => each.Identity.Node).ToList();
        foreach (var mark in node.Replica.Topology.Marks.Where(mark => answering.Contains(mark.Holder) && answering.Contains(mark.Peer)))
        {
            return $"slot {mark.Slot} is still open";
        }

        return null;
    }

    private string? OpenMigration(SimulatedNode node)
    {
        var answering = world.Nodes.Where(each => each.Keys.Answers && each.Replica.Cluster == node.Replica.Cluster)
            .Select(each => each.Replica.Shard!.Id).ToList();
        return node.Replica.Topology.Migrations.FirstOrDefault(record => !record.IsClean && answering.Contains(record.Source)
            && (record.State == MigrationState.Running || record.Cleaner == record.Source || answering.Contains(record.Target))) is { } open
            ? $"migration {open.Id} is {open.State} and not clean" : null;
    }

    private string? Lagging(SimulatedNode node)
    {
        var (shard, topology, digest) = (node.Replica.Shard!, node.Replica.Topology, node.Keys.Digest());
        foreach (var copy in world.Nodes.Where(copy => copy.Up && copy.Replica.Cluster == node.Replica.Cluster && copy.Replica.Shard?.Id == shard.Id))
        {
            var (here, there) = (copy.Keys.Replica.LastLsn, node.Keys.Replica.LastLsn);
            if (here != there)
            {
                return $"n{copy.Index} ends at {here}, its primary n{node.Index} at {there}";
            }

            if (copy.Keys.Digest() != digest)
            {
                throw new OracleViolation($"n{copy.Index} and its primary n{node.Index} both end at {there} and hold different keys");
            }

            // Where slots are given away without their keys, the keys stay behind.
            if (!world.Churns && TestKeys.All.FirstOrDefault(slot => copy.Keys.Store.CountIn(slot) > 0 && !topology.Owns(shard.Primary, slot)
                && !topology.Migrations.Any(record => !record.IsClean && record.Contains(slot)) && !topology.Marks.Any(mark => mark.Slot == slot), -1) is var slot and >= 0)
            {
                throw new OracleViolation($"n{copy.Index} holds keys of slot {slot}, which another shard owns");
            }
        }

        return null;
    }
}

using System.Globalization;
using Trefoil.KeyValue.Commands.Cluster;
using Trefoil.KeyValue.Server;
using Trefoil.Replication;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>INFO replication: Redis' fields, where an offset is a record's LSN, then what a replica set adds.</summary>
internal static class InfoReplication
{
    private const string NoReplicationId = "0000000000000000000000000000000000000000";

    public static void Write(InfoText text, KeyValueServer server)
    {
        var topology = server.Cluster.Topology;
        var shard = topology.ShardOf(server.Cluster.Self);
        var status = server.Replication.Status;
        var offset = ClusterReplies.OffsetHere(server);
        if (topology.Find(server.View.Primary) is { } primary)
        {
            text.Add("role", "slave");
            Replica(text, server, primary, status, offset);
            text.Add("connected_slaves", 0);
        }
        else
        {
            text.Add("role", "master");
            Followers(text, server, topology);
        }

        text.Add("master_failover_state", "no-failover");
        text.Add("master_replid", shard is null ? server.RunId : ReplicationId(shard));
        text.Add("master_replid2", NoReplicationId);
        text.Add("master_repl_offset", offset);
        text.Add("second_repl_offset", -1);
        var backlog = server.Replication.Backlog();
        text.Add("repl_backlog_active", backlog is null ? 0 : 1);
        text.Add("repl_backlog_size", server.Settings.ReplicationBacklogBytes);
        text.Add("repl_backlog_first_byte_offset", backlog?.FirstLsn ?? 0);
        text.Add("repl_backlog_histlen", backlog?.Bytes ?? 0);
        if (shard is not null)
        {
            ReplicaSet(text, topology, shard, status);
        }
    }

    /// <summary>The same on every member of a shard, another one in every epoch: 40 hex digits.</summary>
    private static string ReplicationId(ShardRecord shard) => string.Create(CultureInfo.InvariantCulture, $"{shard.Id}{(uint)shard.Epoch:x8}");

    private static void Replica(InfoText text, KeyValueServer server, NodeRecord primary, ReplicaStatus? status, long offset)
    {
        var silence = status?.LastHeard is { } heard ? server.Replication.SecondsSince(heard) : -1;
        var isUp = status is { LinkUp: true, Syncing: false };
        text.Add("master_host", primary.Endpoints.Host);
        text.Add("master_port", primary.Endpoints.RespPort);
        text.Add("master_link_status", isUp ? "up" : "down");
        text.Add("master_last_io_seconds_ago", isUp ? silence : -1);
        text.Add("master_sync_in_progress", status is { Syncing: true } ? 1 : 0);
        text.Add("slave_read_repl_offset", offset);
        text.Add("slave_repl_offset", offset);
        if (status is { Syncing: true })
        {
            text.Add("master_sync_total_bytes", status.SnapshotLength);
            text.Add("master_sync_read_bytes", status.SnapshotBytes);
            text.Add("master_sync_left_bytes", status.SnapshotLength - status.SnapshotBytes);
            var percent = status.SnapshotLength == 0 ? 0 : 100.0 * status.SnapshotBytes / status.SnapshotLength;
            text.Add("master_sync_perc", percent.ToString("F2", CultureInfo.InvariantCulture));
            text.Add("master_sync_last_io_seconds_ago", silence);
        }

        if (!isUp)
        {
            text.Add("master_link_down_since_seconds", silence);
        }

        text.Add("slave_priority", 100);
        text.Add("slave_read_only", 1);
        text.Add("replica_announced", 1);
    }

    private static void Followers(InfoText text, KeyValueServer server, Topology topology)
    {
        var connected = server.Replication.Connected(server.Cluster)
            .Select(follower => (Follower: follower, Node: topology.Find(follower.Id))).Where(entry => entry.Node is not null).ToList();
        text.Add("connected_slaves", connected.Count);
        if (server.Settings is { MinReplicasToWrite: > 0, MinReplicasMaxLag: > 0 })
        {
            text.Add("min_slaves_good_slaves", server.Replication.CountGood(server.Settings.MinReplicasMaxLag));
        }

        for (var i = 0; i < connected.Count; i++)
        {
            var (follower, node) = connected[i];
            var state = follower.State switch
            {
                FollowerState.Online => "online",
                FollowerState.SendSnapshot => "send_bulk",
                _ => "wait_bgsave",
            };
            text.Add(string.Create(CultureInfo.InvariantCulture, $"slave{i}"), string.Create(
                CultureInfo.InvariantCulture,
                $"ip={node!.Endpoints.Host},port={node.Endpoints.RespPort},state={state},offset={follower.ReceivedLsn},lag={server.Replication.SecondsSince(follower.LastHeard)}"));
        }
    }

    private static void ReplicaSet(InfoText text, Topology topology, ShardRecord shard, ReplicaStatus? status)
    {
        var alone = shard.ReplicaSet.Count == 1 && (shard.Mode != ReplicationMode.Asynchronous || topology.MembersOf(shard).Skip(1).Any());
        text.Add("replication_mode", ReplicationSettings.NameOf(shard.Mode));
        text.Add("replication_ack", ReplicationSettings.AckOf(topology));
        text.Add("replication_epoch", shard.Epoch);
        text.Add("replication_acked_offset", status?.AckedLsn ?? 0);
        text.Add("replication_dropped_records", status?.DroppedRecords ?? 0);
        text.Add("replica_set", string.Join(',', shard.ReplicaSet.Select(NodeRecord.RespIdOf)));
        text.Add("replica_set_size", shard.ReplicaSet.Count);
        if (alone)
        {
            text.Add("replica_set_warning", "one member alone holds what is acknowledged: if it dies, its slots are down until it returns");
        }
    }
}

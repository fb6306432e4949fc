using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Storage;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>ROLE, INFO replication, WAIT, CONFIG: what they say of replicas. Shapes and field names are those of redis-server 7.0.15.</summary>
public sealed class ReplicationReplyTests
{
    [Fact]
    public void ROLE_and_INFO_of_a_primary_with_replicas()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 0, out var session);
        using var _ = session;
        session.Server.Replication.Publish(cluster.Primary(lsn: 42, (1, 40, 39)) with { AckedLsn = 40 }, TimeSpan.FromSeconds(3));
        Assert.Equal(
            "*3\r\n$6\r\nmaster\r\n:42\r\n*1\r\n*3\r\n$8\r\n10.0.0.2\r\n$4\r\n7001\r\n$2\r\n40\r\n", session.Call("ROLE"));
        AssertFields(
            session,
            "role:master", "connected_slaves:1", "slave0:ip=10.0.0.2,port=7001,state=online,offset=40,lag=3", "master_failover_state:no-failover",
            "master_repl_offset:42", "second_repl_offset:-1", "repl_backlog_size:67108864", "replication_mode:asynchronous", "replication_ack:received",
            "replication_acked_offset:40", "replication_dropped_records:0", $"replica_set:{cluster.RespId(0)}", "replica_set_size:1",
            "replica_set_warning:one member alone holds what is acknowledged: if it dies, its slots are down until it returns");
        cluster.Join(1);
        Assert.DoesNotContain("replica_set_warning", session.Call("INFO replication"), StringComparison.Ordinal);
        AssertFields(session, "replica_set_size:2");
    }

    [Fact]
    public void A_follower_that_gets_a_snapshot_is_shown_as_Redis_shows_it()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 0, out var session);
        using var _ = session;
        var status = cluster.Primary(lsn: 42, (1, 0, 0));
        foreach (var (state, shown) in new[] { (FollowerState.WaitSnapshot, "wait_bgsave"), (FollowerState.SendSnapshot, "send_bulk") })
        {
            session.Server.Replication.Publish(status with { Followers = [status.Followers[0] with { State = state }] }, TimeSpan.Zero);
            AssertFields(session, $"slave0:ip=10.0.0.2,port=7001,state={shown},offset=0,lag=0");
            Assert.Equal("*3\r\n$6\r\nmaster\r\n:42\r\n*0\r\n", session.Call("ROLE"));
        }

        session.Server.Replication.Publish(status with { Followers = [status.Followers[0] with { State = FollowerState.Unknown }] }, TimeSpan.Zero);
        AssertFields(session, "connected_slaves:0");
    }

    [Fact]
    public void ROLE_and_INFO_of_a_replica()
    {
        ReplicaCommandTests.Replicated(self: 1, out var session);
        using var _ = session;
        Assert.Equal("*5\r\n$5\r\nslave\r\n$8\r\n10.0.0.1\r\n:7000\r\n$7\r\nconnect\r\n:0\r\n", session.Call("ROLE"));
        var status = new ReplicaStatus { Role = ReplicaRole.Replica, LinkUp = true, LastHeard = TimeSpan.FromSeconds(1), LastLsn = 17, DroppedRecords = 3 };
        session.Server.Replication.Publish(status, TimeSpan.FromSeconds(3));
        Assert.Equal("*5\r\n$5\r\nslave\r\n$8\r\n10.0.0.1\r\n:7000\r\n$9\r\nconnected\r\n:17\r\n", session.Call("ROLE"));
        AssertFields(
            session,
            "role:slave", "master_host:10.0.0.1", "master_port:7000", "master_link_status:up", "master_last_io_seconds_ago:2", "master_sync_in_progress:0",
            "slave_read_repl_offset:17", "slave_repl_offset:17", "slave_priority:100", "slave_read_only:1", "replica_announced:1", "connected_slaves:0",
            "master_repl_offset:17", "replication_dropped_records:3");
        session.Server.Replication.Publish(status with { Syncing = true, SnapshotBytes = 25, SnapshotLength = 100 }, TimeSpan.FromSeconds(3));
        Assert.Contains("$4\r\nsync\r\n", session.Call("ROLE"), StringComparison.Ordinal);
        AssertFields(
            session,
            "master_link_status:down", "master_last_io_seconds_ago:-1", "master_sync_in_progress:1", "master_sync_total_bytes:100",
            "master_sync_read_bytes:25", "master_sync_left_bytes:75", "master_sync_perc:25.00", "master_link_down_since_seconds:2");
        session.Server.Replication.Publish(status with { LinkUp = false }, TimeSpan.FromSeconds(9));
        Assert.Contains("$10\r\nconnecting\r\n", session.Call("ROLE"), StringComparison.Ordinal);
        AssertFields(session, "master_link_status:down", "master_link_down_since_seconds:8");
    }

    [Fact]
    public void Members_of_a_shard_show_one_replication_id_and_another_one_in_the_next_epoch()
    {
        var primary = ReplicaCommandTests.Replicated(self: 0, out var one);
        ReplicaCommandTests.Replicated(self: 1, out var two);
        using (one)
        using (two)
        {
            var id = Field(one, "master_replid");
            Assert.Equal(40, id.Length);
            Assert.Equal(id, Field(two, "master_replid"));
            primary.Join(1);
            primary.Promote(1);
            Assert.NotEqual(id, Field(one, "master_replid"));
        }
    }

    [Fact]
    public void WAIT_counts_the_replicas_that_have_what_the_client_wrote()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 0, out var session);
        using var _ = session;
        session.Client.WrittenLsn = 7;
        session.Server.Replication.Publish(cluster.Primary(lsn: 9, (1, 6, 6)), TimeSpan.Zero);
        Assert.Equal(":0\r\n", session.Call("WAIT 0 0"));
        Assert.Equal("", session.Call("WAIT 1 0"));
        session.Server.Replication.Publish(cluster.Primary(lsn: 9, (1, 7, 6)), TimeSpan.Zero);
        session.Client.Loop.Resume();
        Assert.Equal(":1\r\n", session.Send(""));
        Assert.Equal(":1\r\n", session.Call("WAIT 1 0"));
        Assert.Equal(":1\r\n", session.Call("WAIT 0 0"));
        session.Call("MULTI");
        session.Call("WAIT 5 0");
        Assert.Equal("*1\r\n:1\r\n", session.Call("EXEC"));

        using var reader = session.Another();
        Assert.Equal(":1\r\n", reader.Call("WAIT 1 0"));
    }

    [Fact]
    public void WAITAOF_counts_the_replicas_that_have_it_on_disk()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 0, out var session);
        using var _ = session;
        session.Client.WrittenLsn = 7;
        session.Server.Replication.Publish(cluster.Primary(lsn: 9, (1, 9, 6)), TimeSpan.Zero);
        Assert.Equal("*2\r\n:0\r\n:0\r\n", session.Call("WAITAOF 0 0 0"));
        Assert.Equal("", session.Call("WAITAOF 0 1 0"));
        session.Server.Replication.Publish(cluster.Primary(lsn: 9, (1, 9, 8)), TimeSpan.Zero);
        session.Client.Loop.Resume();
        Assert.Equal("*2\r\n:0\r\n:1\r\n", session.Send(""));
    }

    [Fact]
    public void A_replica_does_not_wait_for_replicas()
    {
        ReplicaCommandTests.Replicated(self: 1, out var session);
        using var _ = session;
        Assert.StartsWith("-ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0", session.Call("WAIT 1 0"), StringComparison.Ordinal);
        Assert.StartsWith("-ERR WAITAOF cannot be used with replica instances.", session.Call("WAITAOF 0 1 0"), StringComparison.Ordinal);
    }

    [Fact]
    public void CONFIG_SET_of_the_mode_is_committed_for_the_whole_cluster()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 0, out var session);
        using var _ = session;
        Assert.Equal("*2\r\n$16\r\nreplication-mode\r\n$12\r\nasynchronous\r\n", session.Call("CONFIG GET replication-mode"));
        Assert.Equal(
            "-ERR CONFIG SET failed (possibly related to argument 'replication-mode') - argument(s) must be one of the following: asynchronous, quorum, synchronous\r\n",
            session.Call("CONFIG SET replication-mode fast"));
        Assert.Equal("+OK\r\n", session.Call("CONFIG SET replication-mode Quorum timeout 7 replication-ack Received"));
        Assert.Equal(ReplicationMode.Quorum, cluster.Topology.WantedMode);
        Assert.Equal("received", cluster.Topology.SettingOf("replication_ack"));
        Assert.Equal("*2\r\n$16\r\nreplication-mode\r\n$6\r\nquorum\r\n", session.Call("CONFIG GET replication-mode"));
        Assert.Equal("*2\r\n$15\r\nreplication-ack\r\n$8\r\nreceived\r\n", session.Call("CONFIG GET replication-ack"));
        Assert.Equal("*2\r\n$7\r\ntimeout\r\n$1\r\n7\r\n", session.Call("CONFIG GET timeout"));
        Assert.NotNull(session.Server.Configure("replication-mode", "quorum"));
    }

    [Fact]
    public void Copies_count_when_durable_only_with_a_log()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 0, out var without);
        using (without)
        {
            Assert.Equal(
                "-ERR CONFIG SET failed (possibly related to argument 'replication-ack') - copies cannot be durable while appendonly is no\r\n",
                without.Call("CONFIG SET replication-ack Durable"));
            Assert.Null(cluster.Topology.SettingOf("replication_ack"));
        }

        var keys = new Keyspace();
        var options = new KeyStorageOptions { Sync = SyncPolicy.No, SegmentBytes = 1 << 20 };
        using var storage = Assert.IsType<KeyStorageResult.Opened>(KeyStorage.Open(new MemoryDisk(), options, keys, new Prng(1), TimeProvider.System)).Storage;
        storage.Start(failure => throw failure);
        using var server = new KeyValueServer(keys, cluster, TimeProvider.System, new ServerSettings(), new Prng(1), storage);
        using var session = new RespSession(cluster, server);
        Assert.Equal("+OK\r\n", session.Call("CONFIG SET replication-ack durable"));
        Assert.Equal("durable", cluster.Topology.SettingOf("replication_ack"));
    }

    [Fact]
    public void CONFIG_SET_that_the_cluster_does_not_agree_to_sets_nothing()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 0, out var session);
        using var _ = session;
        cluster.Hold = true;
        Assert.Equal("", session.Call("CONFIG SET timeout 7 replication-mode quorum"));
        cluster.Release(new CommandResult.Refused(Refusals.OutcomeUnknown));
        session.Client.Loop.Resume();
        Assert.Equal($"-{Refusals.OutcomeUnknown}\r\n", session.Send(""));
        Assert.Equal("*2\r\n$7\r\ntimeout\r\n$1\r\n0\r\n", session.Call("CONFIG GET timeout"));
    }

    [Fact]
    public void Parameters_have_their_old_names_too()
    {
        using var session = new RespSession();
        session.Call("CONFIG SET min-slaves-to-write 0 slave-read-only no");
        Assert.Equal("*2\r\n$17\r\nreplica-read-only\r\n$2\r\nno\r\n", session.Call("CONFIG GET replica-read-only"));
        Assert.Equal(
            "-ERR CONFIG SET failed (possibly related to argument 'min-replicas-to-write') - argument must be between 0 and 2147483647 inclusive\r\n",
            session.Call("CONFIG SET min-replicas-to-write -1"));
        session.Call("CONFIG SET repl-backlog-size 1");
        Assert.Equal("*2\r\n$17\r\nrepl-backlog-size\r\n$5\r\n16384\r\n", session.Call("CONFIG GET repl-backlog-size"));
    }

    private static string Field(RespSession session, string name) =>
        session.Call("INFO replication").Split("\r\n").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..];

    private static void AssertFields(RespSession session, params string[] lines)
    {
        var shown = session.Call("INFO replication").Split("\r\n");
        foreach (var line in lines)
        {
            Assert.Contains(line, shown);
        }
    }
}

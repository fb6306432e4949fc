using Trefoil.Replication;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>What a replica serves and refuses, and what a primary refuses for want of replicas. Texts are those of redis-server 7.0.15.</summary>
public sealed class ReplicaServingTests
{
    private const string NoReplicas = "-NOREPLICAS Not enough good replicas to write.\r\n";
    private const string Void = "-EXECABORT Transaction discarded because of previous errors.\r\n";
    private static readonly string Key = ReplicaCommandTests.KeyIn(0, 8000);
    private static readonly string Foreign = ReplicaCommandTests.KeyIn(8001, 16383);

    [Fact]
    public void A_replica_serves_reads_of_its_primarys_slots_after_READONLY_and_nothing_else()
    {
        using var session = Replica(out _);
        var moved = session.Call("GET", Key);
        Assert.Matches("^-MOVED [0-9]+ 10.0.0.1:7000\r\n$", moved);
        Assert.Equal("+OK\r\n", session.Call("READONLY"));
        Assert.Equal("$-1\r\n", session.Call("GET", Key));
        Assert.Equal("*1\r\n$-1\r\n", session.Call("MGET", Key));
        Assert.Equal(moved, session.Call("SET", Key, "1"));
        Assert.Equal(moved, session.Call("BLPOP", Key, "0"));
        Assert.Equal(moved, session.Call("SSUBSCRIBE", Key));
        Assert.Matches("^-MOVED [0-9]+ 10.0.0.3:7002\r\n$", session.Call("GET", Foreign));
        Assert.Equal("+OK\r\n", session.Call("WATCH", Key));
        Assert.Equal("+OK\r\n", session.Call("READWRITE"));
        Assert.Equal(moved, session.Call("GET", Key));
        session.Call("READONLY");
        session.Call("RESET");
        Assert.Equal(moved, session.Call("GET", Key));
    }

    [Fact]
    public void A_transaction_on_a_replica_reads_and_does_not_write()
    {
        using var session = Replica(out _);
        session.Call("READONLY");
        session.Call("MULTI");
        Assert.Equal("+QUEUED\r\n", session.Call("GET", Key));
        Assert.Equal("*1\r\n$-1\r\n", session.Call("EXEC"));
        session.Call("MULTI");
        Assert.StartsWith("-MOVED ", session.Call("SET", Key, "1"), StringComparison.Ordinal);
        Assert.Equal(Void, session.Call("EXEC"));
        session.Call("READWRITE");
        session.Call("MULTI");
        Assert.Equal("+QUEUED\r\n", session.Call("READONLY"));
        Assert.StartsWith("-MOVED ", session.Call("GET", Key), StringComparison.Ordinal);
        Assert.Equal(Void, session.Call("EXEC"));
    }

    [Fact]
    public void A_replica_refuses_writes_without_keys()
    {
        using var session = Replica(out _);
        const string ReadOnly = "-READONLY You can't write against a read only replica.\r\n";
        Assert.Equal(ReadOnly, session.Call("FLUSHALL"));
        Assert.Equal(":0\r\n", session.Call("DBSIZE"));
        session.Call("MULTI");
        Assert.Equal(ReadOnly, session.Call("FLUSHDB"));
        Assert.Equal(Void, session.Call("EXEC"));
        Assert.Contains("role\r\n$7\r\nreplica\r\n", session.Call("HELLO 2"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_replica_whose_copy_is_not_whole_sends_readers_to_its_primary()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 1, out var session);
        using var _ = session;
        session.Call("READONLY");
        session.Server.Replication.Publish(new ReplicaStatus { Role = ReplicaRole.Replica, Consistent = true }, TimeSpan.Zero);
        Assert.StartsWith("-MOVED ", session.Call("GET", Key), StringComparison.Ordinal);
        cluster.Join(1);
        Assert.Equal("$-1\r\n", session.Call("GET", Key));
        session.Server.Replication.Publish(new ReplicaStatus { Role = ReplicaRole.Replica, Consistent = false, Syncing = true }, TimeSpan.Zero);
        Assert.StartsWith("-MOVED ", session.Call("GET", Key), StringComparison.Ordinal);
        session.Server.Replication.Publish(new ReplicaStatus { Role = ReplicaRole.Replica, Consistent = true }, TimeSpan.Zero);
        Assert.Equal("$-1\r\n", session.Call("GET", Key));
        session.Call("CONFIG SET replica-serve-stale-data no");
        Assert.Equal("-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n", session.Call("GET", Key));
        Assert.StartsWith("*", session.Call("ROLE"), StringComparison.Ordinal);
        session.Server.Replication.Publish(new ReplicaStatus { Role = ReplicaRole.Replica, Consistent = true, LinkUp = true }, TimeSpan.Zero);
        Assert.Equal("$-1\r\n", session.Call("GET", Key));
    }

    [Fact]
    public void EXEC_after_the_role_has_changed_is_redirected()
    {
        var cluster = new ScriptedCluster(3);
        cluster.Assign(0, 0, 8000);
        cluster.Assign(2, 8001, 16383);
        cluster.Follow(1, 0);
        cluster.Join(1);
        using var session = new RespSession(cluster);
        session.Call("WATCH", Key);
        session.Call("MULTI");
        Assert.Equal("+QUEUED\r\n", session.Call("SET", Key, "1"));
        cluster.Promote(1);
        Assert.Matches("^-MOVED [0-9]+ 10.0.0.2:7001\r\n$", session.Call("EXEC"));
        Assert.Equal(":0\r\n", session.Call("DBSIZE"));
    }

    [Fact]
    public void Commands_that_wait_on_a_node_that_becomes_a_replica_are_sent_on()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 0, out var session);
        using var _ = session;
        using var waiter = session.Another();
        cluster.Join(1);
        Assert.Equal("", session.Call("BLPOP", Key, "0"));
        Assert.Equal("", waiter.Call("WAIT 1 0"));
        cluster.Promote(1);
        session.Server.Tick();
        session.Client.Loop.Resume();
        waiter.Client.Loop.Resume();
        Assert.Matches("^-MOVED [0-9]+ 10.0.0.2:7001\r\n$", session.Send(""));
        Assert.Equal("-UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)\r\n", waiter.Send(""));
    }

    [Fact]
    public void Too_few_good_replicas_refuse_a_write_before_it_runs()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 0, out var session);
        using var _ = session;
        session.Call("CONFIG SET min-replicas-to-write 1");
        Assert.Equal(NoReplicas, session.Call("SET", Key, "1"));
        Assert.Equal(NoReplicas, session.Call("FLUSHALL"));
        Assert.Equal("$-1\r\n", session.Call("GET", Key));
        Assert.Equal(":0\r\n", session.Call("DBSIZE"));
        cluster.Join(1);
        session.Server.Replication.Publish(cluster.Primary(lsn: 0, (1, 0, 0)), TimeSpan.FromSeconds(10));
        Assert.Equal("+OK\r\n", session.Call("SET", Key, "1"));
        Assert.Contains("min_slaves_good_slaves:1\r\n", session.Call("INFO replication"), StringComparison.Ordinal);

        // Eleven seconds of silence.
        session.Server.Replication.Publish(cluster.Primary(lsn: 0, (1, 0, 0)), TimeSpan.FromSeconds(11));
        Assert.Equal(NoReplicas, session.Call("SET", Key, "2"));
        session.Call("CONFIG SET min-slaves-max-lag 0");
        Assert.Equal("+OK\r\n", session.Call("SET", Key, "2"));
    }

    [Fact]
    public void Too_few_good_replicas_void_a_transaction_that_writes()
    {
        var cluster = ReplicaCommandTests.Replicated(self: 0, out var session);
        using var _ = session;
        session.Call("CONFIG SET min-replicas-to-write 1");
        session.Call("MULTI");
        Assert.Equal("+QUEUED\r\n", session.Call("GET", Key));
        Assert.Equal("*1\r\n$-1\r\n", session.Call("EXEC"));
        session.Call("MULTI");
        Assert.Equal(NoReplicas, session.Call("SET", Key, "1"));
        Assert.Equal(Void, session.Call("EXEC"));

        cluster.Join(1);
        session.Server.Replication.Publish(cluster.Primary(lsn: 0, (1, 0, 0)), TimeSpan.Zero);
        session.Call("MULTI");
        Assert.Equal("+QUEUED\r\n", session.Call("SET", Key, "1"));
        session.Server.Replication.Publish(cluster.Primary(lsn: 0), TimeSpan.Zero);
        Assert.Equal("-EXECABORT Transaction discarded because of: NOREPLICAS Not enough good replicas to write.\r\n", session.Call("EXEC"));
        Assert.Equal("$-1\r\n", session.Call("GET", Key));
    }

    [Fact]
    public void What_replicates_without_a_cluster_is_refused()
    {
        using var session = new RespSession();
        Assert.Equal("-ERR REPLICAOF not allowed in cluster mode.\r\n", session.Call("REPLICAOF NO ONE"));
        Assert.Equal("-ERR REPLICAOF not allowed in cluster mode.\r\n", session.Call("SLAVEOF 127.0.0.1 6379"));
        Assert.Equal("-ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead.\r\n", session.Call("FAILOVER"));
        Assert.Equal("-ERR wrong number of arguments for 'slaveof' command\r\n", session.Call("SLAVEOF a"));
    }

    private static RespSession Replica(out ScriptedCluster cluster)
    {
        cluster = ReplicaCommandTests.Replicated(self: 1, out var session);
        cluster.Join(1);
        session.Server.Replication.Publish(new ReplicaStatus { Role = ReplicaRole.Replica, Consistent = true, LinkUp = true }, TimeSpan.Zero);
        return session;
    }
}

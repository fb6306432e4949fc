using Trefoil.KeyValue.Cluster;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>CLUSTER REPLICATE, REPLICAS, FAILOVER, and what CLUSTER shows of replicas. Texts are those of redis-server 7.0.15.</summary>
public sealed class ReplicaCommandTests
{
    private const string Ok = "+OK\r\n";

    [Fact]
    public void REPLICATE_says_what_cannot_be_replicated_and_changes_nothing()
    {
        var cluster = new ScriptedCluster(3);
        cluster.Assign(1, 0, 16383);
        cluster.Follow(2, 1);
        using var session = new RespSession(cluster);
        var before = cluster.Topology.Version;
        Assert.Equal("-ERR Unknown node abc\r\n", session.Call("CLUSTER REPLICATE abc"));
        Assert.Equal("-ERR Can't replicate myself\r\n", session.Call("CLUSTER REPLICATE " + cluster.RespId(0)));
        Assert.Equal("-ERR I can only replicate a master, not a replica.\r\n", session.Call("CLUSTER REPLICATE " + cluster.RespId(2)));
        Assert.Equal("-ERR wrong number of arguments for 'cluster|replicate' command\r\n", session.Call("CLUSTER REPLICATE"));
        Assert.Equal(before, cluster.Topology.Version);
        Assert.Equal(Ok, session.Call("CLUSTER REPLICATE " + cluster.RespId(1)));
        Assert.Equal(cluster.Ids[1], cluster.Topology.Find(cluster.Self)!.PrimaryId);
        Assert.Equal(Ok, session.Call("CLUSTER REPLICATE " + cluster.RespId(1)));
    }

    [Fact]
    public void REPLICATE_refuses_a_node_with_slots_or_keys_until_it_is_a_replica()
    {
        const string NotEmpty = "-ERR To set a master the node must be empty and without assigned slots.\r\n";
        var cluster = new ScriptedCluster(3);
        cluster.Assign(0, 0, 16383);
        using var session = new RespSession(cluster);
        Assert.Equal(NotEmpty, session.Call("CLUSTER REPLICATE " + cluster.RespId(1)));
        session.Call("SET b 1");
        session.Call("CLUSTER DELSLOTSRANGE 0 16383");
        Assert.Equal(NotEmpty, session.Call("CLUSTER REPLICATE " + cluster.RespId(1)));
        cluster.Follow(0, 1);
        Assert.Equal("*1\r\n$1\r\nb\r\n", session.Call("KEYS *"));
        Assert.Equal(Ok, session.Call("CLUSTER REPLICATE " + cluster.RespId(2)));
    }

    [Fact]
    public void What_is_left_of_a_copy_binds_nobody()
    {
        // redis-cli del-node of a primary tells its replica to follow another one, which may come after everybody has forgotten the primary.
        var cluster = new ScriptedCluster(3);
        cluster.Assign(0, 0, 16383);
        using var session = new RespSession(cluster);
        session.Call("SET b 1");
        session.Call("CLUSTER DELSLOTSRANGE 0 16383");
        cluster.Follow(0, 1);
        cluster.Commit(request => new TopologyCommand.RemoveNode(request, cluster.Ids[1], 1000));
        Assert.True(cluster.Topology.Find(cluster.Self)!.IsPrimary);
        Assert.Equal(Ok, session.Call("CLUSTER REPLICATE " + cluster.RespId(2)));
        Assert.Equal("", session.Call("CLUSTER RESET"));
        Assert.Equal(Ok, session.Resume());
        Assert.Equal(":0\r\n", session.Call("DBSIZE"));
    }

    [Fact]
    public void A_primary_with_slots_and_replicas_is_not_forgotten()
    {
        var cluster = Replicated(self: 2, out var session);
        using var _ = session;
        Assert.StartsWith("-ERR The node owns slots and has replicas", session.Call("CLUSTER FORGET " + cluster.RespId(0)), StringComparison.Ordinal);
        Assert.Equal(Ok, session.Call("CLUSTER FORGET " + cluster.RespId(1)));
        Assert.Equal(Ok, session.Call("CLUSTER FORGET " + cluster.RespId(1)));
        Assert.Equal(Ok, session.Call("CLUSTER FORGET " + cluster.RespId(0)));
    }

    [Fact]
    public void RESET_of_a_primary_with_keys_is_refused()
    {
        using var session = new RespSession();
        session.Call("SET b 1");
        Assert.Equal("-ERR CLUSTER RESET can't be called with master nodes containing keys\r\n", session.Call("CLUSTER RESET"));
    }

    [Fact]
    public void REPLICAS_lists_the_replicas_of_a_primary()
    {
        var cluster = Replicated(self: 0, out var session);
        using var _ = session;
        var primary = cluster.RespId(0);
        Assert.Equal("-ERR Unknown node abc\r\n", session.Call("CLUSTER REPLICAS abc"));
        Assert.Equal("-ERR The specified node is not a master\r\n", session.Call("CLUSTER SLAVES " + cluster.RespId(1)));
        Assert.Equal("*0\r\n", session.Call("CLUSTER REPLICAS " + cluster.RespId(2)));
        var reply = session.Call("CLUSTER REPLICAS " + primary);
        Assert.StartsWith("*1\r\n$", reply, StringComparison.Ordinal);
        Assert.Contains($"{cluster.RespId(1)} 10.0.0.2:7001@17001 slave {primary} 0 1234 ", reply, StringComparison.Ordinal);
    }

    [Fact]
    public void FAILOVER_belongs_to_a_replica_whose_primary_lives()
    {
        var cluster = Replicated(self: 0, out var session);
        using (session)
        {
            Assert.Equal("-ERR You should send CLUSTER FAILOVER to a replica\r\n", session.Call("CLUSTER FAILOVER"));
            Assert.Equal("-ERR You should send CLUSTER FAILOVER to a replica\r\n", session.Call("CLUSTER FAILOVER FORCE"));
            Assert.Equal("-ERR syntax error\r\n", session.Call("CLUSTER FAILOVER soon"));
            Assert.Equal(
                "-ERR unknown subcommand or wrong number of arguments for 'FAILOVER'. Try CLUSTER HELP.\r\n", session.Call("CLUSTER FAILOVER FORCE now"));
        }

        cluster = Replicated(self: 1, out session);
        using var replica = session;
        var asked = 0;
        cluster.HandOver = () => ++asked == 1 ? CommandResult.Ok : new CommandResult.Refused("ERR The primary did not answer");
        Assert.Equal(Ok, session.Call("CLUSTER FAILOVER"));
        Assert.Equal("-ERR The primary did not answer\r\n", session.Call("CLUSTER FAILOVER"));
        cluster.Health[cluster.Ids[0]] = new NodeHealth(NodeLiveness.Dead);
        Assert.Equal("-ERR Master is down or failed, please use CLUSTER FAILOVER FORCE\r\n", session.Call("CLUSTER FAILOVER"));
        cluster.Health.Clear();
        session.Server.Replication.Publish(new ReplicaStatus { Role = ReplicaRole.Replica, LinkUp = false }, TimeSpan.Zero);
        Assert.Equal("-ERR Master is down or failed, please use CLUSTER FAILOVER FORCE\r\n", session.Call("CLUSTER FAILOVER"));
        Assert.Equal(2, asked);
    }

    [Fact]
    public void FAILOVER_FORCE_begins_an_election_with_one_candidate_and_says_what_it_may_cost()
    {
        var cluster = Replicated(self: 1, out var session);
        using var _ = session;
        cluster.Join(1);
        Assert.Equal(Ok, session.Call("CLUSTER FAILOVER FORCE"));
        var shard = cluster.Topology.ShardOf(cluster.Self)!;
        Assert.True(shard is { IsElecting: true, IsForced: true } && shard.Candidate == cluster.Self);

        session.Server.Replication.Publish(new ReplicaStatus { LastLsn = 10, PrimaryLsn = 25 }, TimeSpan.Zero);
        Assert.Equal("+OK, but 15 or more records of the primary are not here and are lost\r\n", session.Call("CLUSTER FAILOVER FORCE"));
    }

    [Fact]
    public void FAILOVER_FORCE_outside_the_replica_set_says_so()
    {
        Replicated(self: 1, out var session);
        using var _ = session;
        Assert.Equal(
            "+OK, but this node was not in the replica set: acknowledged writes that it lacks are lost\r\n", session.Call("CLUSTER FAILOVER FORCE"));
    }

    [Fact]
    public void TAKEOVER_without_a_majority_is_refused_and_names_the_way_out()
    {
        var cluster = Replicated(self: 1, out var session);
        using var _ = session;
        cluster.Join(1);
        cluster.HasMajority = false;
        var before = cluster.Topology.Version;
        var refusal = session.Call("CLUSTER FAILOVER TAKEOVER");
        Assert.StartsWith("-CLUSTERDOWN No majority", refusal, StringComparison.Ordinal);
        Assert.Contains("trefoil cluster recover --unsafe", refusal, StringComparison.Ordinal);
        Assert.Equal(before, cluster.Topology.Version);
        cluster.HasMajority = true;
        Assert.Equal(Ok, session.Call("CLUSTER FAILOVER TAKEOVER"));
        Assert.True(cluster.Topology.ShardOf(cluster.Self)!.IsElecting);
    }

    [Fact]
    public void NODES_shows_a_replica_with_its_primarys_epoch()
    {
        var cluster = Replicated(self: 1, out var session);
        using var _ = session;
        session.Call("CLUSTER BUMPEPOCH");
        cluster.Commit(request => new TopologyCommand.BumpEpoch(request, cluster.Ids[0]));
        var epoch = cluster.Topology.Find(cluster.Ids[0])!.ConfigEpoch;
        var lines = session.Call("CLUSTER NODES");
        Assert.Contains($"{cluster.RespId(1)} 10.0.0.2:7001@17001 myself,slave {cluster.RespId(0)} 0 0 {epoch} connected\n", lines, StringComparison.Ordinal);
        Assert.Contains($"{cluster.RespId(0)} 10.0.0.1:7000@17000 master - 0 1234 {epoch} connected 0-8000\n", lines, StringComparison.Ordinal);
        Assert.Contains($"cluster_my_epoch:{epoch}\r\n", session.Call("CLUSTER INFO"), StringComparison.Ordinal);
        Assert.Equal("-ERR Can't forget my master!\r\n", session.Call("CLUSTER FORGET " + cluster.RespId(0)));
        Assert.Equal("-ERR Please use SETSLOT only with masters.\r\n", session.Call("CLUSTER SETSLOT x STABLE"));
        Assert.Equal(session.Call("CLUSTER MYSHARDID"), $"$40\r\n{NodeRecord.RespIdOf(cluster.Topology.ShardOf(cluster.Ids[0])!.Id)}\r\n");
    }

    [Fact]
    public void SLOTS_names_a_replica_once_it_has_caught_up_and_while_it_lives()
    {
        var cluster = Replicated(self: 2, out var session);
        using var _ = session;
        var replica = cluster.RespId(1);
        Assert.DoesNotContain(replica, session.Call("CLUSTER SLOTS"), StringComparison.Ordinal);
        Assert.EndsWith("$6\r\nhealth\r\n$7\r\nloading\r\n", ShardNodeOf(session, replica), StringComparison.Ordinal);
        cluster.Join(1);
        Assert.Contains($"*4\r\n$8\r\n10.0.0.2\r\n:7001\r\n$40\r\n{replica}\r\n*0\r\n", session.Call("CLUSTER SLOTS"), StringComparison.Ordinal);
        Assert.EndsWith("$6\r\nhealth\r\n$6\r\nonline\r\n", ShardNodeOf(session, replica), StringComparison.Ordinal);
        cluster.Health[cluster.Ids[1]] = new NodeHealth(NodeLiveness.Dead);
        cluster.Changed();
        Assert.DoesNotContain(replica, session.Call("CLUSTER SLOTS"), StringComparison.Ordinal);
        Assert.EndsWith("$6\r\nhealth\r\n$4\r\nfail\r\n", ShardNodeOf(session, replica), StringComparison.Ordinal);
    }

    [Fact]
    public void SHARDS_shows_the_offsets_that_this_node_knows()
    {
        var cluster = Replicated(self: 0, out var session);
        using var _ = session;
        cluster.Join(1);
        session.Server.Replication.Publish(cluster.Primary(lsn: 9, (1, 7, 5)), TimeSpan.Zero);
        Assert.Contains("replication-offset\r\n:9\r\n", ShardNodeOf(session, cluster.RespId(0)), StringComparison.Ordinal);
        Assert.Contains("role\r\n$7\r\nreplica\r\n$18\r\nreplication-offset\r\n:7\r\n", ShardNodeOf(session, cluster.RespId(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dead_primary_with_a_living_member_of_its_set_does_not_stop_the_other_shards()
    {
        var cluster = Replicated(self: 2, out var session);
        using var _ = session;
        cluster.Join(1);
        var mine = KeyIn(8001, 16383);
        cluster.Health[cluster.Ids[0]] = new NodeHealth(NodeLiveness.Dead);
        cluster.Changed();
        Assert.Equal(Ok, session.Call("SET", mine, "1"));
        Assert.Contains("cluster_state:ok\r\n", session.Call("CLUSTER INFO"), StringComparison.Ordinal);
        Assert.Contains("cluster_slots_fail:8001\r\n", session.Call("CLUSTER INFO"), StringComparison.Ordinal);
        cluster.HasMajority = false;
        cluster.Changed();
        Assert.Equal("-CLUSTERDOWN The cluster is down\r\n", session.Call("GET", mine));
        cluster.HasMajority = true;
        cluster.Health[cluster.Ids[1]] = new NodeHealth(NodeLiveness.Dead);
        cluster.Changed();
        Assert.Equal("-CLUSTERDOWN The cluster is down\r\n", session.Call("GET", mine));
    }

    /// <summary>Nodes 0 and 2 own the slots, 1 copies 0; the session is with <paramref name="self"/>.</summary>
    internal static ScriptedCluster Replicated(int self, out RespSession session)
    {
        var cluster = new ScriptedCluster(3) { SelfIndex = self };
        cluster.Assign(0, 0, 8000);
        cluster.Assign(2, 8001, 16383);
        cluster.Follow(1, 0);
        session = new RespSession(cluster);
        return cluster;
    }

    internal static string KeyIn(int first, int last)
    {
        for (var i = 0; ; i++)
        {
            var key = $"k{i}";
            if (HashSlot.Of(System.Text.Encoding.ASCII.GetBytes(key)) is var slot && slot >= first && slot <= last)
            {
                return key;
            }
        }
    }

    /// <summary>What SHARDS says of one node, up to the next one.</summary>
    private static string ShardNodeOf(RespSession session, string respId)
    {
        var text = session.Call("CLUSTER SHARDS");
        text = text[text.IndexOf(respId, StringComparison.Ordinal)..];
        var health = text.IndexOf("health\r\n", StringComparison.Ordinal) + "health\r\n".Length;
        var value = text.IndexOf("\r\n", health, StringComparison.Ordinal) + 2;
        return text[..(text.IndexOf("\r\n", value, StringComparison.Ordinal) + 2)];
    }
}

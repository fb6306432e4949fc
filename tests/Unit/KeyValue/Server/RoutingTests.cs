using Trefoil.KeyValue.Cluster;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.KeyValue.Server;

/// <summary>Which node answers: redirects, holes, failures, a node that joins another cluster.</summary>
public sealed class RoutingTests
{
    [Fact]
    public void A_hole_in_the_map_stops_everything_until_coverage_is_not_required()
    {
        var cluster = new ScriptedCluster();
        cluster.Assign(0, 0, 16000);
        using var session = new RespSession(cluster);
        Assert.Equal("-CLUSTERDOWN The cluster is down\r\n", session.Call("GET b"));
        Assert.Equal("-CLUSTERDOWN Hash slot not served\r\n", session.Call("GET", KeyIn(16001, 16383)));
        session.Call("CONFIG SET cluster-require-full-coverage no");
        Assert.Equal("$-1\r\n", session.Call("GET b"));
        Assert.Equal("-CLUSTERDOWN Hash slot not served\r\n", session.Call("GET", KeyIn(16001, 16383)));
    }

    [Fact]
    public void A_dead_owner_takes_the_cluster_down_and_reads_may_go_on_if_told_to()
    {
        var cluster = new ScriptedCluster(3);
        cluster.Assign(0, 0, 5000);
        cluster.Assign(1, 5001, 10000);
        cluster.Assign(2, 10001, 16383);
        using var session = new RespSession(cluster);
        Assert.Equal("+OK\r\n", session.Call("SET b 1"));
        cluster.Health[cluster.Ids[2]] = new NodeHealth(NodeLiveness.Dead);
        cluster.Changed();
        Assert.Equal("-CLUSTERDOWN The cluster is down\r\n", session.Call("GET b"));
        session.Call("CONFIG SET cluster-allow-reads-when-down yes");
        Assert.Equal("$1\r\n1\r\n", session.Call("GET b"));
        Assert.Equal("-CLUSTERDOWN The cluster is down and only accepts read commands\r\n", session.Call("SET b 2"));
        Assert.StartsWith("-MOVED ", session.Call("GET", KeyIn(5001, 10000)), StringComparison.Ordinal);
    }

    [Fact]
    public void CLUSTER_SLOTS_keeps_the_last_full_map_while_the_new_one_has_holes()
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(0, 0, 8000);
        cluster.Assign(1, 8001, 16383);
        using var session = new RespSession(cluster);
        var full = session.Call("CLUSTER SLOTS");
        session.Call("CLUSTER DELSLOTS 5");
        Assert.Equal(full, session.Call("CLUSTER SLOTS"));
        Assert.Contains("cluster_state:fail", session.Call("CLUSTER INFO"), StringComparison.Ordinal);
        session.Call("CLUSTER ADDSLOTS 5");
        Assert.Equal(full, session.Call("CLUSTER SLOTS"));
    }

    [Fact]
    public void A_node_offered_to_another_cluster_refuses_writes_and_answers_reads()
    {
        using var session = new RespSession();
        session.Cluster.AcceptsWrites = false;
        Assert.Equal("-TRYAGAIN This node is joining another cluster\r\n", session.Call("SET b 1"));
        Assert.Equal("$-1\r\n", session.Call("GET b"));
    }

    [Fact]
    public void A_password_is_asked_for_until_it_is_given()
    {
        using var session = new RespSession();
        session.Call("CONFIG SET requirepass secret");
        session.Client.Reset(authenticated: false);
        Assert.Equal("-NOAUTH Authentication required.\r\n", session.Call("GET b"));
        Assert.StartsWith("-NOAUTH HELLO must be called", session.Call("HELLO 3"), StringComparison.Ordinal);
        Assert.Equal("-WRONGPASS invalid username-password pair or user is disabled.\r\n", session.Call("AUTH wrong"));
        Assert.Equal("+OK\r\n", session.Call("AUTH secret"));
        Assert.Equal("$-1\r\n", session.Call("GET b"));
    }

    [Fact]
    public void Protocol_errors_are_answered_after_the_replies_before_them_and_close()
    {
        using var session = new RespSession();
        Assert.Equal("+PONG\r\n-ERR Protocol error: invalid multibulk length\r\n", session.Send("PING\r\n*x\r\nPING\r\n"));
        Assert.True(session.Closes);
    }

    [Fact]
    public void A_client_that_does_not_read_is_paused_or_closed_at_its_limit()
    {
        using var session = new RespSession();
        session.Call("SET", "b", new string('v', 600_000));
        var pipeline = string.Concat(Enumerable.Repeat(RespSession.Encode("GET", "b"), 50));
        Assert.InRange(session.Send(pipeline).Length, 1_000_000, 2_000_000);
        session.Call("CONFIG", "SET", "client-output-buffer-limit", "normal 5mb 0 0");
        Assert.InRange(session.Send(pipeline).Length, 5_000_000, 6_000_000);
        Assert.Contains("client_output_buffer_limit_disconnections:1", session.Call("INFO stats"), StringComparison.Ordinal);
    }

    private static string KeyIn(int first, int last)
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
}

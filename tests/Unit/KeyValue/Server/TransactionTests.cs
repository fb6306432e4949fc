using Trefoil.Sharding;
using Xunit;

namespace Trefoil.Unit.KeyValue.Server;

/// <summary>MULTI, EXEC, DISCARD, WATCH. Texts and orders of checks were compared with redis-server 7.0.15 in cluster mode.</summary>
public sealed class TransactionTests
{
    private const string Aborted = "-EXECABORT Transaction discarded because of previous errors.\r\n";

    [Fact]
    public void Commands_are_queued_and_run_at_EXEC_with_one_reply_each()
    {
        using var session = new RespSession();
        Assert.Equal("+OK\r\n", session.Call("MULTI"));
        Assert.Equal("+QUEUED\r\n", session.Call("SET {b}1 x"));
        Assert.Equal("+QUEUED\r\n", session.Call("PING"));
        Assert.Equal("+QUEUED\r\n", session.Call("INCR {b}1"));
        Assert.Equal("+QUEUED\r\n", session.Call("GET {b}1"));
        using var other = session.Another();
        Assert.Equal("$-1\r\n", other.Call("GET {b}1"));

        Assert.Equal("*4\r\n+OK\r\n+PONG\r\n-ERR value is not an integer or out of range\r\n$1\r\nx\r\n", session.Call("EXEC"));
        Assert.Equal("-ERR EXEC without MULTI\r\n", session.Call("EXEC"));
        Assert.Equal("*0\r\n", session.Call("MULTI")[5..] + session.Call("EXEC"));
    }

    [Fact]
    public void DISCARD_and_RESET_forget_what_was_queued()
    {
        using var session = new RespSession();
        Assert.Equal("-ERR DISCARD without MULTI\r\n", session.Call("DISCARD"));
        session.Call("MULTI");
        session.Call("SET b 1");
        Assert.Contains(" multi=1 ", new RespSessionView(session).ClientLine, StringComparison.Ordinal);
        Assert.Equal("+OK\r\n", session.Call("DISCARD"));
        session.Call("MULTI");
        Assert.Equal("+RESET\r\n", session.Call("RESET"));
        Assert.Equal("$-1\r\n", session.Call("GET b"));
    }

    [Theory]
    [InlineData("NOPE", "-ERR unknown command 'NOPE', with args beginning with: \r\n")]
    [InlineData("SET b", "-ERR wrong number of arguments for 'set' command\r\n")]
    [InlineData("SAVE", "-ERR Command not allowed inside a transaction\r\n")]
    [InlineData("MGET b a", "-CROSSSLOT Keys in request don't hash to the same slot\r\n")]
    public void What_cannot_be_queued_aborts_the_transaction(string command, string error)
    {
        using var session = new RespSession();
        session.Call("MULTI");
        session.Call("SET b 1");
        Assert.Equal(error, session.Call(command));
        Assert.Equal(Aborted, session.Call("EXEC"));
        Assert.Equal("$-1\r\n", session.Call("GET b"));
    }

    [Fact]
    public void Nested_MULTI_and_WATCH_inside_are_errors_that_abort_nothing()
    {
        using var session = new RespSession();
        session.Call("MULTI");
        Assert.Equal("-ERR MULTI calls can not be nested\r\n", session.Call("MULTI"));
        Assert.Equal("-ERR WATCH inside MULTI is not allowed\r\n", session.Call("WATCH b"));
        session.Call("SET b 1");
        Assert.Equal("*1\r\n+OK\r\n", session.Call("EXEC"));
    }

    [Fact]
    public void An_EXEC_with_arguments_is_void_and_so_is_its_transaction()
    {
        using var session = new RespSession();
        const string error = "-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command\r\n";
        Assert.Equal(error, session.Call("EXEC now"));
        session.Call("MULTI");
        Assert.Equal(error, session.Call("EXEC now"));
        Assert.Equal("-ERR EXEC without MULTI\r\n", session.Call("EXEC"));
    }

    [Fact]
    public void All_keys_of_a_transaction_are_in_one_slot_that_is_served_here()
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(0, 0, 8191);
        cluster.Assign(1, 8192, 16383);
        using var session = new RespSession(cluster);

        session.Call("MULTI");
        Assert.Equal("-MOVED 15495 10.0.0.2:7001\r\n", session.Call("SET a 1"));
        Assert.Equal(Aborted, session.Call("EXEC"));

        session.Call("MULTI");
        session.Call("SET b 1");
        session.Call("SET c 1");
        Assert.Equal("-CROSSSLOT Keys in request don't hash to the same slot\r\n", session.Call("EXEC"));
        Assert.Equal("-ERR EXEC without MULTI\r\n", session.Call("EXEC"));

        session.Call("MULTI");
        session.Call("SET b 1");
        Assert.Equal("+OK\r\n", session.Another().Call($"CLUSTER SETSLOT 3300 NODE {NodeRecord.RespIdOf(cluster.Ids[1])}"));
        Assert.Equal("-MOVED 3300 10.0.0.2:7001\r\n", session.Call("EXEC"));
    }

    [Fact]
    public void In_a_migrating_slot_a_transaction_needs_all_of_its_keys()
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(0, 0, 16383);
        using var session = new RespSession(cluster);
        session.Call("SET {b}1 x");
        session.Call($"CLUSTER SETSLOT 3300 MIGRATING {NodeRecord.RespIdOf(cluster.Ids[1])}");
        using var other = session.Another();
        other.Call("SET {b}1 y");

        session.Call("MULTI");
        session.Call("GET {b}1");
        session.Call("GET {b}1");
        Assert.Equal("*2\r\n$1\r\ny\r\n$1\r\ny\r\n", session.Call("EXEC"));

        session.Call("MULTI");
        session.Call("GET {b}1");
        Assert.Equal("-ASK 3300 10.0.0.2:7001\r\n", session.Call("GET {b}2"));
        Assert.Equal(Aborted, session.Call("EXEC"));

        session.Call("MULTI");
        session.Call("GET {b}1");
        other.Call("DEL {b}1");
        Assert.Equal("-ASK 3300 10.0.0.2:7001\r\n", session.Call("EXEC"));
    }

    [Fact]
    public void A_transaction_after_ASKING_runs_on_the_importing_side()
    {
        var cluster = new ScriptedCluster(2);
        cluster.Assign(1, 0, 16383);
        using var session = new RespSession(cluster);
        session.Call($"CLUSTER SETSLOT 3300 IMPORTING {NodeRecord.RespIdOf(cluster.Ids[1])}");
        session.Call("ASKING");
        session.Call("MULTI");
        Assert.Equal("+QUEUED\r\n", session.Call("SET b 1"));
        Assert.Equal("+QUEUED\r\n", session.Call("GET b"));
        Assert.Equal("*2\r\n+OK\r\n$1\r\n1\r\n", session.Call("EXEC"));
        Assert.Equal("-MOVED 3300 10.0.0.2:7001\r\n", session.Call("GET b"));
    }

    [Fact]
    public void Commands_that_wait_for_consensus_run_in_order_inside_EXEC()
    {
        using var session = new RespSession();
        session.Call("SET b 1");
        session.Call("MULTI");
        foreach (var command in (string[])["CLUSTER DELSLOTS 5", "CLUSTER ADDSLOTS 5", "CLUSTER BUMPEPOCH", "GET b"])
        {
            Assert.Equal("+QUEUED\r\n", session.Call(command));
        }

        session.Cluster.Hold = true;
        Assert.Equal("*4\r\n", session.Call("EXEC"));
        Assert.Equal("+OK\r\n", Release(session));
        Assert.Equal("+OK\r\n", Release(session));
        Assert.Equal("+BUMPED 1\r\n$1\r\n1\r\n", Release(session));
        Assert.Equal("+PONG\r\n", session.Call("PING"));
    }

    [Fact]
    public void A_watched_key_that_changes_makes_EXEC_answer_nothing()
    {
        using var session = new RespSession();
        using var other = session.Another();
        session.Call("SET b 1");

        Assert.Equal("*1\r\n+OK\r\n", Watched(session, () => other.Call("SET {b}2 x")));
        Assert.Equal("*-1\r\n", Watched(session, () => other.Call("SET b 2")));
        Assert.Equal("*-1\r\n", Watched(session, () => other.Call("EXPIRE b 100")));
        Assert.Equal("*-1\r\n", Watched(session, () => other.Call("FLUSHALL")));
        Assert.Equal("*1\r\n+OK\r\n", Watched(session, () => other.Call("GET b")));
        Assert.Equal("*1\r\n+OK\r\n", Watched(session, () =>
        {
            session.Call("UNWATCH");
            other.Call("SET b 3");
        }));
    }

    [Fact]
    public void A_watched_key_that_expires_has_changed_but_one_that_had_expired_has_not()
    {
        using var session = new RespSession();
        using var other = session.Another();
        session.Call("SET b 1 PXAT 1");
        Assert.Equal("*1\r\n+OK\r\n", Watched(session, () => other.Call("GET b")));

        session.Call("SET b 1");
        Assert.Equal("*-1\r\n", Watched(session, () => other.Call("PEXPIREAT b 1")));
    }

    [Fact]
    public void A_node_offered_to_another_cluster_runs_no_transaction_that_writes()
    {
        using var session = new RespSession();
        session.Call("MULTI");
        session.Call("SET b 1");
        session.Cluster.AcceptsWrites = false;
        Assert.Equal(
            "-EXECABORT Transaction discarded because of: TRYAGAIN This node is joining another cluster\r\n", session.Call("EXEC"));
    }

    [Fact]
    public void A_transaction_larger_than_the_query_buffer_closes_its_client()
    {
        using var session = new RespSession();
        session.Call("CONFIG SET client-query-buffer-limit 1mb");
        session.Call("MULTI");
        for (var i = 0; i < 3; i++)
        {
            session.Call("SET", "b", new string('v', 400_000));
        }

        Assert.True(session.WasAborted);
    }

    private static string Watched(RespSession session, Action change)
    {
        session.Call("WATCH b");
        change();
        session.Call("MULTI");
        session.Call("SET b 9");
        return session.Call("EXEC");
    }

    /// <summary>Lets the oldest proposal be committed, and runs the session on as a transport would.</summary>
    private static string Release(RespSession session)
    {
        session.Cluster.Release();
        session.Client.Loop.Resume();
        return session.Send("");
    }

    /// <summary>What a second client sees of the first.</summary>
    private sealed class RespSessionView(RespSession session)
    {
        public string ClientLine => session.Another().Call("CLIENT LIST").Split('\n').First(line => line.Contains("id=1 ", StringComparison.Ordinal));
    }
}

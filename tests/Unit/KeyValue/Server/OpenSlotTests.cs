using System.Globalization;
using Trefoil.Sharding;
using Xunit;

namespace Trefoil.Unit.KeyValue.Server;

/// <summary>Slots that move key by key: who answers which command, and who may take a slot from whom. Compared with redis-server 7.0.15.</summary>
public sealed class OpenSlotTests
{
    // The slot of {b} belongs to this node, that of {a} to the other.
    private const int Mine = 3300;
    private const int Others = 15495;
    private readonly ScriptedCluster _cluster;
    private readonly string _other;

    public OpenSlotTests()
    {
        _cluster = new ScriptedCluster(3);
        _cluster.Assign(0, 0, 8191);
        _cluster.Assign(1, 8192, 16383);
        _other = NodeRecord.RespIdOf(_cluster.Ids[1]);
    }

    [Fact]
    public void A_migrating_slot_serves_what_is_here_asks_for_what_is_gone_and_lets_mixed_requests_try_again()
    {
        using var session = new RespSession(_cluster);
        session.Call("SET {b}1 here");
        Assert.Equal("+OK\r\n", session.Call($"CLUSTER SETSLOT {Mine} MIGRATING {_other}"));

        Assert.Equal("$4\r\nhere\r\n", session.Call("GET {b}1"));
        Assert.Equal("+OK\r\n", session.Call("SET {b}1 still"));
        Assert.Equal($"-ASK {Mine} 10.0.0.2:7001\r\n", session.Call("SET {b}2 x"));
        Assert.Equal($"-ASK {Mine} 10.0.0.2:7001\r\n", session.Call("MGET {b}2 {b}3"));
        Assert.Equal($"-ASK {Mine} 10.0.0.2:7001\r\n", session.Call("EXISTS {b}2 {b}2"));
        Assert.Equal("-TRYAGAIN Multiple keys request during rehashing of slot\r\n", session.Call("MGET {b}1 {b}2"));
        Assert.Equal("*2\r\n$5\r\nstill\r\n$5\r\nstill\r\n", session.Call("MGET {b}1 {b}1"));
    }

    [Fact]
    public void A_key_whose_time_has_come_counts_as_gone_from_a_migrating_slot()
    {
        using var session = new RespSession(_cluster);
        session.Call("SET {b}1 here PXAT 1");
        session.Call("SET {b}2 here");
        session.Call($"CLUSTER SETSLOT {Mine} MIGRATING {_other}");

        Assert.StartsWith("-ASK ", session.Call("GET {b}1"), StringComparison.Ordinal);
        Assert.StartsWith("-TRYAGAIN ", session.Call("MGET {b}1 {b}2"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_importing_slot_serves_only_who_says_ASKING_and_only_one_command()
    {
        using var session = new RespSession(_cluster);
        var moved = $"-MOVED {Others} 10.0.0.2:7001\r\n";
        Assert.Equal("+OK\r\n", session.Call($"CLUSTER SETSLOT {Others} IMPORTING {_other}"));

        Assert.Equal(moved, session.Call("GET a"));
        session.Call("ASKING");
        Assert.Equal("+OK\r\n", session.Call("SET a 1"));
        Assert.Equal(moved, session.Call("GET a"));
        session.Call("ASKING");
        Assert.StartsWith("-ERR unknown command", session.Call("NOPE"), StringComparison.Ordinal);
        Assert.Equal(moved, session.Call("GET a"));
    }

    [Fact]
    public void With_ASKING_several_keys_of_which_one_is_missing_try_again_and_a_single_one_is_served()
    {
        using var session = new RespSession(_cluster);
        session.Call($"CLUSTER SETSLOT {Others} IMPORTING {_other}");
        session.Call("ASKING");
        session.Call("SET {a}1 x");

        Assert.Equal("$-1\r\n", Asking(session, "GET {a}2"));
        Assert.Equal(":0\r\n", Asking(session, "EXISTS {a}2 {a}2"));
        Assert.Equal("-TRYAGAIN Multiple keys request during rehashing of slot\r\n", Asking(session, "MGET {a}1 {a}2"));
        Asking(session, "SET {a}2 y");
        Assert.Equal("*2\r\n$1\r\nx\r\n$1\r\ny\r\n", Asking(session, "MGET {a}1 {a}2"));
    }

    [Fact]
    public void Without_a_mark_ASKING_changes_nothing()
    {
        using var session = new RespSession(_cluster);
        session.Call($"CLUSTER SETSLOT {Mine} MIGRATING {_other}");

        Assert.Equal($"-MOVED {Others} 10.0.0.2:7001\r\n", Asking(session, "GET a"));
    }

    [Fact]
    public void Marks_are_shown_on_the_own_line_only_and_end_with_STABLE_or_with_the_move()
    {
        using var session = new RespSession(_cluster);
        session.Call($"CLUSTER SETSLOT {Mine} MIGRATING {_other}");
        session.Call($"CLUSTER SETSLOT {Others} IMPORTING {_other}");
        var nodes = session.Call("CLUSTER NODES").Split('\n');
        Assert.EndsWith($" 0-8191 [{Mine}->-{_other}] [{Others}-<-{_other}]", nodes.Single(line => line.Contains("myself", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(2, string.Concat(nodes).Count(letter => letter == '['));

        Assert.Equal("+OK\r\n", session.Call($"CLUSTER SETSLOT {Others} STABLE"));
        Assert.Equal("+OK\r\n", session.Call($"CLUSTER SETSLOT {Mine} NODE {_other}"));
        Assert.DoesNotContain("[", session.Call("CLUSTER NODES"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_slot_is_not_taken_from_an_owner_that_holds_keys_in_it()
    {
        using var session = new RespSession(_cluster);
        var refusal = $"ERR Can't assign hashslot {Mine} to a different node while I still hold keys for this hash slot.";
        session.Call("SET b 1");

        Assert.Equal($"-{refusal}\r\n", session.Call($"CLUSTER SETSLOT {Mine} NODE {_other}"));
        Assert.Equal($"-{refusal}\r\n", session.Call($"TREFOIL.GIVESLOT {Mine} {_other} 1"));

        session.Call("PEXPIREAT b 1");
        Assert.Equal($":{_cluster.Topology.Version + 1}\r\n", session.Call($"TREFOIL.GIVESLOT {Mine} {_other} 1"));
        Assert.Equal($":{_cluster.Topology.Version}\r\n", session.Call($"TREFOIL.GIVESLOT {Mine} {_other} 1"));
    }

    [Fact]
    public void A_slot_of_another_node_is_taken_by_asking_that_node()
    {
        using var session = new RespSession(_cluster);

        Assert.Equal("+OK\r\n", session.Call($"CLUSTER SETSLOT {Others} NODE {NodeRecord.RespIdOf(_cluster.Self)}"));
        Assert.Equal("+OK\r\n", session.Call($"CLUSTER SETSLOT {Others} NODE {NodeRecord.RespIdOf(_cluster.Self)}"));

        Assert.Equal([(_cluster.Ids[1], Others)], _cluster.Taken);
        Assert.True(_cluster.Topology.Owns(_cluster.Self, Others));
    }

    [Fact]
    public void While_a_slot_is_given_away_it_is_neither_written_nor_read()
    {
        using var session = new RespSession(_cluster);
        using var other = session.Another();
        _cluster.Hold = true;
        session.Call($"CLUSTER SETSLOT {Mine} NODE {_other}");

        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"-TRYAGAIN Hash slot {Mine} is changing its owner\r\n"), other.Call("SET b 1"));
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"-TRYAGAIN Hash slot {Mine} is changing its owner\r\n"), other.Call("GET b"));
        Assert.Equal("+OK\r\n", other.Call("SET c x"));

        _cluster.Release();
        Assert.StartsWith("-MOVED ", other.Call("SET b 1"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_slot_stays_fenced_until_it_is_known_what_became_of_the_change()
    {
        using var session = new RespSession(_cluster);
        using var other = session.Another();
        _cluster.Hold = true;
        session.Call($"CLUSTER SETSLOT {Mine} NODE {_other}");
        _cluster.Release(new CommandResult.Refused(Refusals.OutcomeUnknown));
        Assert.StartsWith("-TRYAGAIN ", other.Call("SET b 1"), StringComparison.Ordinal);

        _cluster.Release();

        Assert.True(_cluster.Topology.Owns(_cluster.Self, Mine));
        Assert.Equal("+OK\r\n", other.Call("SET b 1"));
    }

    private static string Asking(RespSession session, string command)
    {
        session.Call("ASKING");
        return session.Call(command);
    }
}

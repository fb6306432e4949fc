using Trefoil.Simulator;
using Trefoil.Simulator.Clients;
using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Unit.Simulator.Clients;

/// <summary>Each judgement on what clients were told can object.</summary>
public sealed class OracleTests
{
    private readonly SimulationCounts _counts = new();

    [Fact]
    public void A_read_of_an_overwritten_value_is_found()
    {
        var history = new RegisterHistory(0, "k", 0);
        foreach (var value in new long[] { 1, 2 })
        {
            history.Tried(value);
            history.Wrote(0, value, Done("+OK", 10 * value, (10 * value) + 1));
        }

        history.Read(1, Done("2", 30, 31), Bulk("2"));
        history.Judge("k", _counts);
        Assert.Equal(1, _counts[SimulationCounts.Progress.HistoriesJudged]);

        history.Read(1, Done("1", 40, 41), Bulk("1"));
        Assert.Contains("not linearizable", Assert.Throws<OracleViolation>(() => history.Judge("k", _counts)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_without_an_answer_may_show_and_then_may_not_vanish()
    {
        var history = new RegisterHistory(0, "k", 0);
        history.Tried(1);
        history.Wrote(0, 1, new ClientAnswer(AnswerKind.Unknown, null, Seconds(1), Seconds(2), null, 0));
        history.Read(1, Done("1", 3, 4), Bulk("1"));
        history.Judge("k", _counts);

        history.Read(1, Done("nothing", 5, 6), Null);
        Assert.Throws<OracleViolation>(() => history.Judge("k", _counts));
    }

    [Fact]
    public void A_value_that_nobody_wrote_is_found()
    {
        var history = new RegisterHistory(0, "k", 0);
        history.Tried(1);
        Assert.Equal(1, history.CheckWritten(Bulk("1")));
        Assert.Throws<OracleViolation>(() => history.CheckWritten(Bulk("7")));
    }

    [Fact]
    public void Half_of_a_transaction_is_found()
    {
        var pair = new Pair("a", "b", new RegisterHistory(0, "a", 0));
        pair.Compare(Array(Bulk("1"), Bulk("1")));
        Assert.Throws<OracleViolation>(() => pair.Compare(Array(Bulk("1"), Null)));
    }

    [Fact]
    public void An_element_that_was_applied_twice_is_found()
    {
        var list = Pushed("a", "b");
        list.Seen(Array(Bulk("a"), Bulk("b")), Seconds(9));
        Assert.Contains("twice", Assert.Throws<OracleViolation>(() => list.Seen(Array(Bulk("a"), Bulk("b"), Bulk("b")), Seconds(9))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_acknowledged_element_that_is_lost_is_found()
    {
        var list = Pushed("a", "b");
        list.Seen(Array(Bulk("a")), Seconds(2.5));
        Assert.Contains("lacks b", Assert.Throws<OracleViolation>(() => list.Seen(Array(Bulk("a")), Seconds(9))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Elements_in_another_order_than_they_were_acknowledged_in_are_found() =>
        Assert.Throws<OracleViolation>(() => Pushed("a", "b").Seen(Array(Bulk("b"), Bulk("a")), Seconds(9)));

    [Fact]
    public void An_element_that_was_refused_and_is_there_is_found()
    {
        var list = Pushed("a");
        list.Told(list.Tried("b"), new ClientAnswer(AnswerKind.NotDone, null, Seconds(3), Seconds(4), null, 0));
        Assert.Throws<OracleViolation>(() => list.Seen(Array(Bulk("a"), Bulk("b")), Seconds(9)));
    }

    [Fact]
    public void A_counter_that_counts_too_much_or_too_little_is_found()
    {
        var counter = new Collection(CollectionKind.Counter, 0, "c", 0, isDurable: true);
        counter.Told(counter.Tried("a"), Done(Integer(1), 1, 2));
        counter.Told(counter.Tried("b"), new ClientAnswer(AnswerKind.Unknown, null, Seconds(2), Seconds(3), null, 0));
        counter.Seen(Bulk("1"), Seconds(9));
        counter.Seen(Bulk("2"), Seconds(9));
        Assert.Throws<OracleViolation>(() => counter.Seen(Bulk("3"), Seconds(9)));
        Assert.Throws<OracleViolation>(() => counter.Seen(Null, Seconds(9)));
    }

    [Fact]
    public void One_count_that_two_were_told_is_found()
    {
        var counter = new Collection(CollectionKind.Counter, 0, "c", 0, isDurable: true);
        counter.Told(counter.Tried("a"), Done(Integer(1), 1, 2));
        counter.Told(counter.Tried("b"), Done(Integer(1), 3, 4));
        Assert.Throws<OracleViolation>(() => counter.Seen(Bulk("2"), Seconds(9)));
    }

    [Fact]
    public void A_key_that_is_seen_past_its_time_is_found()
    {
        var key = Ending(1000);
        key.Seen(Bulk("1"), 1001, isDurable: true);
        Assert.Throws<OracleViolation>(() => key.Seen(Bulk("1"), 1002, isDurable: true));
    }

    [Fact]
    public void A_nearer_end_may_be_lost_where_acknowledged_writes_may()
    {
        var key = Ending(9000);
        key.Ends(1000);
        key.Seen(Bulk("1"), 2000, isDurable: false);
        Assert.Throws<OracleViolation>(() => key.Seen(Bulk("1"), 2000, isDurable: true));
        Assert.Throws<OracleViolation>(() => key.Seen(Bulk("1"), 9002, isDurable: false));
    }

    [Fact]
    public void A_key_that_is_gone_before_its_time_is_found()
    {
        Assert.Throws<OracleViolation>(() => Ending(1000).Gone("GET", 998));
        Assert.Throws<OracleViolation>(() => Ending(null).Gone("GET", 998));
        var key = Ending(1000);
        key.Gone("GET", 999);
        Assert.Null(key.Value);
    }

    private static Mortal Ending(long? dueMs)
    {
        var key = new Mortal(0, "x");
        key.Holds("1", dueMs);
        return key;
    }

    private static RespReply Null => new() { Kind = '_' };

    private static Collection Pushed(params string[] elements)
    {
        var list = new Collection(CollectionKind.List, 0, "l", 0, isDurable: true);
        for (var i = 0; i < elements.Length; i++)
        {
            list.Told(list.Tried(elements[i]), Done(Integer(i + 1), (2 * i) + 1, (2 * i) + 1.9));
        }

        return list;
    }

    private static ClientAnswer Done(string text, double called, double returned) => Done(Bulk(text), called, returned);

    private static ClientAnswer Done(RespReply reply, double called, double returned) =>
        new(AnswerKind.Done, reply, Seconds(called), Seconds(returned), null, 0);

    private static RespReply Bulk(string text) => new() { Kind = '$', Bytes = System.Text.Encoding.ASCII.GetBytes(text) };

    private static RespReply Integer(long number) => new() { Kind = ':', Integer = number };

    private static RespReply Array(params RespReply[] items) => new() { Kind = '*', Items = items };

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}

using Trefoil.Simulator.Linearizability;
using Xunit;

namespace Trefoil.Unit.Simulator.Linearizability;

public sealed class JepsenLogTests
{
    [Fact]
    public void Every_kind_of_end_is_understood_with_tabs_or_blanks()
    {
        var history = Assert.IsType<JepsenLogResult.History>(JepsenLog.Read(
        [
            "INFO  jepsen.core - Everyone's ready to go",
            "INFO  jepsen.util - :nemesis\t:info\t:start\tnil",
            "INFO  jepsen.util - 0\t:invoke\t:read\tnil",
            "INFO  jepsen.util - 1 :invoke :cas [3 0]",
            "INFO  jepsen.util - 2 :invoke :write 4",
            "INFO  jepsen.util - 0\t:ok\t:read\tnil",
            "INFO  jepsen.util - 1 :fail :cas [3 0]",
            "INFO  jepsen.util - 2 :info :write :timed-out",
            "INFO  jepsen.util - 3 :invoke :write 5",
            "INFO  jepsen.util - 3 :fail :write 5",
            "",
            "INFO  jepsen.util - 4 :invoke :cas [nil 7]",
            "INFO  jepsen.util - 4 :ok :cas [nil 7]",
            "INFO  jepsen.util - 5 :invoke :read nil",
        ])).Operations;

        Assert.Equal(
            [
                "client 0 read nothing in 3..6", "client 1 set 0 if 3, in vain, in 4..7", "client 2 wrote 4 in 5..?", "client 4 set 7 if nothing in 12..13",
                "client 5 read nothing in 14..?",
            ],
            history.Select(o => o.ToString()));
    }

    [Theory]
    [InlineData("gibberish", "expected 'INFO  jepsen.util - PROCESS")]
    [InlineData("INFO  jepsen.util - x :invoke :read nil", "'x' is no number of a process")]
    [InlineData("INFO  jepsen.util - 1 :invoke :swap 3", "':swap' is none of :read, :write, :cas")]
    [InlineData("INFO  jepsen.util - 1 :invoke :write four", "'four' is no value of a call")]
    [InlineData("INFO  jepsen.util - 1 :invoke :cas 4", "'4' is no value of a call")]
    [InlineData("INFO  jepsen.util - 1 :ok :read 4", "process 1 has no such call open")]
    [InlineData("INFO  jepsen.util - 0 :invoke :read nil", "process 0 calls again before its last call ended")]
    [InlineData("INFO  jepsen.util - 0 :ok :write 4", "process 0 has no such call open")]
    [InlineData("INFO  jepsen.util - 0 :ok :read", "'' is no value that a read returns")]
    [InlineData("INFO  jepsen.util - 0 :done :read 4", "':done' is none of :invoke, :ok, :fail, :info")]
    public void A_line_that_cannot_be_read_is_named(string line, string problem)
    {
        var bad = Assert.IsType<JepsenLogResult.Unreadable>(JepsenLog.Read(["INFO  jepsen.util - 0 :invoke :read nil", line]));

        Assert.Equal(2, bad.Line);
        Assert.Contains(problem, bad.Problem, StringComparison.Ordinal);
    }
}

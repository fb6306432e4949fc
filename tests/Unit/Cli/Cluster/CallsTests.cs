using Spectre.Console;
using Trefoil.Cli.Cluster.Calls;
using Trefoil.Cli.Cluster.Moving;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;
using Trefoil.Unit.Client;
using Xunit;
using static Trefoil.Unit.Cli.Cluster.Pictures;

namespace Trefoil.Unit.Cli.Cluster;

public sealed class CallsTests
{
    [Fact]
    public async Task A_password_is_sent_before_anything_else_and_a_wrong_one_is_unreachable()
    {
        await using var node = new ScriptedNode(command => command[0] != "AUTH" ? "+PONG\r\n" : command[1] == "right" ? "+OK\r\n" : "-WRONGPASS invalid\r\n");
        await using var right = new NodeCalls(TimeProvider.System, "right");
        await using var wrong = new NodeCalls(TimeProvider.System, "wrong");

        Assert.Equal("PONG", (await right.LookAsync(node.Address, TestContext.Current.CancellationToken, "PING")).Text);
        Assert.Equal("UNREACHABLE WRONGPASS invalid", (await wrong.LookAsync(node.Address, TestContext.Current.CancellationToken, "PING")).Text);
        Assert.Equal(["AUTH right", "PING", "AUTH wrong"], node.Heard);
    }

    [Fact]
    public async Task Bars_end_where_the_moves_do_and_fit_into_a_terminal()
    {
        using var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(written) });
        console.Profile.Width = 80;

        await new BarDisplay(console).RunAsync(Whole(), [new Move(Id(1), Id(2), SlotRanges.Read("0-99").Ranges!)], progressed =>
        {
            progressed(new MoveProgress(0, 50, 0, 1024, "copying"));
            progressed(new MoveProgress(0, 100, 100, 2048, "success"));
            return Task.CompletedTask;
        });

        var last = written.ToString().Split('\n').Last(line => line.Contains("10.0.0.1:6379 to 10.0.0.2:6379", StringComparison.Ordinal));
        Assert.Contains("100/100 moved", last, StringComparison.Ordinal);
        Assert.InRange(System.Text.RegularExpressions.Regex.Replace(last, "\u001b\\[[0-9;?]*[a-zA-Z]|\r", "").Length, 40, 80);
    }
}

using Trefoil.Cli.Demo;
using Xunit;

namespace Trefoil.Unit.Cli;

public sealed class ClusterChangesTests
{
    private static readonly ClusterPicture Calm = new(
        [true, true], ["a", "b"],
        new Dictionary<string, MemberPicture> { ["a"] = new("h:1", "alive", 8192), ["b"] = new("h:2", "alive", 8192) },
        "a", "3", ["a"], true);

    [Fact]
    public void Nothing_is_said_about_what_stayed() => Assert.Empty(ClusterChanges.Between(Calm, Calm));

    [Fact]
    public void A_loss_is_told_in_the_words_of_an_operator()
    {
        var now = Calm with
        {
            Answering = [false, true],
            Members = new Dictionary<string, MemberPicture> { ["a"] = new("h:1", "dead", 8192), ["b"] = new("h:2", "alive", 8192) },
            Leader = "b",
            Term = "4",
            Voters = ["b"],
            StateOk = false,
        };

        Assert.Equal(
            ["node 1 stopped answering", "node 1 is dead", "node 2 leads Raft in term 4", "Raft's voters are node 2", "the cluster is not ok"],
            ClusterChanges.Between(Calm, now));
    }

    [Fact]
    public void Members_and_slots_that_come_and_go_are_told()
    {
        var now = Calm with
        {
            Members = new Dictionary<string, MemberPicture> { ["b"] = new("h:2", "alive", 8000), ["c"] = new("h:9", "alive", 384) },
        };

        Assert.Equal(["node 1 was removed", "node 2 owns 8000 slots, before 8192", "h:9 joined"], ClusterChanges.Between(Calm, now));
    }
}

using System.Text;
using Trefoil.Consensus;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Consensus;

/// <summary>"In Search of an Understandable Consensus Algorithm", section by section; then what the thesis adds.</summary>
public sealed class RaftPaperTests
{
    [Theory]
    [InlineData(Role.Follower)]
    [InlineData(Role.Candidate)]
    [InlineData(Role.Leader)]
    public void Section_5_1_Whoever_sees_a_higher_term_takes_it_and_becomes_a_follower(Role role)
    {
        var group = new RaftGroup([1, 2, 3]);
        if (role == Role.Leader)
        {
            group.Elect(1);
        }
        else if (role == Role.Candidate)
        {
            group[1].Node.Campaign(group.Now);
            group.Inject(new RaftMessage.PreVoteReply(2, 1, 1, Granted: true, default));
        }

        Assert.Equal(role, group[1].Node.Role);
        group.Inject(new RaftMessage.Append(3, 1, 9, 0, 0, 0, []));

        Assert.Equal((Role.Follower, 9UL, 3UL), (group[1].Node.Role, group[1].Node.Term, group[1].Node.LeaderId));
    }

    [Fact]
    public void Section_5_1_A_request_of_a_past_term_changes_nothing_and_is_answered_with_the_present_one()
    {
        var group = RaftGroup.LedByOne();
        var last = group[2].Node.LastIndex;

        group.Inject(new RaftMessage.Append(3, 2, 0, 0, 0, 0, [Text(1, 0, "old")]));

        Assert.Equal(last, group[2].Node.LastIndex);
        var answer = Assert.IsType<RaftMessage.AppendReply>(Assert.Single(group.TakeWire()));
        Assert.Equal((true, 1UL), (answer.Rejected, answer.Term));
    }

    [Fact]
    public void Section_5_2_The_leader_sends_heartbeats_and_nobody_starts_an_election()
    {
        var group = RaftGroup.LedByOne();
        group.Run(10_000);
        Assert.All(group.Peers, peer => Assert.Equal((1UL, 1UL), (peer.Node.Term, peer.Node.LeaderId)));
        Assert.InRange(group.Delivered.OfType<RaftMessage.Heartbeat>().Count(), 198, 202);
    }

    [Fact]
    public void Section_5_2_A_follower_that_hears_nothing_for_an_election_timeout_starts_an_election()
    {
        var group = new RaftGroup([1, 2, 3]);
        group.Run(299);
        Assert.All(group.Peers, peer => Assert.Equal(0UL, peer.Node.Term));
        group.Run(302);
        Assert.Equal(1UL, group.Leader.Node.Term);
    }

    [Fact]
    public void Section_5_2_A_candidate_votes_for_itself_and_makes_that_durable_before_it_asks()
    {
        var group = new RaftGroup([1, 2, 3]);
        group[1].Node.Campaign(group.Now);
        group[1].Node.TakeReady();
        group[1].Node.Advance();
        group.Inject(new RaftMessage.PreVoteReply(2, 1, 1, Granted: true, default));

        var ready = group[1].Node.TakeReady();

        Assert.Equal((1UL, 1UL), ready.Ballot);
        Assert.True(ready.MustSync);
        Assert.Empty(ready.MessagesBefore);
        Assert.Equal([2UL, 3UL], ready.MessagesAfter.OfType<RaftMessage.Vote>().Select(vote => vote.To));
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(3, 1, true)]
    [InlineData(3, 0, false)]
    [InlineData(5, 2, true)]
    [InlineData(5, 1, false)]
    public void Section_5_2_A_candidate_wins_with_the_votes_of_a_majority(int size, int reachable, bool wins)
    {
        var group = new RaftGroup([.. Enumerable.Range(1, size).Select(id => (ulong)id)]);
        for (var id = 2 + reachable; id <= size; id++)
        {
            group[(ulong)id].Crash();
        }

        group[1].Node.Campaign(group.Now);
        group.Settle();

        Assert.Equal(wins, group[1].Node.Role == Role.Leader);
    }

    [Fact]
    public void Section_5_2_A_vote_is_given_once_per_term_and_survives_a_restart()
    {
        var group = new RaftGroup([1, 2, 3]);
        Assert.True(Ask(candidate: 2));
        Assert.False(Ask(candidate: 3));
        Assert.True(Ask(candidate: 2));
        group[1].Restart(group.Now);
        Assert.False(Ask(candidate: 3));
        Assert.True(Ask(candidate: 2));

        bool Ask(ulong candidate)
        {
            group.Inject(new RaftMessage.Vote(candidate, 1, 5, 0, 0, Transfer: false, default));
            return group.TakeWire().OfType<RaftMessage.VoteReply>().Single().Granted;
        }
    }

    [Fact]
    public void Section_5_2_A_candidate_that_hears_the_leader_of_its_term_follows_it()
    {
        var group = new RaftGroup([1, 2, 3]);
        group[1].Node.Campaign(group.Now);
        group.Inject(new RaftMessage.PreVoteReply(2, 1, 1, Granted: true, default));
        Assert.Equal(Role.Candidate, group[1].Node.Role);

        group.Inject(new RaftMessage.Heartbeat(3, 1, 1, 0, 1));

        Assert.Equal((Role.Follower, 3UL), (group[1].Node.Role, group[1].Node.LeaderId));
    }

    [Fact]
    public void Section_5_2_Election_timeouts_are_spread_over_their_range()
    {
        var config = new RaftConfig { Id = 1 };
        var deadlines = Enumerable.Range(0, 1000)
            .Select(seed => new RaftNode(config, RaftRestore.Bootstrap(1, 2, 3), new Prng((ulong)seed), TimeSpan.Zero).Deadline).ToList();
        Assert.InRange(deadlines.Min().TotalMilliseconds, 300, 305);
        Assert.InRange(deadlines.Max().TotalMilliseconds, 595, 600);
        Assert.InRange(deadlines.Average(deadline => deadline.TotalMilliseconds), 440, 460);
    }

    [Fact]
    public void Section_5_3_An_entry_is_committed_when_a_majority_has_it_and_the_followers_learn_it_at_once()
    {
        var group = RaftGroup.LedByOne();
        group.Propose(1, "x");
        group.Settle();
        Assert.All(group.Peers, peer => Assert.Equal(["x"], peer.Commands)); // no time has passed: no heartbeat needed
    }

    [Fact]
    public void Section_5_3_The_leader_alone_commits_nothing()
    {
        var group = RaftGroup.LedByOne();
        group.Isolate(1);
        group.Propose(1, "x");
        group.Settle();
        Assert.Empty(group[1].Commands);
    }

    [Fact]
    public void Section_5_3_An_append_that_does_not_match_is_rejected_with_a_hint()
    {
        var group = RaftGroup.FromLogs((1, 6, [1, 1, 1]), (2, 6, []));
        group.Inject(new RaftMessage.Append(2, 1, 6, 9, 5, 0, []));
        var answer = Assert.IsType<RaftMessage.AppendReply>(Assert.Single(group.TakeWire()));
        Assert.Equal((true, 9UL, 3UL, 1UL), (answer.Rejected, answer.Index, answer.HintIndex, answer.HintTerm));
    }

    [Fact]
    public void Section_5_3_An_old_append_does_not_shorten_the_log()
    {
        var group = RaftGroup.FromLogs((1, 1, []), (2, 1, []), (3, 1, []));
        group.Inject(new RaftMessage.Append(2, 1, 1, 0, 0, 0, [Text(1, 1, "a"), Text(2, 1, "b")]));
        group.Inject(new RaftMessage.Append(2, 1, 1, 0, 0, 0, [Text(1, 1, "a")]));
        group.TakeWire();
        Assert.Equal(2UL, group[1].Node.LastIndex);
        Assert.Equal(2, group[1].Log.Count);
    }

    [Theory]
    [InlineData("a", new ulong[] { 1, 1, 1, 4, 4, 5, 5, 6, 6 })]
    [InlineData("b", new ulong[] { 1, 1, 1, 4 })]
    [InlineData("c", new ulong[] { 1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6 })]
    [InlineData("d", new ulong[] { 1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7 })]
    [InlineData("e", new ulong[] { 1, 1, 1, 4, 4, 4, 4 })]
    [InlineData("f", new ulong[] { 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3 })]
    public void Section_5_3_Figure_7_A_new_leader_makes_any_follower_log_its_own(string name, ulong[] follower)
    {
        var group = RaftGroup.FromLogs((1, 7, [1, 1, 1, 4, 4, 5, 5, 6, 6, 6]), (2, 7, follower), (3, 7, []));
        group.Cut(2, 3);
        group.Elect(1);
        group.Run(300);
        Assert.Equal(11, group[1].Log.Count);
        Assert.True(group[1].Log.Select(entry => entry.Term).SequenceEqual(group[2].Log.Select(entry => entry.Term)), name);
        Assert.Equal(group[1].Commands, group[2].Commands);
    }

    [Theory]
    [InlineData(new ulong[] { 1 }, 1, 1, true)]
    [InlineData(new ulong[] { 1 }, 2, 1, true)]
    [InlineData(new ulong[] { 1, 1 }, 1, 1, false)]
    [InlineData(new ulong[] { 1 }, 1, 2, true)]
    [InlineData(new ulong[] { 1, 1 }, 1, 2, true)]
    [InlineData(new ulong[] { 2 }, 1, 1, false)]
    [InlineData(new ulong[] { 2 }, 5, 1, false)]
    public void Section_5_4_1_A_vote_goes_only_to_a_log_at_least_as_up_to_date(ulong[] log, ulong lastIndex, ulong lastTerm, bool granted)
    {
        var group = RaftGroup.FromLogs((1, 3, log), (2, 3, []));
        group.Inject(new RaftMessage.PreVote(2, 1, 4, lastIndex, lastTerm, default));
        Assert.Equal(granted, group.TakeWire().OfType<RaftMessage.PreVoteReply>().Single().Granted);
        group.Inject(new RaftMessage.Vote(2, 1, 4, lastIndex, lastTerm, Transfer: false, default));
        Assert.Equal(granted, group.TakeWire().OfType<RaftMessage.VoteReply>().Single().Granted);
    }

    [Fact]
    public void Section_5_4_2_Figure_8_An_entry_of_an_older_term_is_not_committed_by_counting()
    {
        // S1 led term 2, lost to S5 in term 3 and leads again in term 4: its entry of term 2 now reaches S2 and S3, a majority.
        var group = RaftGroup.FromLogs((1, 3, [1, 2]), (2, 3, [1, 2]), (3, 3, [1]), (4, 3, [1]), (5, 3, [1, 3]));
        group.Now += TimeSpan.FromMilliseconds(300);
        group.Inject(new RaftMessage.TimeoutNow(2, 1, 3)); // not from a leader: ignored
        group[1].Node.Campaign(group.Now);
        foreach (ulong voter in new[] { 2, 3 })
        {
            group.Inject(new RaftMessage.PreVoteReply(voter, 1, 4, Granted: true, default));
        }

        foreach (ulong voter in new[] { 2, 3 })
        {
            group.Inject(new RaftMessage.VoteReply(voter, 1, 4, Granted: true, default));
        }

        Assert.Equal(Role.Leader, group[1].Node.Role);
        group.TakeWire();
        group.Inject(new RaftMessage.AppendReply(2, 1, 4, 2, Rejected: false, 0, 0, Forgot: false));
        group.Inject(new RaftMessage.AppendReply(3, 1, 4, 2, Rejected: false, 0, 0, Forgot: false));
        Assert.Equal(0UL, group[1].Node.CommitIndex);

        // The empty entry of term 4 at index 3 commits it with itself.
        group.Inject(new RaftMessage.AppendReply(2, 1, 4, 3, Rejected: false, 0, 0, Forgot: false));
        group.Inject(new RaftMessage.AppendReply(3, 1, 4, 3, Rejected: false, 0, 0, Forgot: false));
        Assert.Equal(3UL, group[1].Node.CommitIndex);
    }

    [Fact]
    public void Section_5_5_A_follower_that_was_away_is_brought_up_to_date()
    {
        var group = RaftGroup.LedByOne();
        group[3].Crash();
        group.Propose(1, "x");
        group.Run(1000);
        group[3].Restart(group.Now);
        group.Run(200);
        Assert.Equal(["x"], group[3].Commands);
    }

    [Fact]
    public void Section_5_6_A_lost_leader_is_replaced_within_one_election_timeout_and_two_round_trips()
    {
        for (ulong survivor = 2; survivor <= 3; survivor++)
        {
            var group = RaftGroup.LedByOne();
            group.Run(1000);
            group[1].Crash();
            group.Run(600); // round trips take no time here
            Assert.Equal(2UL, group.Leader.Node.Term);
        }
    }

    [Fact]
    public void Section_6_While_joint_both_majorities_must_agree()
    {
        var group = RaftGroup.LedByOne();
        Array.ForEach<ulong>([4, 5], id => group.Join(id));
        group[1].Node.ProposeConfiguration(new ConfigurationChange(
            [new(MemberChangeKind.AddVoter, 4), new(MemberChangeKind.AddVoter, 5), new(MemberChangeKind.Remove, 2), new(MemberChangeKind.Remove, 3)],
            ConfigurationTransition.JointExplicit));
        group.Settle();
        Assert.Equal("voters=(1 4 5)&&(1 2 3)", group[1].Node.Configuration.ToString());

        Array.ForEach<ulong>([2, 3], group.Isolate); // the incoming majority is there, the outgoing is not
        group.Propose(1, "x");
        group.Settle();
        Assert.Empty(group[1].Commands);

        group.Heal();
        group.Run(300);
        Assert.Equal(["x"], group[1].Commands);
        Assert.True(group[1].Node.ProposeConfiguration(ConfigurationChange.LeaveJoint).IsAccepted);
        group.Settle();
        Assert.Equal("voters=(1 4 5)", group[5].Node.Configuration.ToString());
    }

    [Fact]
    public void Section_6_A_leader_outside_the_new_configuration_steps_down_once_it_is_committed()
    {
        var group = RaftGroup.LedByOne();
        group[1].Node.ProposeConfiguration(ConfigurationChange.Remove(1));
        group.Settle();
        Assert.Equal(Role.Follower, group[1].Node.Role);
        Assert.Equal("voters=(2 3)", group.Leader.Node.Configuration.ToString()); // a successor was named: no timeout passed
    }

    [Fact]
    public void Section_6_A_removed_server_cannot_disrupt_the_cluster()
    {
        var group = RaftGroup.LedByOne();
        group.Isolate(3);
        group[1].Node.ProposeConfiguration(ConfigurationChange.Remove(3));
        group.Settle();
        group.Heal();
        group.Run(5000); // 3 never learns of it and asks for votes all the time
        Assert.Equal((1UL, 1UL), (group.Leader.Id, group.Leader.Node.Term));
    }

    [Fact]
    public void Section_7_A_follower_behind_the_compacted_log_gets_a_snapshot_and_what_follows()
    {
        var group = RaftGroup.LedByOne();
        group.Isolate(3);
        group.Propose(1, "x");
        group.Settle();
        group[1].Compact(keep: 0);
        group.Propose(1, "y");
        group.Settle();
        group.Heal();
        group.Run(1000);
        Assert.Single(group[3].Installed);
        Assert.Equal(["y"], group[3].Commands);
        Assert.Equal(group[1].StateHash, group[3].StateHash);
    }

    [Fact]
    public void Section_8_A_read_is_answered_only_after_a_quorum_answered_a_later_heartbeat()
    {
        var group = RaftGroup.LedByOne();
        group[1].Node.ReadIndex(7);
        var round = group.TakeWire().OfType<RaftMessage.Heartbeat>().First().Round;
        group.Inject(new RaftMessage.HeartbeatReply(2, 1, 1, round - 1)); // of an earlier round: proves nothing
        group.TakeWire();
        Assert.Empty(group[1].Reads);

        group.Inject(new RaftMessage.HeartbeatReply(2, 1, 1, round));
        group.TakeWire();
        Assert.Equal(new ReadState(7, group[1].Node.CommitIndex), Assert.Single(group[1].Reads));
    }

    [Fact]
    public void Section_8_A_new_leader_answers_no_read_before_it_has_committed_in_its_term()
    {
        var group = RaftGroup.LedByOne();
        group.Isolate(3);
        group.Propose(1, "x");
        group.Settle();
        group[1].Crash();
        group.Heal();
        group.Now += TimeSpan.FromMilliseconds(300);
        group.Cut(2, 3);
        group[2].Node.Campaign(group.Now);
        group.Inject(new RaftMessage.PreVoteReply(3, 2, 2, Granted: true, default));
        group.Inject(new RaftMessage.VoteReply(3, 2, 2, Granted: true, default));
        Assert.Equal(Role.Leader, group[2].Node.Role);

        Assert.Equal(ReadIndexResult.Accepted, group[2].Node.ReadIndex(7));
        group.Settle();
        Assert.False(group[2].Node.HasReady);
        Assert.Empty(group[2].Reads);

        group.Heal();
        group.Run(200);
        Assert.Equal(7UL, Assert.Single(group[2].Reads).Token);
    }

    private static Entry Text(ulong index, ulong term, string text) => new(index, term, EntryKind.Command, Encoding.UTF8.GetBytes(text));
}

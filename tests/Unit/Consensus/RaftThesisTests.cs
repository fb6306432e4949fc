using Trefoil.Consensus;
using Xunit;

namespace Trefoil.Unit.Consensus;

/// <summary>What Ongaro's thesis, etcd and correctness.md add to the paper.</summary>
public sealed class RaftThesisTests
{
    [Fact]
    public void Thesis_9_6_A_node_that_was_cut_off_comes_back_without_a_new_term()
    {
        var group = RaftGroup.LedByOne();
        group.Isolate(3);
        group.Run(10_000);
        Assert.Equal((Role.PreCandidate, 1UL), (group[3].Node.Role, group[3].Node.Term));
        group.Heal();
        group.Run(1000);
        Assert.Equal((Role.Follower, 1UL, 1UL), (group[3].Node.Role, group[3].Node.Term, group[3].Node.LeaderId));
        Assert.Equal(1UL, group.Leader.Id);
    }

    [Fact]
    public void Thesis_6_2_A_leader_without_a_quorum_steps_down()
    {
        var group = RaftGroup.LedByOne();
        group.Isolate(1);
        group.Run(900);
        Assert.Equal(Role.Follower, group[1].Node.Role);
    }

    [Fact]
    public void Thesis_4_2_3_A_vote_request_while_the_leader_is_heard_is_ignored_unless_the_leader_asked_for_it()
    {
        var group = RaftGroup.LedByOne();
        group.Inject(new RaftMessage.Vote(3, 2, 9, 99, 9, Transfer: false, default));
        Assert.Equal(1UL, group[2].Node.Term);
        Assert.Empty(group.TakeWire());

        group.Inject(new RaftMessage.Vote(3, 2, 9, 99, 9, Transfer: true, default));
        Assert.Equal(9UL, group[2].Node.Term);
    }

    [Fact]
    public void Thesis_10_2_1_The_leader_sends_before_it_is_durable_and_counts_itself_after()
    {
        var group = RaftGroup.LedByOne();
        var leader = group[1].Node;
        group.Propose(1, "x");
        var ready = leader.TakeReady();
        Assert.Equal(2, ready.MessagesBefore.OfType<RaftMessage.Append>().Count());
        Assert.Single(ready.Entries);

        group.Inject(new RaftMessage.AppendReply(2, 1, 1, leader.LastIndex, Rejected: false, 0, 0, Forgot: false));
        Assert.Equal(leader.LastIndex - 1, leader.CommitIndex); // one durable copy of three
        leader.Advance();
        Assert.Equal(leader.LastIndex, leader.CommitIndex);
    }

    [Fact]
    public void Thesis_3_10_Leadership_goes_to_the_chosen_voter_in_no_time()
    {
        var group = RaftGroup.LedByOne();
        group.Propose(1, "x");
        Assert.True(group[1].Node.TransferLeadership(3));
        Assert.Equal(ProposeStatus.Transferring, group.Propose(1, "y").Status);
        group.Settle();
        Assert.Equal((3UL, 2UL), (group.Leader.Id, group.Leader.Node.Term));
        Assert.All(group.Peers, peer => Assert.Equal(["x"], peer.Commands));
    }

    [Fact]
    public void A_demoted_leader_steps_down_and_goes_on_as_a_learner()
    {
        var group = RaftGroup.LedByOne();
        group[1].Node.ProposeConfiguration(ConfigurationChange.AddLearner(1));
        group.Settle();
        group.Propose(group.Leader.Id, "x");
        group.Settle();
        Assert.Equal(Role.Follower, group[1].Node.Role);
        Assert.Equal(["x"], group[1].Commands);
    }

    [Fact]
    public void A_learner_and_a_stranger_never_campaign()
    {
        var group = RaftGroup.LedByOne();
        group.Join(4);
        group.Join(5);
        group[1].Node.ProposeConfiguration(ConfigurationChange.AddLearner(4));
        group.Settle();
        Array.ForEach<ulong>([1, 2, 3], id => group[id].Crash());
        group.Run(5000);
        Assert.All<ulong>([4, 5], id => Assert.Equal((Role.Follower, 0UL), (group[id].Node.Role, group[id].Node.Counters.PreVotes)));
        Assert.Equal(TimeSpan.MaxValue, group[5].Node.Deadline);
    }

    [Fact]
    public void A_member_added_later_learns_the_first_configuration_from_the_log()
    {
        var group = RaftGroup.LedByOne(1);
        group.Join(2);
        group[1].Node.ProposeConfiguration(ConfigurationChange.AddVoter(2));
        group.Settle();
        Assert.Equal("voters=(1 2)", group[2].Node.Configuration.ToString());
    }

    [Fact]
    public void A_sole_voter_leads_at_once_and_again_after_a_restart()
    {
        var group = new RaftGroup([1]);
        group.Run(1);
        Assert.Equal(Role.Leader, group[1].Node.Role);
        group.Propose(1, "x");
        group.Settle();
        group[1].Crash();
        group[1].Restart(group.Now);
        group.Run(700);
        Assert.Equal(["x"], group[1].Commands);
        Assert.Equal(2UL, group[1].Node.Term);
    }

    [Fact]
    public void A_voter_that_missed_the_removal_of_the_other_learns_it_from_the_refused_vote()
    {
        var group = RaftGroup.LedByOne(1, 2);
        group[1].Node.ProposeConfiguration(ConfigurationChange.AddLearner(1));
        foreach (var message in group.TakeWire())
        {
            group.Inject(message);
        }

        group.Inject(group.TakeWire().OfType<RaftMessage.AppendReply>().Single());
        group.Propose(1, "never committed"); // longer log than 2's
        group.TakeWire(); // 1 has committed, applied and stepped down; 2 never hears of it
        Assert.Equal("voters=(2) learners=(1)", group[1].Node.Configuration.ToString());
        Assert.Equal("voters=(1 2)", group[2].Node.Configuration.ToString());
        Assert.True(group[1].Node.LastIndex > group[2].Node.LastIndex);

        group.Run(3000);
        Assert.Equal(2UL, group.Leader.Id);
    }

    [Fact]
    public void Proposals_beyond_the_uncommitted_bytes_are_refused_until_some_commit()
    {
        var group = new RaftGroup([1, 2, 3], config => config with { MaxUncommittedBytes = 100 });
        group.Elect(1);
        Assert.Equal(ProposeStatus.Accepted, group.Propose(1, new string('x', 500)).Status);
        Assert.Equal(ProposeStatus.Full, group.Propose(1, "y").Status);
        group.Settle();
        Assert.Equal(ProposeStatus.Accepted, group.Propose(1, "y").Status);
        Assert.Equal(ProposeStatus.NotLeader, group.Propose(2, "y").Status);
    }

    [Fact]
    public void A_stream_to_one_follower_stops_at_the_inflight_limit()
    {
        var group = new RaftGroup([1, 2], config => config with { MaxInflightMessages = 3, MaxMessageBytes = 20 });
        group.Elect(1);
        for (var i = 0; i < 50; i++)
        {
            group.Propose(1, $"{i}");
        }

        Assert.Equal(3, group.TakeWire().OfType<RaftMessage.Append>().Count());
        group.Run(300); // what was lost is found out by heartbeats
        Assert.Equal(50, group[2].Commands.Count);
    }

    [Fact]
    public void A_snapshot_goes_on_from_the_acknowledged_chunk()
    {
        var group = new RaftGroup([1, 2, 3], config => config with { SnapshotChunkBytes = 10 });
        group.Elect(1);
        group.Isolate(3);
        group.Propose(1, "x");
        group.Settle();
        group[1].Compact(keep: 0);
        group.Heal();
        var sent = 0;
        group.OnMessage = (message, _) =>
        {
            if (message is RaftMessage.SnapshotChunk && ++sent == 3)
            {
                group.Isolate(3); // the third chunk still arrives, its answer does not
            }
        };
        group.Run(400);
        Assert.Equal(3, sent);
        Assert.Empty(group[3].Installed);

        group.Heal();
        group.Run(2000);
        Assert.Single(group[3].Installed);
        var offsets = group.Delivered.OfType<RaftMessage.SnapshotChunk>().Select(chunk => (int)chunk.Offset).ToList();
        Assert.Single(offsets, 0);
        Assert.Single(offsets, 10);
        Assert.Equal([0, 10, 20, 30, 40], offsets.Distinct().Order());
    }

    [Fact]
    public void Correctness_4_A_voter_that_lost_a_torn_tail_grants_no_vote_until_it_has_caught_up()
    {
        var group = RaftGroup.LedByOne();
        group.Isolate(3);
        group.Propose(1, "acknowledged by 1 and 2");
        group.Settle();
        group[2].Crash();
        group[1].Crash();
        group.Heal();
        group[2].Restart(group.Now, lost: 1);

        group.Run(4000);
        Assert.True(group[2].Node.IsAbstaining);
        Assert.DoesNotContain(group.Peers, peer => !peer.IsDown && peer.Node.Role == Role.Leader); // 3 would have lost the entry

        group[1].Restart(group.Now);
        group.Run(1500);
        Assert.False(group[2].Node.IsAbstaining);
        Assert.All(group.Peers, peer => Assert.Equal(["acknowledged by 1 and 2"], peer.Commands));
    }

    [Fact]
    public void Correctness_4_The_leader_resends_what_a_restarted_voter_had_acknowledged_and_lost()
    {
        var group = RaftGroup.LedByOne();
        group.Propose(1, "x");
        group.Settle();
        group[2].Crash();
        group[2].Restart(group.Now, lost: 1); // the leader believes that 2 has it, and has nothing more to send
        Assert.True(group[2].Node.IsAbstaining);
        group.Run(200);
        Assert.False(group[2].Node.IsAbstaining);
        Assert.Equal(["x"], group[2].Commands);
    }

    [Fact]
    public void Correctness_4_Abstention_ends_after_five_seconds_without_any_leader()
    {
        var group = new RaftGroup([1, 2]);
        group.Elect(1);
        group.Propose(1, "x");
        group.Settle();
        Array.ForEach<ulong>([1, 2], id => group[id].Crash());
        Array.ForEach<ulong>([1, 2], id => group[id].Restart(group.Now, lost: 1));
        group.Run(4900);
        Assert.All(group.Peers, peer => Assert.Equal(Role.Follower, peer.Node.Role));
        group.Run(1500);
        Assert.NotNull(group.Leader);
    }
}

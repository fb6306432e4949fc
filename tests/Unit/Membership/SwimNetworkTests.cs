using Trefoil.Membership;
using Xunit;

namespace Trefoil.Unit.Membership;

/// <summary>What a whole cluster must do, whatever the seed.</summary>
public sealed class SwimNetworkTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static TheoryData<ulong> Seeds() => [1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Twenty_members_meet_within_two_seconds(ulong seed)
    {
        var network = SwimNetwork.Of(20, SwimConfig.Lan, seed);

        network.RunUntil("everyone knows everyone", network.Agrees, 2 * Second);
        Assert.All(network.Running, node => Assert.Equal(19, JoinsSeenBy(network, node.Index)));
    }

    [Fact]
    public void Sixty_four_members_that_join_at_once_need_not_wait_for_a_push_pull()
    {
        var network = SwimNetwork.Of(64, SwimConfig.Lan, 3);

        network.RunUntil("everyone knows everyone", network.Agrees, 5 * Second);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_crash_is_known_to_all_and_nobody_else_is_hurt(ulong seed)
    {
        var network = Met(8, seed);
        network.Crash(3);

        network.RunUntil("all seven call it dead", () => network.Running.All(node => node.StateOf(3) == MemberState.Dead), 20 * Second);
        network.RunFor(10 * Second);
        Assert.All(network.Running, node => Assert.Equal(7, node.Alive.Count()));
        Assert.All(
            network.Events.Where(happened => happened.Event is SwimEvent.Failed),
            happened => Assert.Equal(SwimNetwork.IdOf(3), ((SwimEvent.Failed)happened.Event).Member.Id));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Heavy_loss_kills_nobody(ulong seed)
    {
        var network = Met(8, seed);
        network.Loss = 0.2;
        network.RunFor(60 * Second);

        Assert.DoesNotContain(network.Events, happened => happened.Event is SwimEvent.Failed);
        network.Loss = 0;
        network.RunUntil("no suspicion is left", network.Agrees, 30 * Second);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_restarted_member_is_newer_than_its_own_ghost(ulong seed)
    {
        var network = Met(5, seed);
        network.Crash(2);
        network.RunFor(Second / 2);
        network.Start(2, 0, 1);

        network.RunUntil("the second run is known to all", () => network.Agrees() && EveryoneKnowsBoot(network, 2, 2), 10 * Second);
        network.RunFor(20 * Second);
        Assert.True(network.Agrees());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_member_comes_back_from_the_dead(ulong seed)
    {
        var network = Met(5, seed);
        network.Crash(4);
        network.RunUntil("dead", () => network.Running.All(node => node.StateOf(4) == MemberState.Dead), 30 * Second);

        network.Start(4, 0);
        network.RunUntil("alive again everywhere", network.Agrees, 10 * Second);
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal(5, JoinsSeenBy(network, i)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_member_that_restarts_without_seeds_is_found_by_those_who_ping_it(ulong seed)
    {
        var network = Met(5, seed);
        network.Crash(0);
        network.Start(0);

        network.RunUntil("it knows everyone", () => network.Agrees() && EveryoneKnowsBoot(network, 0, 2), 15 * Second);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_partition_heals_by_itself(ulong seed)
    {
        var network = Met(6, seed);
        network.Cut = (a, b) => a < 2 != b < 2;
        network.RunUntil(
            "each side buried the other",
            () => network.Running.All(node => node.Alive.Count() == (node.Index < 2 ? 2 : 4)
                && node.Core.Members.All(member => member.State != MemberState.Suspect)),
            60 * Second);
        network.RunFor(60 * Second);

        network.Cut = (_, _) => false;
        network.RunUntil("one cluster again", network.Agrees, 60 * Second);
        network.RunFor(30 * Second);
        Assert.True(network.Agrees());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void One_deaf_member_is_the_only_one_removed(ulong seed)
    {
        var network = Met(8, seed);
        network.Cut = (_, to) => to == 5;

        network.RunUntil("it is dead", () => network.Running.Where(node => node.Index != 5).All(node => node.StateOf(5) == MemberState.Dead), 60 * Second);
        Assert.All(
            network.Running.Where(node => node.Index != 5), node => Assert.True(node.Alive.Count() >= 6, "others were hurt"));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_restart_of_all_at_once_converges_within_two_push_pulls(ulong seed)
    {
        var network = Met(12, seed);
        foreach (var i in Enumerable.Range(0, 12))
        {
            network.Crash(i);
        }

        network.RunFor(Second);
        foreach (var i in Enumerable.Range(0, 12))
        {
            network.Start(i, (i + 1) % 12, (i + 5) % 12);
        }

        network.RunUntil("everyone knows everyone", network.Agrees, SwimConfig.Lan.PushPullInterval * 2);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_graceful_leave_is_known_at_once_and_is_no_failure(ulong seed)
    {
        var network = Met(6, seed);
        network[1].Core.Leave();

        network.RunUntil("the goodbye is spread", () => network[1].Core.HasLeft, 2 * Second);
        network.Crash(1);
        network.RunUntil("all heard it", () => network.Running.All(node => node.StateOf(1) == MemberState.Left), 2 * Second);
        network.RunFor(30 * Second);
        Assert.DoesNotContain(network.Events, happened => happened.Event is SwimEvent.Suspected or SwimEvent.Failed);
        Assert.Equal(5, network.Events.Count(happened => happened.Event is SwimEvent.Left));
    }

    [Fact]
    public void An_evicted_member_stays_out_until_it_is_admitted()
    {
        var network = Met(4, 1);
        foreach (var node in network.Running.Where(node => node.Index != 3))
        {
            node.Core.Evict(SwimNetwork.IdOf(3));
        }

        network.RunFor(30 * Second);
        Assert.All(network.Running.Where(node => node.Index != 3), node => Assert.Null(node.StateOf(3)));
        Assert.Equal(3, network.Events.Count(happened => happened.Event is SwimEvent.Left));
        Assert.True(network[0].Core.Counters.Banned > 0);

        foreach (var node in network.Running.Where(node => node.Index != 3))
        {
            node.Core.Admit(SwimNetwork.IdOf(3));
        }

        network.RunUntil("it is back", network.Agrees, 60 * Second);
    }

    [Fact]
    public void A_topology_version_reaches_everyone_with_the_probes()
    {
        var network = Met(5, 1);
        network[2].Core.SetVersion(42);

        network.RunUntil(
            "everyone has seen it", () => network.Running.All(node => node.Core.Members.Single(m => m.Id == SwimNetwork.IdOf(2)).Version == 42), 10 * Second);
        Assert.Equal(4, network.Events.Count(happened => happened.Event is SwimEvent.VersionSeen { Version: 42 }));
    }

    [Fact]
    public void Metadata_reaches_everyone_with_the_gossip()
    {
        var network = Met(5, 1);
        network[2].Core.SetMetadata(new byte[] { 1, 2, 3 });

        network.RunUntil(
            "everyone has it",
            () => network.Running.All(node => node.Core.Members.Single(m => m.Id == SwimNetwork.IdOf(2)).Metadata.Length == 3),
            2 * Second);
        Assert.Equal(4, network.Events.Count(happened => happened.Event is SwimEvent.MetadataChanged));
    }

    [Fact]
    public void A_quiet_cluster_exchanges_digests_and_no_member_lists()
    {
        var network = Met(8, 1);
        network.RunFor(60 * Second);
        var lists = network.Running.Sum(node => node.Core.Counters.StatesMerged);
        network.RunFor(120 * Second);

        Assert.Equal(lists, network.Running.Sum(node => node.Core.Counters.StatesMerged));
        Assert.True(network.Running.Sum(node => node.Core.Counters.DigestsEqual) > 8);
    }

    [Fact]
    public void A_quiet_member_sends_one_ping_and_one_ack_per_interval()
    {
        var network = Met(8, 1);
        network.RunFor(60 * Second);
        var before = network.Running.Sum(node => node.Core.Counters.PacketsSent);
        network.RunFor(100 * Second);

        Assert.Equal(8 * 100 * 2, network.Running.Sum(node => node.Core.Counters.PacketsSent) - before);
    }

    [Fact]
    public void The_same_seed_gives_the_same_history()
    {
        Assert.Equal(History(5), History(5));
        Assert.NotEqual(History(5), History(6));

        static string History(ulong seed)
        {
            var network = Met(6, seed);
            network.Loss = 0.1;
            network.Crash(2);
            network.RunFor(30 * Second);
            return string.Join('\n', network.Events.Select(happened => $"{happened.At} {happened.Node} {happened.Event.GetType().Name}"))
                + network.Running.Sum(node => node.Core.Counters.BytesSent);
        }
    }

    [Fact]
    public void A_process_that_was_asleep_accuses_nobody()
    {
        var network = Met(4, 1);
        network.RunFor(5 * Second);
        var sleeper = network[1];
        sleeper.Up = false;
        network.RunFor(3 * Second);
        sleeper.Up = true;
        var woken = network.Now;
        network.RunFor(30 * Second);

        Assert.DoesNotContain(network.Events, happened => happened.Node == 1 && happened.At >= woken && happened.Event is SwimEvent.Failed);
        Assert.Equal(1, sleeper.Core.Counters.LateTicks);
        Assert.True(network.Agrees());
    }

    private static SwimNetwork Met(int count, ulong seed)
    {
        var network = SwimNetwork.Of(count, SwimConfig.Lan, seed);
        network.RunUntil("everyone knows everyone", network.Agrees, 5 * Second);
        return network;
    }

    private static int JoinsSeenBy(SwimNetwork network, int node) =>
        network.Events.Count(happened => happened.Node == node && happened.Event is SwimEvent.Joined);

    private static bool EveryoneKnowsBoot(SwimNetwork network, int index, uint boot) =>
        network.Running.All(node => node.Core.Members.Single(member => member.Id == SwimNetwork.IdOf(index)).Incarnation.BootEpoch == boot);
}

using FsCheck;
using FsCheck.Fluent;
using Trefoil.Membership;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Membership;

public sealed class BeliefTests
{
    private static readonly ClusterId Cluster = new(1, 2);
    private static readonly ClusterId Other = new(3, 4);
    private static readonly HostPort Somewhere = new("h", 1);

    private static Gen<Update> Claims =>
        from who in Gen.Choose(1, 3)
        from boot in Gen.Choose(1, 2)
        from counter in Gen.Choose(0, 2)
        from state in Gen.Choose(0, 3)
        select new Update(MemberOf(who, new Incarnation((uint)boot, (uint)counter), (MemberState)state), new NodeId(0, 99));

    [Fact]
    public void Whoever_heard_the_same_claims_believes_the_same_in_whatever_order() =>
        Prop.ForAll(Claims.ListOf().ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (claims, seed) =>
        {
            var shuffled = claims.ToArray();
            new Prng((ulong)seed).Shuffle<Update>(shuffled);

            Assert.Equal(BeliefsAfter(claims), BeliefsAfter(shuffled));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Incarnations_are_ordered_by_boot_epoch_first_and_saturate()
    {
        Assert.True(new Incarnation(2, 0) > new Incarnation(1, uint.MaxValue));
        Assert.True(new Incarnation(1, 1) > new Incarnation(1, 0));
        Assert.Equal(new Incarnation(2, 0), new Incarnation(1, uint.MaxValue).Next());
        Assert.Equal(new Incarnation(uint.MaxValue, uint.MaxValue), new Incarnation(uint.MaxValue, uint.MaxValue).Next());
    }

    [Fact]
    public void A_claim_from_the_future_about_oneself_is_overridden()
    {
        var core = Core();
        Hear(core, new Update(MemberOf(50, new Incarnation(9, 9), MemberState.Alive), NodeId.None));

        Assert.Equal(new Incarnation(9, 10), core.Self.Incarnation);
        Assert.Equal(1, core.Counters.IdentityConflicts);
    }

    [Fact]
    public void Members_beyond_the_limit_are_dropped_and_counted()
    {
        var core = Core(SwimConfig.Lan with { MaxMembers = 3 });
        for (var who = 1; who <= 5; who++)
        {
            Hear(core, new Update(MemberOf(who, new Incarnation(1, 0), MemberState.Alive), NodeId.None));
        }

        Assert.Equal(3, core.Members.Count);
        Assert.Equal(3, core.Counters.OverLimit);
    }

    [Fact]
    public void The_dead_are_forgotten_after_their_retention()
    {
        var core = Core(SwimConfig.Lan with { DeadRetention = TimeSpan.FromMinutes(1) });
        Hear(core, new Update(MemberOf(1, new Incarnation(1, 0), MemberState.Alive), NodeId.None));
        Hear(core, new Update(MemberOf(1, new Incarnation(1, 0), MemberState.Dead), NodeId.None));
        Run(core, TimeSpan.FromSeconds(59));
        Assert.Equal(2, core.Members.Count);

        Run(core, TimeSpan.FromSeconds(70));
        Assert.Single(core.Members);
    }

    [Fact]
    public void The_dead_whom_we_never_met_are_not_learnt()
    {
        var core = Core();
        Hear(core, new Update(MemberOf(1, new Incarnation(1, 0), MemberState.Dead), NodeId.None));

        Assert.Single(core.Members);
    }

    [Fact]
    public void Equal_beliefs_have_equal_digests_and_the_dead_do_not_count()
    {
        var (one, other) = (Core(), Core());
        Hear(one, new Update(MemberOf(1, new Incarnation(1, 0), MemberState.Alive), NodeId.None));
        Assert.NotEqual(one.Digest(), other.Digest());

        Hear(other, new Update(MemberOf(1, new Incarnation(1, 0), MemberState.Alive), NodeId.None));
        Assert.Equal(one.Digest(), other.Digest());

        Hear(one, new Update(MemberOf(2, new Incarnation(1, 0), MemberState.Alive), NodeId.None));
        Hear(one, new Update(MemberOf(2, new Incarnation(1, 0), MemberState.Dead), NodeId.None));
        Assert.Equal(one.Digest(), other.Digest());
    }

    [Fact]
    public void Members_are_sorted_with_this_node_in_its_place_and_the_snapshot_does_not_change()
    {
        var core = Core();
        foreach (var who in new[] { 70, 1, 60, 2 })
        {
            Hear(core, new Update(MemberOf(who, new Incarnation(1, 0), MemberState.Alive), NodeId.None));
        }

        var members = core.Members;
        Assert.Equal([1UL, 2, 50, 60, 70], members.Select(member => member.Id.Low));
        Assert.Same(members, core.Members);
        Hear(core, new Update(MemberOf(3, new Incarnation(1, 0), MemberState.Alive), NodeId.None));
        Assert.Equal(5, members.Count);
    }

    [Fact]
    public void A_rebased_member_announces_nothing_of_its_old_cluster()
    {
        var core = Core();
        core.SetVersion(7);
        Hear(core, new Update(MemberOf(1, new Incarnation(1, 0), MemberState.Alive), NodeId.None));
        core.Rebase(Other);
        core.Join([Somewhere with { Port = 9 }]);
        var effects = new List<SwimEffect>();
        core.Tick(TimeSpan.Zero, effects);

        var join = Assert.Single(effects.OfType<SwimEffect.OpenStream>());
        Assert.Equal(ReadResult.Ok, StreamCodec.TryRead(join.Bytes.Span, "test", Other, 9, out var header, out var message));
        Assert.Equal(0UL, header.Version);
        var self = Assert.Single(Assert.IsType<StreamMessage.State>(message).Members);
        Assert.Equal(0UL, self.Version);
        Assert.Equal(new Incarnation(1, 1), self.Incarnation);
    }

    [Fact]
    public void Misuse_throws_where_it_is_made()
    {
        Assert.Throws<ArgumentException>(() => Core().SetMetadata(new byte[513]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SwimConfig.Lan with { ProbeInterval = TimeSpan.Zero });
        Assert.Throws<ArgumentException>(() => new Swim(SwimConfig.Lan, new NodeId(1, 1), Somewhere, "a b", Cluster, 1, new Prng(1)));
        Assert.Throws<ArgumentException>(() => new Swim(SwimConfig.Lan, new NodeId(1, 1), new HostPort("h", 0), "a", Cluster, 1, new Prng(1)));
    }

    private static string BeliefsAfter(IEnumerable<Update> claims)
    {
        var core = Core();
        for (var who = 1; who <= 3; who++)
        {
            Hear(core, new Update(MemberOf(who, new Incarnation(1, 0), MemberState.Alive), NodeId.None));
        }

        foreach (var claim in claims)
        {
            Hear(core, claim);
        }

        return string.Join(' ', core.Members.Select(member => $"{member.Id.Low}:{member.State}@{member.Incarnation}"));
    }

    private static Swim Core(SwimConfig? config = null) =>
        new(config ?? SwimConfig.Lan, new NodeId(0, 50), Somewhere, "test", Cluster, 1, new Prng(1));

    private static void Hear(Swim core, Update update)
    {
        var writer = new ByteWriter();
        PacketCodec.Write(writer, new Header("test", Cluster, new NodeId(0, 77), 0), new PacketMessage.Gossip());
        SwimCodec.WriteUpdate(writer, update);
        core.Handle(TimeSpan.Zero, new SwimInput.PacketReceived(Somewhere, writer.ToArray()));
    }

    private static void Run(Swim core, TimeSpan until)
    {
        var effects = new List<SwimEffect>();
        for (var now = TimeSpan.Zero; core.Deadline <= until;)
        {
            now = core.Deadline > now ? core.Deadline : now;
            core.Tick(now, effects);
        }
    }

    private static Member MemberOf(int who, Incarnation incarnation, MemberState state) =>
        new(new NodeId(0, (ulong)who), Somewhere, incarnation, state, 0, default);
}

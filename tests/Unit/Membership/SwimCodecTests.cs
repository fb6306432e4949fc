using FsCheck;
using FsCheck.Fluent;
using Trefoil.Membership;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Membership;

public sealed class SwimCodecTests
{
    private const string Name = "trefoil";
    private static readonly ClusterId Cluster = new(1, 2);
    private static readonly Header Sent = new(Name, Cluster, new NodeId(3, 4), 77);

    private static Gen<Member> Members =>
        from id in Gen.Choose(1, 1000)
        from state in Gen.Choose(0, 3)
        from boot in Gen.Elements(0u, 1u, 300u, uint.MaxValue)
        from counter in Gen.Elements(0u, 1u, 300u, uint.MaxValue)
        from host in Gen.Elements("127.0.0.1", "::1", "node-1.example.org", new string('h', 255))
        from port in Gen.Choose(1, 65535)
        from version in Gen.Elements(0UL, 1UL, ulong.MaxValue)
        from metadata in Gen.Elements(0, 1, 512)
        select new Member(
            new NodeId(9, (ulong)id), new HostPort(host, port), new Incarnation(boot, counter), (MemberState)state, version, new byte[metadata]);

    private static Gen<PacketMessage> Packets =>
        from sequence in Gen.Elements(0u, 1u, uint.MaxValue)
        from member in Members
        from message in Gen.Elements<PacketMessage>(
            new PacketMessage.Ping(sequence, member.Id),
            new PacketMessage.PingRequest(sequence, member.Id, member.Address),
            new PacketMessage.Ack(sequence, member.Id),
            new PacketMessage.Nack(sequence),
            new PacketMessage.Gossip())
        select message;

    [Fact]
    public void Every_packet_reads_back_as_it_was_written() =>
        Prop.ForAll(Packets.ToArbitrary(), Members.ToArbitrary(), (message, member) =>
        {
            var writer = new ByteWriter();
            PacketCodec.Write(writer, Sent, message);
            SwimCodec.WriteUpdate(writer, new Update(member, new NodeId(8, 8)));
            var updates = new List<Update>();

            Assert.Equal(ReadResult.Ok, PacketCodec.TryRead(writer.Written, Name, Cluster, out var header, out var read, updates));
            Assert.Equal(Sent, header);
            Assert.Equal(message, read);
            AssertSame(member, Assert.Single(updates).Member);
            Assert.Equal(new NodeId(8, 8), updates[0].Accuser);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_member_list_reads_back_as_it_was_written() =>
        Prop.ForAll(Members.ListOf().ToArbitrary(), members =>
        {
            var bytes = StreamCodec.Encode(Sent, new StreamMessage.State(true, 99, [.. members]));

            Assert.Equal(ReadResult.Ok, StreamCodec.TryRead(bytes, Name, Cluster, 1000, out _, out var read));
            var state = Assert.IsType<StreamMessage.State>(read);
            Assert.True(state is { Join: true, Hash: 99 });
            Assert.Equal(members.Count, state.Members.Count);
            Assert.All(members.Zip(state.Members), pair => AssertSame(pair.First, pair.Second));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_cut_packet_is_malformed_wherever_it_is_cut()
    {
        var bytes = SamplePacket();
        for (var length = 0; length < bytes.Length; length++)
        {
            var result = PacketCodec.TryRead(bytes.AsSpan(0, length), Name, Cluster, out _, out _, []);

            // Cut between two updates it is a shorter packet, and as good.
            Assert.True(result == ReadResult.Malformed || length == bytes.Length - UpdateLength(), $"cut at {length}: {result}");
        }
    }

    [Fact]
    public void Another_clusters_name_or_id_is_foreign_and_another_version_unknown()
    {
        var bytes = SamplePacket();
        Assert.Equal(ReadResult.Foreign, PacketCodec.TryRead(bytes, "other", Cluster, out _, out _, []));
        Assert.Equal(ReadResult.Foreign, PacketCodec.TryRead(bytes, Name, new ClusterId(9, 9), out _, out _, []));

        (bytes[2], bytes[3], bytes[4]) = (2, 1, 2);
        Assert.Equal(ReadResult.UnknownVersion, PacketCodec.TryRead(bytes, Name, Cluster, out _, out _, []));
    }

    [Fact]
    public void Hostile_values_are_malformed()
    {
        var member = new Member(new NodeId(1, 1), new HostPort("h", 1), default, MemberState.Alive, 0, default);
        Member[] hostile =
        [
            member with { Id = NodeId.None },
            member with { State = (MemberState)4 },
            member with { Address = new HostPort("", 1) },
            member with { Address = new HostPort("h", 0) },
            member with { Address = new HostPort("a b", 1) },
            member with { Address = new HostPort("a\n", 1) },
            member with { Address = new HostPort("é", 1) },
            member with { Address = new HostPort(new string('h', 256), 1) },
            member with { Metadata = new byte[513] },
        ];
        Assert.All(hostile, bad =>
        {
            var writer = new ByteWriter();
            PacketCodec.Write(writer, Sent, new PacketMessage.Gossip());
            SwimCodec.WriteUpdate(writer, new Update(bad, new NodeId(1, 1)));
            Assert.Equal(ReadResult.Malformed, PacketCodec.TryRead(writer.Written, Name, Cluster, out _, out _, []));
        });
    }

    [Fact]
    public void A_claimed_count_costs_no_memory()
    {
        var writer = new ByteWriter();
        SwimCodec.WriteHeader(writer, (byte)'S', Sent);
        writer.Byte(2);
        writer.Bool(false);
        writer.UInt64(0);
        writer.Varint(60000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(ReadResult.Malformed, StreamCodec.TryRead(writer.Written, Name, Cluster, 65535, out _, out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000);
    }

    [Fact]
    public void Noise_and_damaged_messages_never_throw_and_never_stop_the_core()
    {
        var random = new Prng(11);
        var core = new Swim(SwimConfig.Lan, new NodeId(1, 1), new HostPort("me", 1), Name, Cluster, 1, new Prng(1));
        var effects = new List<SwimEffect>();
        byte[][] samples =
        [
            SamplePacket(),
            StreamCodec.Encode(Sent, new StreamMessage.State(true, 1, [SampleMember()])),
            StreamCodec.Encode(Sent, new StreamMessage.Digest(1)),
            [],
        ];
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Damage(samples[random.Below(samples.Length)], random);
            core.Handle(TimeSpan.FromMilliseconds(round), new SwimInput.PacketReceived(new HostPort("x", 1), bytes));
            core.Handle(TimeSpan.FromMilliseconds(round), new SwimInput.StreamRequested((ulong)round, new HostPort("x", 1), bytes));
            core.Handle(TimeSpan.FromMilliseconds(round), new SwimInput.StreamAnswered(1, bytes));
            core.Tick(TimeSpan.FromMilliseconds(round), effects);
            Assert.All(effects.OfType<SwimEffect.SendPacket>(), sent => Assert.InRange(sent.Bytes.Length, 1, SwimLimits.MaxPacketBytes - SwimLimits.SealBytes));
            Assert.Single(effects, effect => effect is SwimEffect.AnswerStream or SwimEffect.CloseStream);
            effects.Clear();
        }

        Assert.True(core.Counters.Malformed > 10_000);
        Assert.Equal(MemberState.Alive, core.Self.State);
    }

    private static byte[] Damage(byte[] sample, Prng random)
    {
        var bytes = sample.ToArray();
        if (bytes.Length == 0)
        {
            bytes = new byte[random.Below(1500)];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)random.Next();
            }
        }

        for (var flips = random.Below(4); flips > 0 && bytes.Length > 0; flips--)
        {
            bytes[random.Below(bytes.Length)] ^= (byte)(1 << random.Below(8));
        }

        return random.Chance(0.2) ? bytes[..random.Below(bytes.Length + 1)] : bytes;
    }

    private static Member SampleMember() =>
        new(new NodeId(5, 6), new HostPort("10.0.0.1", 7000), new Incarnation(1, 2), MemberState.Suspect, 3, new byte[] { 1, 2, 3 });

    private static byte[] SamplePacket()
    {
        var writer = new ByteWriter();
        PacketCodec.Write(writer, Sent, new PacketMessage.Ping(1, new NodeId(1, 1)));
        SwimCodec.WriteUpdate(writer, new Update(SampleMember(), new NodeId(8, 8)));
        return writer.ToArray();
    }

    private static int UpdateLength()
    {
        var writer = new ByteWriter();
        SwimCodec.WriteUpdate(writer, new Update(SampleMember(), new NodeId(8, 8)));
        return writer.Length;
    }

    private static void AssertSame(Member expected, Member actual)
    {
        Assert.Equal(expected with { Metadata = default }, actual with { Metadata = default });
        Assert.True(expected.Metadata.Span.SequenceEqual(actual.Metadata.Span));
    }
}

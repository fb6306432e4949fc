using Trefoil.Consensus;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Consensus;

public sealed class RaftCodecTests
{
    private static readonly Configuration Joint = new()
    {
        Incoming = [1, 4, ulong.MaxValue],
        Outgoing = [1, 2],
        Learners = [7],
        LearnersNext = [2],
        AutoLeave = true,
    };

    private static readonly RaftMessage[] EveryKind =
    [
        new RaftMessage.PreVote(1, 2, 3, 4, 5, new(6, 7)),
        new RaftMessage.PreVoteReply(1, 2, 3, Granted: true, new(6, 7)),
        new RaftMessage.Vote(1, 2, 3, 4, 5, Transfer: true, new(6, 7)),
        new RaftMessage.VoteReply(1, 2, 3, Granted: true, new(6, 7)),
        new RaftMessage.Append(1, 2, 300, 4, 3, 9, [
            new(5, 3, EntryKind.Command, new byte[] { 1, 2, 3 }), new(6, 4, EntryKind.NoOp, default), new(7, 300, EntryKind.Configuration, new byte[200])]),
        new RaftMessage.AppendReply(1, 2, 3, 4, Rejected: true, 5, 6, Forgot: true),
        new RaftMessage.Heartbeat(1, 2, 3, 4, ulong.MaxValue),
        new RaftMessage.HeartbeatReply(1, 2, 3, 4),
        new RaftMessage.SnapshotChunk(1, 2, 3, 4, 5, Joint, 6, 7, new byte[] { 8, 9 }, Done: true),
        new RaftMessage.SnapshotReply(1, 2, 3, 4, 5),
        new RaftMessage.TimeoutNow(1, 2, 3),
    ];

    [Fact]
    public void Every_kind_of_message_comes_back_as_it_was_written()
    {
        Assert.Equal(typeof(RaftMessage).GetNestedTypes().Length, EveryKind.Length);
        foreach (var message in EveryKind)
        {
            var bytes = Write(message);
            var reader = new ByteReader(bytes);
            Assert.True(RaftCodec.TryRead(ref reader, out var read) && reader.Ended, message.ToString());
            Assert.Equal(bytes, Write(read));
            Assert.Equal(message.GetType(), read.GetType());
            if (message is not (RaftMessage.Append or RaftMessage.SnapshotChunk))
            {
                Assert.Equal(message, read);
            }
        }

        var original = (RaftMessage.Append)EveryKind[4];
        var append = (RaftMessage.Append)Read(Write(original))!;
        Assert.Equal(original.Entries.Select(e => (e.Index, e.Term, e.Kind, e.Data.Length)), append.Entries.Select(e => (e.Index, e.Term, e.Kind, e.Data.Length)));
        Assert.Equal(Joint, ((RaftMessage.SnapshotChunk)Read(Write(EveryKind[8]))!).Configuration);
    }

    [Fact]
    public void A_message_cut_anywhere_is_refused()
    {
        foreach (var bytes in EveryKind.Select(Write))
        {
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.Null(Read(bytes.AsSpan(0, length)));
            }
        }
    }

    [Fact]
    public void Garbage_never_throws_and_what_is_read_can_be_stepped()
    {
        var random = new Prng(7);
        var understood = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Write(EveryKind[random.Below(EveryKind.Length)]);
            for (var flips = 1 + random.Below(4); flips > 0; flips--)
            {
                bytes[random.Below(bytes.Length)] = (byte)random.Next();
            }

            if (Read(bytes) is { } message)
            {
                understood++;
                var node = new RaftNode(new RaftConfig { Id = 2 }, RaftRestore.Bootstrap(1, 2, 3), new Prng(1), TimeSpan.Zero);
                node.Step(TimeSpan.Zero, message);
                node.TakeReady();
                node.Advance();
            }
        }

        Assert.True(understood > 1000);
    }

    [Fact]
    public void A_count_of_entries_that_cannot_be_there_allocates_nothing()
    {
        var writer = new ByteWriter();
        writer.Byte(5);
        Array.ForEach<ulong>([1, 2, 3, 0, 0, 0, RaftCodec.MaxEntries], writer.Varint);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(Read(writer.Written));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4096);
    }

    [Fact]
    public void A_configuration_is_refused_when_its_members_are_not_ascending()
    {
        Assert.True(ConfigurationCodec.TryDecode(ConfigurationCodec.Encode(Joint), out var read));
        Assert.Equal(Joint, read);
        Assert.False(ConfigurationCodec.TryDecode([2, 5, 4, 0, 0, 0, 0], out _));
        Assert.False(ConfigurationCodec.TryDecode([1, 0, 0, 0, 0, 0], out _));
    }

    private static byte[] Write(RaftMessage message)
    {
        var writer = new ByteWriter();
        RaftCodec.Write(writer, message);
        return writer.ToArray();
    }

    private static RaftMessage? Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        return RaftCodec.TryRead(ref reader, out var message) && reader.Ended ? message : null;
    }
}

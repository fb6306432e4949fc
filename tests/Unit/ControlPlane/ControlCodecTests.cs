using Trefoil.Consensus;
using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;

namespace Trefoil.Unit.ControlPlane;

public sealed class ControlCodecTests
{
    private static readonly RequestId Request = new(new NodeId(1, 2), 3);
    private static readonly byte[] Bytes = [1, 2, 3];

    private static readonly ControlMessage[] All =
    [
        new ControlMessage.Raft(new RaftMessage.Heartbeat(1, 2, 3, 4, 5)),
        new ControlMessage.Propose(Request, Bytes, 7),
        new ControlMessage.NotLeader(Request, new NodeId(4, 5)),
        new ControlMessage.Deltas(new NodeId(4, 5), 6, [new NodeId(7, 8)], 9, [new Delta(9, Bytes), new Delta(10, [])]),
        new ControlMessage.Pull(8),
        new ControlMessage.Full(Bytes),
        new ControlMessage.Expelled(new NodeId(4, 5), 9),
        new ControlMessage.Offer(Request, "name", new ClusterId(1, 1), Bytes),
        new ControlMessage.Accepted(Request, new ClusterId(1, 1), 4, Bytes),
        new ControlMessage.Declined(Request, "reason"),
        new ControlMessage.Crossed(Request),
        new ControlMessage.Withdraw(Request, new NodeId(4, 5), new ClusterId(1, 1)),
        new ControlMessage.Invite(Request, "name"),
        new ControlMessage.InviteRefused(Request, "reason"),
        new ControlMessage.LeaseRequest(new NodeId(4, 5), 6, MayBegin: true, 7),
        new ControlMessage.LeaseGrant(7, new NodeId(4, 5), 6),
        new ControlMessage.ShardPosition(new NodeId(4, 5), 6, new LogPosition(5, 900, IsUsable: true)),
    ];

    [Fact]
    public void Every_message_comes_back_as_it_was_and_no_beginning_of_one_is_read()
    {
        Assert.Equal(typeof(ControlMessage).GetNestedTypes().Length, All.Length);
        foreach (var message in All)
        {
            var bytes = Encode(message);
            var read = ControlCodec.Read(bytes);
            Assert.IsType(message.GetType(), read);
            Assert.Equal(bytes, Encode(read));
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.Null(ControlCodec.Read(bytes.AsSpan(0, length)));
            }

            Assert.Null(ControlCodec.Read([.. bytes, 0]));
        }
    }

    [Fact]
    public void Damaged_and_random_bytes_are_read_or_refused_and_never_throw()
    {
        var random = new Prng(3);
        for (var turn = 0; turn < 50_000; turn++)
        {
            var bytes = turn % 2 == 0 ? Encode(All[random.Below(All.Length)]) : new byte[random.Below(80)];
            for (var i = 0; i < 1 + (bytes.Length / 20) && bytes.Length > 0; i++)
            {
                bytes[random.Below(bytes.Length)] = (byte)random.Below(256);
            }

            if (ControlCodec.Read(bytes) is { } message)
            {
                Assert.NotNull(ControlCodec.Read(Encode(message)));
            }
        }
    }

    private static byte[] Encode(ControlMessage message)
    {
        var writer = new ByteWriter();
        ControlCodec.Write(writer, message);
        return writer.ToArray();
    }
}

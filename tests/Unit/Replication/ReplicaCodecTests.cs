using Trefoil.Primitives;
using Trefoil.Replication;
using Xunit;

namespace Trefoil.Unit.Replication;

public sealed class ReplicaCodecTests
{
    private static readonly EpochHistory History = EpochHistory.Empty.Append(new(new ClusterId(1, 2), 3, 4));

    private static readonly ReplicaMessage[] All =
    [
        new ReplicaMessage.Hello(1, 2, 3, ulong.MaxValue, History),
        new ReplicaMessage.Records(1, 2, new LogCursor(3, 4), new byte[] { 5, 6 }),
        new ReplicaMessage.Records(1, 2, new LogCursor(3, int.MaxValue), default),
        new ReplicaMessage.Heartbeat(1, 2, 3, ulong.MaxValue),
        new ReplicaMessage.Ack(1, 2, new LogCursor(3, 4), 5, 6, 7),
        new ReplicaMessage.SnapshotPart(1, 2, 3, long.MaxValue, 5, 6, new byte[] { 7 }),
        new ReplicaMessage.SnapshotAck(1, 2, 3, 4),
        new ReplicaMessage.Refused(1),
        new ReplicaMessage.HandOverRequest(1, 2),
        new ReplicaMessage.HandOverAnswer(1, 2, null),
        new ReplicaMessage.HandOverAnswer(1, 2, "no"),
    ];

    [Fact]
    public void Every_message_reads_back_as_it_was_written()
    {
        foreach (var message in All)
        {
            var bytes = Encode(message);

            Assert.True(bytes[0] >= ReplicaCodec.FirstKind);
            Assert.Equal(bytes, Encode(ReplicaCodec.Read(bytes)!));
            Assert.Equal(message.GetType(), ReplicaCodec.Read(bytes)!.GetType());
        }
    }

    [Fact]
    public void No_kind_of_message_is_forgotten_here() =>
        Assert.Equal(
            typeof(ReplicaMessage).GetNestedTypes().Select(type => type.Name).Order(),
            All.Select(message => message.GetType().Name).Distinct().Order());

    [Fact]
    public void What_is_cut_short_or_mangled_is_null_or_another_message_and_never_throws()
    {
        var random = new Prng(5);
        foreach (var message in All)
        {
            var bytes = Encode(message);
            for (var i = 0; i < 200; i++)
            {
                var mangled = bytes[..random.Below(bytes.Length + 1)];
                if (mangled.Length > 0 && random.Chance(0.7))
                {
                    mangled[random.Below(mangled.Length)] ^= (byte)(1 << random.Below(8));
                }

                _ = ReplicaCodec.Read(mangled);
            }
        }

        Assert.Null(ReplicaCodec.Read(default));
        Assert.Null(ReplicaCodec.Read(new byte[] { 0x7F }));
        Assert.Null(ReplicaCodec.Read(new byte[] { 0xFF, 1 }));
    }

    private static byte[] Encode(ReplicaMessage message)
    {
        var writer = new ByteWriter();
        ReplicaCodec.Write(writer, message);
        return writer.ToArray();
    }
}

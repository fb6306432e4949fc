using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Xunit;
using MigrationCodec = Trefoil.Migration.MigrationCodec;

namespace Trefoil.Unit.Migration;

public sealed class MigrationCodecTests
{
    private static readonly MigrationId Id = new(new NodeId(1, 2), ulong.MaxValue, ushort.MaxValue);

    private static readonly MigrationMessage[] All =
    [
        new MigrationMessage.Ack(Id, 1, 0, 0),
        new MigrationMessage.Ack(Id, int.MaxValue, long.MaxValue, 5),
        new MigrationMessage.Bytes(Id, 2, 3, new byte[] { 5, 6 }),
        new MigrationMessage.Bytes(Id, 2, long.MaxValue, default),
        new MigrationMessage.Frozen(Id, 3, 4),
    ];

    [Fact]
    public void Every_message_reads_back_as_it_was_written()
    {
        foreach (var message in All)
        {
            var bytes = Encode(message);
            var read = MigrationCodec.Read(bytes)!;

            Assert.True(bytes[0] >= MigrationCodec.FirstKind);
            Assert.Equal(message.GetType(), read.GetType());
            Assert.Equal((message.Migration, message.Attempt), (read.Migration, read.Attempt));
            Assert.Equal(bytes, Encode(read));
        }
    }

    [Fact]
    public void No_kind_of_message_is_forgotten_here() =>
        Assert.Equal(
            typeof(MigrationMessage).GetNestedTypes().Select(type => type.Name).Order(),
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

                if (MigrationCodec.Read(mangled) is { } read)
                {
                    Assert.Equal(Encode(read), Encode(MigrationCodec.Read(Encode(read))!));
                }
            }
        }
    }

    [Fact]
    public void An_offset_that_is_no_offset_is_malformed()
    {
        var writer = new ByteWriter();
        MigrationCodec.Write(writer, new MigrationMessage.Frozen(Id, 1, 0));
        var bytes = writer.ToArray()[..^1].Concat(Enumerable.Repeat((byte)0xFF, 9)).Append((byte)1).ToArray();

        Assert.Null(MigrationCodec.Read(bytes));
    }

    private static byte[] Encode(MigrationMessage message)
    {
        var writer = new ByteWriter();
        MigrationCodec.Write(writer, message);
        return writer.ToArray();
    }
}

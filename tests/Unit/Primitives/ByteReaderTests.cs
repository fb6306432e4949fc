using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Primitives;

public class ByteReaderTests
{
    [Fact]
    public void Varints_come_back_at_every_width()
    {
        for (var shift = 0; shift < 64; shift++)
        {
            foreach (var value in new[] { 1ul << shift, (1ul << shift) - 1, ulong.MaxValue >> shift })
            {
                var writer = new ByteWriter();
                writer.Varint(value);
                var reader = new ByteReader(writer.Written);
                Assert.Equal(value, reader.Varint());
                Assert.True(reader.Ended);
            }
        }
    }

    [Fact]
    public void A_varint_beyond_64_bits_fails()
    {
        foreach (var last in new byte[] { 2, 0x80, 0xFF })
        {
            byte[] bytes = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, last, 0, 0];
            var reader = new ByteReader(bytes);
            Assert.Equal(0ul, reader.Varint());
            Assert.True(reader.Failed);
        }
    }

    [Fact]
    public void Random_bytes_never_throw_and_a_failure_stays()
    {
        var random = new Prng(11);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Below(40)];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)random.Next();
            }

            var reader = new ByteReader(bytes);
            var failed = false;
            for (var step = 0; step < 12; step++)
            {
                Step(ref reader, random.Below(11));
                Assert.True(reader.Failed || !failed);
                failed = reader.Failed;
            }
        }
    }

    private static void Step(ref ByteReader reader, int kind)
    {
        switch (kind)
        {
            case 0: reader.Byte(); break;
            case 1: reader.Bool(); break;
            case 2: reader.UInt16(); break;
            case 3: reader.UInt32(); break;
            case 4: reader.UInt64(); break;
            case 5: reader.Varint(); break;
            case 6: reader.Count(10); break;
            case 7: reader.Node(); break;
            case 8: reader.Bytes(int.MaxValue); break;
            case 9: reader.Text(100); break;
            default: reader.Raw(-1); break;
        }
    }
}

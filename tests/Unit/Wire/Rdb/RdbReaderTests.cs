using System.Diagnostics;
using Trefoil.Primitives;
using Trefoil.Wire.Rdb;
using Xunit;

namespace Trefoil.Unit.Wire.Rdb;

public sealed class RdbReaderTests
{
    public static TheoryData<string, string, string, string> Redis => Payloads.Of("redis-7.0.15");

    public static TheoryData<string, string, string, string> Older => Payloads.Of("older-encodings");

    [Theory]
    [MemberData(nameof(Redis))]
    [MemberData(nameof(Older))]
    public void What_real_servers_write_is_read(string name, string kind, string elements, string payload)
    {
        Assert.True(DumpPayload.TryOpen(Convert.FromHexString(payload), out var value), name);
        var reader = new RdbReader(value);
        var shown = Payloads.Show(ref reader);

        Assert.Equal(kind == "Refused" ? "Refused: a stream, which this server does not read at offset 0" : $"{kind} {elements}", shown);
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void A_window_of_any_size_reads_the_same()
    {
        foreach (var body in Payloads.Bodies())
        {
            var whole = new RdbReader(body);
            var expected = Payloads.Show(ref whole);
            for (var size = 0; size < 40; size += size < 4 ? 1 : 7)
            {
                var start = 0;
                var least = size;
                var sliding = new RdbReader(body.Length, (consumed, needed) =>
                {
                    start += consumed;
                    // A fresh array each time: whatever still looked into the window before it would see other bytes now.
                    return body.AsSpan(start, Math.Min(body.Length - start, Math.Max(needed, least))).ToArray();
                });
                Assert.Equal(expected, Payloads.Show(ref sliding));
            }
        }
    }

    [Fact]
    public void A_source_that_ends_before_it_said_is_a_failure()
    {
        foreach (var body in Payloads.Bodies().Where(body => body.Length > 4))
        {
            var start = 0;
            var reader = new RdbReader(body.Length, (consumed, needed) =>
            {
                start += consumed;
                return body.AsSpan(0, body.Length - 3)[Math.Min(start, body.Length - 3)..];
            });
            Assert.StartsWith("Refused: ", Payloads.Show(ref reader));
        }
    }

    [Fact]
    public void A_truncated_value_is_refused_at_every_byte()
    {
        foreach (var body in Payloads.Bodies().Where(body => body.Length < 2000))
        {
            for (var length = 0; length < body.Length; length++)
            {
                var reader = new RdbReader(body.AsSpan(0, length));
                Assert.StartsWith("Refused: ", Payloads.Show(ref reader));
            }
        }
    }

    [Fact]
    public void Flipped_bits_never_throw_never_hang_and_never_allocate_wildly()
    {
        foreach (var body in Payloads.Bodies().Where(body => body.Length < 2000))
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var bit = 0; bit < body.Length * 8; bit++)
            {
                var damaged = body.ToArray();
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                Drain(damaged);
            }

            var each = (GC.GetAllocatedBytesForCurrentThread() - before) / (body.Length * 8);
            Assert.True(each < (100 * body.Length) + 4096, $"{each} bytes allocated for a payload of {body.Length}");
        }
    }

    [Fact]
    public void Garbage_behind_every_type_never_throws()
    {
        var random = new Prng(11);
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < 20_000 && watch.Elapsed < TimeSpan.FromSeconds(20); round++)
        {
            var garbage = new byte[random.Below(60) + 1];
            for (var i = 0; i < garbage.Length; i++)
            {
                garbage[i] = (byte)random.Below(256);
            }

            garbage[0] = (byte)random.Below(22);
            Drain(garbage);
        }
    }

    [Theory]
    [InlineData("0080ffffffff", "a string beyond the limit at offset 6")]
    [InlineData("0041007a", "a string longer than what is left at offset 3")]
    [InlineData("0181ffffffffffffffff", "more elements than fit in what is left at offset 10")]
    [InlineData("0083", "a length of unknown form at offset 1")]
    [InlineData("00c4", "a length of unknown form at offset 1")]
    [InlineData("00c3040550000000", "a compressed string that does not expand at offset 2")]
    [InlineData("00c30381ffffffffffffffff000000", "a compressed string that cannot become so long at offset 2")]
    [InlineData("0403016101", "more elements than fit in what is left at offset 2")]
    [InlineData("050100000000000000f87f", "a score that is not a number at offset 11")]
    [InlineData("1007ffffffff0000ff", "a listpack that is malformed at offset 1")]
    [InlineData("0b0a020000000100000001", "a string longer than what is left at offset 2")]
    [InlineData("1201030161", "a list node of unknown form at offset 3")]
    [InlineData("0600", "a value of a module, which this server does not read at offset 0")]
    [InlineData("08", "a value of unknown type 8 at offset 0")]
    [InlineData("", "an end in the middle of a value at offset 0")]
    public void What_is_wrong_is_said_with_its_place(string hex, string failure)
    {
        var reader = new RdbReader(Convert.FromHexString(hex));
        Assert.Equal("Refused: " + failure, Payloads.Show(ref reader));
        Assert.Equal(0, reader.Remaining);
        Assert.False(reader.TryByte(out _));
    }

    private static void Drain(byte[] bytes)
    {
        var reader = new RdbReader(bytes);
        _ = Payloads.Show(ref reader);
    }
}

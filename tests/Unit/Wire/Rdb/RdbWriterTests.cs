using FsCheck;
using FsCheck.Fluent;
using Trefoil.Wire.Rdb;
using Xunit;

namespace Trefoil.Unit.Wire.Rdb;

public sealed class RdbWriterTests
{
    [Fact]
    public void Strings_come_back() => Prop.ForAll<byte[]>(text =>
    {
        using var writer = new RdbWriter();
        writer.String(text ?? []);
        var reader = new RdbReader(writer.Written);
        return reader.TryString(out var read) && read.SequenceEqual(text ?? []) && reader.Remaining == 0;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Integers_come_back_in_the_fewest_bytes() => Prop.ForAll<long, int>((value, shift) =>
    {
        var number = value >> (shift & 63);
        using var writer = new RdbWriter();
        writer.Integer(number);
        var reader = new RdbReader(writer.Written);
        var text = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return reader.TryString(out var read) && System.Text.Encoding.ASCII.GetString(read) == text && writer.Length <= text.Length + 1;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0UL, "00")]
    [InlineData(63UL, "3f")]
    [InlineData(64UL, "4040")]
    [InlineData(16383UL, "7fff")]
    [InlineData(16384UL, "8000004000")]
    [InlineData(4294967295UL, "80ffffffff")]
    [InlineData(4294967296UL, "810000000100000000")]
    public void Lengths_take_one_two_five_or_nine_bytes(ulong length, string hex)
    {
        using var writer = new RdbWriter();
        writer.Count(length);
        Assert.Equal(hex, Convert.ToHexStringLower(writer.Written));
        var reader = new RdbReader(writer.Written);
        Assert.True(reader.TryCount(out var read));
        Assert.Equal(length, read);
    }

    [Fact]
    public void Hashes_and_sorted_sets_come_back() => Prop.ForAll<Tuple<byte[], double>[]>(members =>
    {
        var expected = (members ?? []).Where(pair => pair?.Item1 is not null && !double.IsNaN(pair.Item2)).ToArray();
        using var writer = new RdbWriter();
        writer.Count((ulong)expected.Length);
        foreach (var (member, score) in expected)
        {
            writer.String(member);
            writer.Double(score);
        }

        var reader = new RdbReader(writer.Written);
        var at = 0;
        var same = reader.TryBegin(RdbType.SortedSet, out _);
        while (reader.TryNextMember(out var member, out var score))
        {
            same &= member.SequenceEqual(expected[at].Item1) && score.Equals(expected[at].Item2);
            at++;
        }

        return same && at == expected.Length && reader.Failure is null;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_whole_file_is_what_Redis_writes()
    {
        using var writer = new RdbWriter();
        writer.Header();
        writer.Aux("redis-ver", "7.0.15");
        writer.Aux("redis-bits", 64);
        writer.SelectDb(0);
        writer.ResizeDb(1, 1);
        writer.ExpireTimeMs(0x0102030405060708);
        writer.Byte(RdbType.String);
        writer.String("k"u8);
        writer.String("v"u8);
        var crc = Crc64.Of(writer.Written);
        writer.Clear();
        writer.End(crc);

        Assert.Equal(9, writer.Length);
        Assert.Equal(RdbOpcode.End, writer.Written[0]);
    }

    [Fact]
    public void The_checksum_is_Jones()
    {
        Assert.Equal(0xe9c6d914c4b8d9caUL, Crc64.Of("123456789"u8));
        Assert.Equal(0UL, Crc64.Of([]));
    }

    [Fact]
    public void The_checksum_can_be_carried_on_from_anywhere() => Prop.ForAll<byte[], byte[]>((a, b) =>
        Crc64.Append(Crc64.Of(a ?? []), b ?? []) == Crc64.Of([.. a ?? [], .. b ?? []])).QuickCheckThrowOnFailure();

    [Fact]
    public void A_payload_that_is_short_newer_or_damaged_does_not_open()
    {
        using var writer = new RdbWriter();
        writer.Byte(RdbType.String);
        writer.String("hello"u8);
        DumpPayload.Seal(writer);
        var payload = writer.Written.ToArray();

        Assert.Equal("000568656c6c6f0a006372df766534200a", Convert.ToHexStringLower(payload));
        Assert.True(DumpPayload.TryOpen(payload, out var value));
        Assert.Equal(7, value.Length);
        Assert.False(DumpPayload.TryOpen(payload.AsSpan(0, 9), out _));
        for (var i = 0; i < payload.Length; i++)
        {
            var damaged = payload.ToArray();
            damaged[i]++;
            Assert.False(DumpPayload.TryOpen(damaged, out _));
        }
    }
}

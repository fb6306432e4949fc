using Trefoil.Assertions.Model;
using Xunit;

namespace Trefoil.Unit.Assertions.Model;

public sealed class ClaimObjectTests
{
    [Fact]
    public void Values_are_equal_when_kind_and_value_are()
    {
        Assert.Equal(ClaimObject.Number(0.0), ClaimObject.Number(-0.0));
        Assert.NotEqual(ClaimObject.Number(1), ClaimObject.Integer(1));
        Assert.NotEqual(ClaimObject.Text("a/b"), ClaimObject.Reference(ConceptPath.Of("a/b")));
        Assert.NotEqual(ClaimObject.Text("\u00E4"), ClaimObject.Text("a\u0308"));
    }

    [Fact]
    public void What_was_put_in_comes_out()
    {
        Assert.Equal("x", ClaimObject.Text("x").AsText.ToString());
        Assert.Equal(0.1, ClaimObject.Number(0.1).AsNumber);
        Assert.Equal(long.MinValue, ClaimObject.Integer(long.MinValue).AsInteger);
        Assert.True(ClaimObject.Boolean(true).AsBoolean);
        Assert.Throws<InvalidOperationException>(() => ClaimObject.Boolean(true).AsNumber);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_number_is_finite(double value) => Assert.Throws<ArgumentOutOfRangeException>(() => ClaimObject.Number(value));

    [Theory]
    [InlineData("", InvalidCodes.EncodingMalformed)]
    [InlineData("05", InvalidCodes.EncodingMalformed)]
    [InlineData("0302", InvalidCodes.EncodingMalformed)]
    [InlineData("03", InvalidCodes.EncodingMalformed)]
    [InlineData("0200", InvalidCodes.EncodingMalformed)]
    [InlineData("010000000000000080", InvalidCodes.EncodingMalformed)] // -0.0
    [InlineData("01000000000000f87f", InvalidCodes.NumberNotFinite)]
    [InlineData("01000000000000f0ff", InvalidCodes.NumberNotFinite)]
    [InlineData("00ff", InvalidCodes.BadUtf8)]
    [InlineData("04ff", InvalidCodes.BadUtf8)]
    [InlineData("04", InvalidCodes.Empty)]
    [InlineData("04612f", InvalidCodes.PathEmptySegment)]
    public void Bytes_that_are_not_canonical_are_refused(string hex, string code) =>
        Assert.Equal(code, ClaimObject.TryCreate(Convert.FromHexString(hex), out _)?.Code);

    [Fact]
    public void A_text_has_64_KiB_at_most()
    {
        var text = new string('t', ClaimObject.MaxTextBytes);

        Assert.Null(ClaimObject.TryCreate(ClaimObject.Text(text).Canonical, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClaimObject.Text(text + "t"));
        Assert.Equal(InvalidCodes.TooLong, ClaimObject.TryCreate(new byte[ClaimObject.MaxBytes + 1], out _)?.Code);
    }
}

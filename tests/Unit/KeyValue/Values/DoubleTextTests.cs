using System.Text;
using Trefoil.KeyValue.Values;
using Xunit;

namespace Trefoil.Unit.KeyValue.Values;

public sealed class DoubleTextTests
{
    [Theory]
    [InlineData("1", 1.0)]
    [InlineData("-1.5e3", -1500.0)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5.0)]
    [InlineData("+5", 5.0)]
    [InlineData("1e-320", 1e-320)]
    [InlineData("0e99999999999", 0.0)]
    [InlineData("INF", double.PositiveInfinity)]
    [InlineData("-infinity", double.NegativeInfinity)]
    [InlineData("0x1.8p-3", 0.1875)]
    [InlineData("0x1p1023", 8.98846567431158e307)]
    [InlineData("0x20000000000001", 9007199254740993.0)]
    public void An_argument_that_strtod_reads_whole_is_a_double(string text, double expected)
    {
        Assert.True(DoubleText.TryParse(Encoding.ASCII.GetBytes(text), out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1e")]
    [InlineData("0x")]
    [InlineData("nan")]
    [InlineData("1e400")]
    [InlineData("1e-400")]
    [InlineData("0x1p1024")]
    [InlineData("1\0")]
    [InlineData("--1")]
    [InlineData("infinit")]
    public void What_strtod_does_not_read_whole_or_cannot_hold_is_refused(string text) =>
        Assert.False(DoubleText.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("", 0.0)]
    [InlineData("  7", 7.0)]
    [InlineData("7\0junk", 7.0)]
    [InlineData("1e400", double.PositiveInfinity)]
    public void An_end_of_a_range_is_read_as_strtod_alone_reads_it(string text, double expected)
    {
        Assert.True(DoubleText.TryParseBound(Encoding.ASCII.GetBytes(text), out var value));
        Assert.Equal(expected, value);
        Assert.False(DoubleText.TryParseBound("1 "u8, out _));
        Assert.False(DoubleText.TryParseBound("nan"u8, out _));
    }
}

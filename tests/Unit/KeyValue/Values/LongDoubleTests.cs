using System.Text;
using Trefoil.KeyValue.Values;
using Xunit;

namespace Trefoil.Unit.KeyValue.Values;

/// <summary>Each sum was asked of Redis 7.0.15 on x86-64 with INCRBYFLOAT.</summary>
public sealed class LongDoubleTests
{
    [Theory]
    [InlineData("0.1", "0.2", "0.3")]
    [InlineData("10.50", "0.1", "10.6")]
    [InlineData("5.0e3", "2.0e2", "5200")]
    [InlineData("1000.1", "0", "1000.09999999999999998")]
    [InlineData("99999999.99999999", "0", "99999999.99999999000283424")]
    [InlineData("1e17", "0.5", "100000000000000000.5")]
    [InlineData("1e19", "1", "10000000000000000001")]
    [InlineData("1e20", "1", "100000000000000000000")]
    [InlineData("-1.5", "1.5", "0")]
    [InlineData("1e-17", "0", "0.00000000000000001")]
    [InlineData("4e-18", "0", "0")]
    [InlineData("-4e-18", "0", "0")]
    [InlineData("0x1p3", "0x.8", "8.5")]
    [InlineData(".5", "5.", "5.5")]
    [InlineData("9223372036854775807", "1", "9223372036854775808")]
    [InlineData("18446744073709551615", "1", "18446744073709551616")]
    public void Sums_print_as_redis_prints_them(string left, string right, string expected)
    {
        Assert.True(LongDouble.TryParse(Encoding.ASCII.GetBytes(left), out var a));
        Assert.True(LongDouble.TryParse(Encoding.ASCII.GetBytes(right), out var b));
        Assert.Equal(expected, Encoding.ASCII.GetString((a + b).ToText()));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("nan")]
    [InlineData("abc")]
    [InlineData("1e")]
    [InlineData("0x")]
    [InlineData(".")]
    [InlineData("1e4933")]
    [InlineData("1e-5000")]
    [InlineData("1e99999999999")]
    [InlineData("1\0")]
    public void What_redis_refuses_is_refused(string text) => Assert.False(LongDouble.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Infinity_is_read_and_never_finite_again()
    {
        Assert.True(LongDouble.TryParse("-inf"u8, out var infinity));
        Assert.False((infinity + LongDouble.Zero).IsFinite);
        Assert.True(LongDouble.TryParse("1e4932"u8, out var large));
        var sum = large;
        for (var i = 0; i < 11; i++)
        {
            sum += large;
        }

        Assert.False(sum.IsFinite);
    }
}

using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Trefoil.KeyValue.Values;
using Xunit;

namespace Trefoil.Unit.KeyValue.Values;

public sealed class IntegerTextTests
{
    [Theory]
    [InlineData("0", true)]
    [InlineData("-1", true)]
    [InlineData("9223372036854775807", true)]
    [InlineData("-9223372036854775808", true)]
    [InlineData("9223372036854775808", false)]
    [InlineData("-9223372036854775809", false)]
    [InlineData("18446744073709551616", false)]
    [InlineData("99999999999999999999", false)]
    [InlineData("-0", false)]
    [InlineData("01", false)]
    [InlineData("+1", false)]
    [InlineData("", false)]
    [InlineData("-", false)]
    [InlineData("1 ", false)]
    [InlineData("1.0", false)]
    public void Only_the_canonical_form_is_an_integer(string text, bool expected) =>
        Assert.Equal(expected, IntegerText.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Every_integer_survives_being_written_and_read() =>
        Prop.ForAll(ArbMap.Default.ArbFor<long>(), value =>
        {
            Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
            return IntegerText.TryParse(digits[..IntegerText.Format(value, digits)], out var read) && read == value;
        }).QuickCheckThrowOnFailure();
}

using System.Text;
using Trefoil.KeyValue.Commands.Data;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>Each row was asked of Redis 7.0.15 with KEYS.</summary>
public sealed class GlobPatternTests
{
    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("h?llo", "hello", true)]
    [InlineData("h?llo", "hllo", false)]
    [InlineData("h*llo", "heeeello", true)]
    [InlineData("h[ae]llo", "hallo", true)]
    [InlineData("h[ae]llo", "hillo", false)]
    [InlineData("h[^e]llo", "hallo", true)]
    [InlineData("h[^e]llo", "hello", false)]
    [InlineData("h[a-b]llo", "hbllo", true)]
    [InlineData("h[b-a]llo", "hbllo", true)]
    [InlineData("h[a-bllo", "ha", true)]
    [InlineData("h[", "h", false)]
    [InlineData("h[]llo", "hllo", false)]
    [InlineData("h\\*llo", "h*llo", true)]
    [InlineData("h\\*llo", "hallo", false)]
    [InlineData("hello\\", "hello\\", true)]
    [InlineData("[\\]]", "]", true)]
    [InlineData("[a-", "-", true)]
    [InlineData("hello**", "hello", true)]
    [InlineData("hello*?", "hello", false)]
    [InlineData("HELLO", "hello", false)]
    [InlineData("", "a", false)]
    [InlineData("[^a-z]*", "9lives", true)]
    public void Patterns_match_what_redis_matches(string pattern, string text, bool expected) =>
        Assert.Equal(expected, GlobPattern.IsMatch(Encoding.Latin1.GetBytes(pattern), Encoding.Latin1.GetBytes(text)));

    [Fact]
    public void Ranges_compare_signed_bytes_as_redis_does()
    {
        Assert.True(GlobPattern.IsMatch([(byte)'[', (byte)'a', (byte)'-', 0xff, (byte)']'], [0x10]));
        Assert.False(GlobPattern.IsMatch([(byte)'[', (byte)'a', (byte)'-', 0xff, (byte)']'], [0x80]));
    }

    [Fact(Timeout = 10_000)]
    public async Task Many_stars_against_a_long_text_cost_little_time()
    {
        var pattern = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("*a", 200)) + "b");
        var text = Encoding.ASCII.GetBytes(new string('a', 10_000));
        Assert.False(await Task.Run(() => GlobPattern.IsMatch(pattern, text), TestContext.Current.CancellationToken));
    }
}

using System.Text;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Unit.Wire.Resp;

/// <summary>The command parser against Redis' rules: cuts anywhere, limits, exact errors, garbage.</summary>
public sealed class CommandParserTests
{
    private const string Pipeline = "*3\r\n$3\r\nSET\r\n$4\r\nke\ny\r\n$0\r\n\r\n*0\r\nPING \"a b\\x41\"\r\n\r\n*1\r\n$4\r\nQUIT\r\n*-1\r\necho 'it\\'s'\n*2\r\n$4\r\nECHO\r\n$12\r\n*1\r\n$4\r\nPING\r\n";

    /// <summary>What redis-server 7.0.15 answered to these bytes, before it closed.</summary>
    public static TheoryData<string, string> Malformed => new()
    {
        { "*a\r\n", "ERR Protocol error: invalid multibulk length" },
        { "*1048577\r\n", "ERR Protocol error: invalid multibulk length" },
        { "*01\r\n", "ERR Protocol error: invalid multibulk length" },
        { "*99999999999999999999\r\n", "ERR Protocol error: invalid multibulk length" },
        { "*1\r\nX4\r\n", "ERR Protocol error: expected '$', got 'X'" },
        { "*1\r\n*1\r\n$4\r\nPING\r\n", "ERR Protocol error: expected '$', got '*'" },
        { "*1\r\n$a\r\n", "ERR Protocol error: invalid bulk length" },
        { "*1\r\n$-1\r\n", "ERR Protocol error: invalid bulk length" },
        { "*1\r\n$536870913\r\n", "ERR Protocol error: invalid bulk length" },
        { "ping 'a\r\n", "ERR Protocol error: unbalanced quotes in request" },
        { "ping \"a\"b\r\n", "ERR Protocol error: unbalanced quotes in request" },
        { new string('a', RespLimits.MaxLine + 1), "ERR Protocol error: too big inline request" },
        { "*" + new string('1', RespLimits.MaxLine + 1), "ERR Protocol error: too big mbulk count string" },
        { "*1\r\n$" + new string('1', RespLimits.MaxLine + 1), "ERR Protocol error: too big bulk count string" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_bytes_are_refused_in_Redis_words(string bytes, string error)
    {
        var parser = new CommandParser();
        Assert.Equal(error, Parse(parser, Encoding.Latin1.GetBytes(bytes), [bytes.Length])[^1]);
    }

    [Fact]
    public void A_pipeline_gives_the_same_commands_wherever_it_is_cut()
    {
        var bytes = Encoding.Latin1.GetBytes(Pipeline);
        var whole = Parse(new CommandParser(), bytes, [bytes.Length]);
        Assert.Equal(["SET|ke\ny|", "PING|a bA", "QUIT", "echo|it's", "ECHO|*1\r\n$4\r\nPING"], whole);
        for (var first = 1; first < bytes.Length; first++)
        {
            Assert.Equal(whole, Parse(new CommandParser(), bytes, [first, bytes.Length]));
        }

        Assert.Equal(whole, Parse(new CommandParser(), bytes, [.. Enumerable.Range(1, bytes.Length)]));
    }

    [Fact]
    public void Garbage_never_throws_and_every_step_makes_progress()
    {
        var random = new Prng(7);
        var letters = "*$\r\n0123456789-+PINGa'\"\\x \0"u8.ToArray();
        for (var run = 0; run < 20_000; run++)
        {
            var bytes = new byte[random.Below(60) + 1];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = random.Below(8) == 0 ? (byte)random.Below(256) : letters[random.Below(letters.Length)];
            }

            var cut = random.Below(bytes.Length) + 1;
            var parser = new CommandParser();
            var pieces = Parse(parser, bytes, [cut, bytes.Length]);
            Assert.True(pieces.Count <= bytes.Length);
            Assert.Equal(Parse(new CommandParser(), bytes, [bytes.Length]), pieces);
        }
    }

    [Fact]
    public void A_half_received_bulk_says_how_many_bytes_it_needs()
    {
        var parser = new CommandParser();
        Assert.Equal(ParseStatus.Incomplete, parser.Read("*2\r\n$3\r\nSET\r\n$1000000\r\nabc"u8, out _));
        Assert.Equal(23 + 1_000_000 + 2, parser.Needed);
    }

    [Fact]
    public void A_million_announced_arguments_reserve_nothing()
    {
        var parser = new CommandParser();
        Assert.Equal(ParseStatus.Incomplete, parser.Read("*1048576\r\n$1\r\na\r\n"u8, out _));
        Assert.InRange(parser.Ranges.Length, 1, 64);
    }

    [Fact]
    public void Before_authentication_small_limits_hold()
    {
        var parser = new CommandParser { Unauthenticated = true };
        Assert.Equal("ERR Protocol error: unauthenticated multibulk length", Parse(parser, "*11\r\n"u8.ToArray(), [5])[^1]);
        Assert.Equal("ERR Protocol error: unauthenticated bulk length", Parse(parser, "*1\r\n$16385\r\n"u8.ToArray(), [12])[^1]);
    }

    /// <summary>Feeds the prefixes of <paramref name="bytes"/> that end at <paramref name="ends"/>, as a connection does, and lists the commands.</summary>
    private static List<string> Parse(CommandParser parser, byte[] bytes, int[] ends)
    {
        var found = new List<string>();
        var start = 0;
        foreach (var end in ends)
        {
            while (start < end)
            {
                var status = parser.Read(bytes.AsSpan(start, end - start), out var consumed);
                if (status == ParseStatus.Error)
                {
                    found.Add(parser.Error);
                    return found;
                }

                if (status == ParseStatus.Incomplete)
                {
                    Assert.Equal(0, consumed);
                    break;
                }

                Assert.InRange(consumed, 1, end - start);
                if (status == ParseStatus.Command)
                {
                    var source = parser.Line ?? bytes[start..];
                    found.Add(string.Join('|', parser.Ranges[..parser.Count].Select(range => Encoding.Latin1.GetString(source, range.Start, range.Length))));
                }

                start += consumed;
            }
        }

        return found;
    }
}

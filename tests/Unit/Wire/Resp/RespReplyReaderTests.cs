using System.Text;
using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Unit.Wire.Resp;

public sealed class RespReplyReaderTests
{
    private const string Everything =
        "+OK\r\n-ERR no\r\n:-12\r\n$5\r\na\r\nbc\r\n$-1\r\n*-1\r\n_\r\n$0\r\n\r\n*0\r\n*2\r\n*1\r\n:1\r\n*2\r\n+x\r\n$-1\r\n" +
        "%1\r\n+k\r\n:2\r\n~1\r\n#t\r\n>2\r\n+invalidate\r\n_\r\n,1.5\r\n=6\r\ntxt:hi\r\n!5\r\nERR x\r\n(123\r\n";

    private const string Shown =
        "+OK -ERR no :-12 $a\r\nbc _ _ _ $ *[] *[*[:1],*[+x,_]] %[+k,:2] ~[#t] >[+invalidate,_] ,1.5 =hi !ERR x (123";

    [Fact]
    public void Every_type_is_read() => Assert.Equal(Shown, Read(Everything.Length));

    [Fact]
    public void It_does_not_matter_how_the_bytes_were_cut()
    {
        for (var size = 1; size < 40; size++)
        {
            Assert.Equal(Shown, Read(size));
        }
    }

    [Theory]
    [InlineData("hello\r\n", "a line that begins with byte 104")]
    [InlineData("\r\n", "an empty line")]
    [InlineData(":1x\r\n", "a line that begins with byte 58")]
    [InlineData("$-2\r\n", "a line that begins with byte 36")]
    [InlineData("$536870913\r\n", "a bulk of 536870913 bytes")]
    [InlineData("*16777217\r\n", "an aggregate of 16777217 items, 0 deep")]
    public void Bad_input_is_a_failure_and_ends_the_reading(string text, string failure)
    {
        var reader = new RespReplyReader();
        reader.Feed(Encoding.ASCII.GetBytes(text + "+OK\r\n"));

        Assert.False(reader.TryRead(out _));
        Assert.Equal(failure, reader.Failure);
    }

    [Fact]
    public void Nesting_has_a_limit()
    {
        var reader = new RespReplyReader();
        reader.Feed(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("*1\r\n", RespLimits.MaxNesting + 1))));

        Assert.False(reader.TryRead(out _));
        Assert.Equal("an aggregate of 1 items, 64 deep", reader.Failure);
    }

    [Fact]
    public void A_line_without_an_end_has_a_limit()
    {
        var reader = new RespReplyReader();
        reader.Feed(new byte[RespLimits.MaxLine + 1]);

        Assert.False(reader.TryRead(out _));
        Assert.Equal("a line without an end", reader.Failure);
    }

    private static string Read(int packet)
    {
        var reader = new RespReplyReader();
        var shown = new List<string>();
        foreach (var part in Encoding.ASCII.GetBytes(Everything).Chunk(packet))
        {
            reader.Feed(part);
            while (reader.TryRead(out var reply))
            {
                shown.Add(Show(reply));
            }
        }

        Assert.Null(reader.Failure);
        return string.Join(' ', shown);
    }

    private static string Show(RespReply reply) =>
        reply.Kind + (reply.Items is { } items ? $"[{string.Join(',', items.Select(Show))}]" : reply.Text);
}

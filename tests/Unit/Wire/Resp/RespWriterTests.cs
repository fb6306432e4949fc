using System.Text;
using Trefoil.Unit.Testing;
using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Unit.Wire.Resp;

/// <summary>The form of every reply type in both protocols.</summary>
public sealed class RespWriterTests
{
    private static readonly (string Name, Action<RespWriter> Write)[] Replies =
    [
        ("ok", writer => writer.Ok()),
        ("simple", writer => writer.Simple("PONG")),
        ("error", writer => writer.Error("ERR two\r\nlines")),
        ("integers", writer =>
        {
            foreach (var value in new[] { 0, 9, 10, 99, 100, 999, 1000, 1023, 1024, -1, long.MinValue, long.MaxValue })
            {
                writer.Integer(value);
            }
        }),
        ("bulk", writer => writer.Bulk("a\r\nb"u8)),
        ("empty bulk", writer => writer.Bulk(""u8)),
        ("text bulk", writer => writer.Bulk("grün")),
        ("number bulk", writer => writer.BulkInteger(-42)),
        ("null", writer => writer.Null()),
        ("null array", writer => writer.NullArray()),
        ("array", writer => writer.Array(12)),
        ("map", writer => writer.Map(2)),
        ("set", writer => writer.Set(3)),
        ("push", writer => writer.Push(3)),
        ("doubles", writer =>
        {
            foreach (var value in new[] { 0, 0.1, -1.5, 1e300, 1e-7, double.PositiveInfinity, double.NegativeInfinity, double.NaN })
            {
                writer.Double(value);
            }
        }),
        ("booleans", writer =>
        {
            writer.Boolean(true);
            writer.Boolean(false);
        }),
        ("big number", writer => writer.BigNumber("123456789012345678901234567890"u8)),
        ("verbatim", writer => writer.Verbatim("txt", "a\n")),
        ("array at", writer =>
        {
            var mark = writer.Length;
            writer.Integer(1);
            writer.Integer(2);
            writer.ArrayAt(mark, 2);
        }),
        ("map at", writer =>
        {
            var mark = writer.Length;
            writer.Integer(1);
            writer.Integer(2);
            writer.MapAt(mark, 1);
        }),
    ];

    [Fact]
    public void Every_reply_has_its_form_in_both_protocols()
    {
        var text = new StringBuilder();
        foreach (var (name, write) in Replies)
        {
            foreach (var protocol in new[] { 2, 3 })
            {
                using var writer = new RespWriter { Protocol = protocol };
                write(writer);
                text.Append(name).Append(" RESP").Append(protocol).Append(": ").Append(Visible(writer.Written)).Append('\n');
            }
        }

        Golden.Check("Wire/Resp", "replies", text.ToString());
    }

    [Fact]
    public void Drained_bytes_leave_and_the_rest_stays_in_order()
    {
        using var writer = new RespWriter();
        var expected = new StringBuilder();
        for (var i = 0; i < 10_000; i++)
        {
            writer.BulkInteger(i);
            expected.Append(System.Globalization.CultureInfo.InvariantCulture, $"${i.ToString(System.Globalization.CultureInfo.InvariantCulture).Length}\r\n{i}\r\n");
        }

        var sent = new StringBuilder();
        while (writer.Length > 0)
        {
            var part = writer.Written[..Math.Min(1000, writer.Length)];
            sent.Append(Encoding.Latin1.GetString(part));
            writer.Drain(part.Length);
        }

        Assert.Equal(expected.ToString(), sent.ToString());
        Assert.InRange(writer.Capacity, 0, RespWriter.KeepBytes);
    }

    [Fact]
    public void Truncating_takes_back_only_what_came_after()
    {
        using var writer = new RespWriter();
        writer.Ok();
        var mark = writer.Length;
        writer.Error("ERR no");
        writer.Truncate(mark);
        Assert.Equal("+OK\r\n", Encoding.Latin1.GetString(writer.Written));
    }

    private static string Visible(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}

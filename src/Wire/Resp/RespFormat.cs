using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace Trefoil.Wire.Resp;

/// <summary>The textual forms that the writer shares: heads with a number, doubles.</summary>
internal static class RespFormat
{
    /// <summary>Longest head: type, sign, 19 digits, line break.</summary>
    public const int MaxHeader = 24;

    public static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\r\n"u8);

    /// <summary>Writes <c>type number CR LF</c>; returns its length.</summary>
    public static int Header(Span<byte> span, byte type, long value)
    {
        span[0] = type;
        int digits;
        if ((ulong)value < 10)
        {
            span[1] = (byte)('0' + value);
            digits = 1;
        }
        else
        {
            Utf8Formatter.TryFormat(value, span[1..], out digits);
        }

        span[digits + 2] = (byte)'\n';
        span[digits + 1] = (byte)'\r';
        return digits + 3;
    }

    /// <summary>C's <c>%.17g</c>, as Redis prints doubles; returns the length (at most 32).</summary>
    public static int Double(Span<byte> span, double value)
    {
        if (double.IsInfinity(value) || double.IsNaN(value))
        {
            var name = double.IsNaN(value) ? "nan"u8 : value > 0 ? "inf"u8 : "-inf"u8;
            name.CopyTo(span);
            return name.Length;
        }

        value.TryFormat(span, out var count, "G17", CultureInfo.InvariantCulture);
        span[..count].Replace((byte)'E', (byte)'e');
        return count;
    }
}

/// <summary>The integer replies that counters, EXISTS, DEL and the like give all day, written once.</summary>
internal static class SmallIntegers
{
    public const int Count = 1024;
    private const int Stride = 8;
    private static readonly byte[] Replies = Build();

    public static ReadOnlySpan<byte> Reply(int value) =>
        Replies.AsSpan(value * Stride, value < 10 ? 4 : value < 100 ? 5 : value < 1000 ? 6 : 7);

    private static byte[] Build()
    {
        var all = new byte[(Count * Stride) + RespFormat.MaxHeader];
        for (var i = 0; i < Count; i++)
        {
            RespFormat.Header(all.AsSpan(i * Stride), (byte)':', i);
        }

        return all;
    }
}

using System.Globalization;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Engine;

/// <summary>A place in the history of acceptances as clients carry it: <c>milliseconds-counter-node</c>, the last as 32 hex digits.</summary>
public static class SessionToken
{
    /// <summary>Writes a reading.</summary>
    public static string Write(HybridTime time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.PhysicalMs}-{time.Counter}-{time.Node}");

    /// <summary>Reads what <see cref="Write"/> wrote; false when malformed.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out HybridTime time)
    {
        time = default;
        var first = text.IndexOf('-');
        var second = first < 0 ? -1 : text[(first + 1)..].IndexOf('-');
        if (second < 0
            || !long.TryParse(text[..first], NumberStyles.None, CultureInfo.InvariantCulture, out var ms) || ms > HybridTime.MaxPhysicalMs
            || !ushort.TryParse(text.Slice(first + 1, second), NumberStyles.None, CultureInfo.InvariantCulture, out var counter)
            || !NodeId.TryParse(text[(first + second + 2)..], out var node))
        {
            return false;
        }

        time = new HybridTime(ms, counter, node);
        return true;
    }
}

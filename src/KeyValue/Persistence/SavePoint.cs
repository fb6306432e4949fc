using System.Globalization;

namespace Trefoil.KeyValue.Persistence;

/// <summary>A snapshot is due after this many changes once so many seconds have passed (<c>save</c>).</summary>
public readonly record struct SavePoint(int Seconds, long Changes)
{
    /// <summary>Redis' own: after an hour with one change, five minutes with a hundred, a minute with ten thousand.</summary>
    public static IReadOnlyList<SavePoint> Default { get; } = [new(3600, 1), new(300, 100), new(60, 10_000)];

    /// <summary>Reads <c>seconds changes</c>, any number of times; null for anything else.</summary>
    public static IReadOnlyList<SavePoint>? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length % 2 != 0)
        {
            return null;
        }

        var points = new SavePoint[words.Length / 2];
        for (var i = 0; i < points.Length; i++)
        {
            if (!int.TryParse(words[2 * i], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds < 1
                || !long.TryParse(words[(2 * i) + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var changes))
            {
                return null;
            }

            points[i] = new SavePoint(seconds, changes);
        }

        return points;
    }

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public static string Show(IEnumerable<SavePoint> points) =>
        string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.Seconds} {point.Changes}")));
}

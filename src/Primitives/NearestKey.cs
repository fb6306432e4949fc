namespace Trefoil.Primitives;

/// <summary>Finds what a misspelt key was meant to be.</summary>
public static class NearestKey
{
    /// <summary>The known key with the smallest edit distance, the first of equals; null if none is near.</summary>
    /// <remarks>Near means at most a third of the longer one's length, and at least one edit.</remarks>
    public static string? Of(string key, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(known);
        string? nearest = null;
        var best = int.MaxValue;
        foreach (var candidate in known)
        {
            var distance = Distance(key, candidate);
            if (distance < best && distance <= Math.Max(1, Math.Max(key.Length, candidate.Length) / 3))
            {
                (nearest, best) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>As in <c>unknown key 'prot'; did you mean 'port'?</c></summary>
    public static string Explain(string key, IEnumerable<string> known) =>
        Of(key, known) is { } nearest ? $"unknown key '{key}'; did you mean '{nearest}'?" : $"unknown key '{key}'";

    /// <summary>Edits (insert, delete, replace, swap of neighbours) between two words: optimal string alignment.</summary>
    public static int Distance(string left, string right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (var j = 0; j <= right.Length; j++)
        {
            rows[0, j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var replace = rows[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replace, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[left.Length, right.Length];
    }
}

namespace Trefoil.Assertions.Model;

/// <summary>What an assertion does to one that it names as a parent. Numbers are stored; append only.</summary>
public enum ParentKind : byte
{
    Refines = 0,
    Refutes = 1,
    Supersedes = 2,
}

/// <summary>A link to an earlier assertion, ordered by id; an assertion links the same one once.</summary>
public readonly record struct ParentLink(AssertionId Id, ParentKind Kind)
{
    /// <summary>How many kinds there are; they are numbered from 0.</summary>
    public const int KindCount = 3;

    /// <summary>As written in JSON: refines.</summary>
    public static string NameOf(ParentKind kind) => All[(int)kind];

    /// <summary>By name, the case of ASCII letters ignored.</summary>
    public static bool TryParseKind(ReadOnlySpan<byte> name, out ParentKind kind)
    {
        var index = Names.IndexOf(name, All);
        kind = (ParentKind)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>The links in canonical order; the same list if it is in that order already.</summary>
    internal static IReadOnlyList<ParentLink> Sorted(IReadOnlyList<ParentLink> links)
    {
        for (var i = 1; i < links.Count; i++)
        {
            if (Compare(links[i - 1], links[i]) > 0)
            {
                var sorted = links.ToArray();
                Array.Sort(sorted, Compare);
                return sorted;
            }
        }

        return links;
    }

    internal static readonly string[] All = ["refines", "refutes", "supersedes"];

    private static int Compare(ParentLink left, ParentLink right) =>
        left.Id != right.Id ? left.Id.CompareTo(right.Id) : left.Kind.CompareTo(right.Kind);
}

namespace Trefoil.Assertions.Lenses;

/// <summary>Names of lenses.</summary>
public static class LensKinds
{
    /// <summary>The lens of a query that names none.</summary>
    public const LensKind Default = LensKind.Recency;

    /// <summary>Every name, in the order of their numbers.</summary>
    public static IReadOnlyList<string> Names => All;

    /// <summary>As written in queries and answers: recency.</summary>
    public static string NameOf(LensKind lens) => All[(int)lens];

    /// <summary>By name, the case of ASCII letters ignored.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out LensKind lens)
    {
        var index = Model.Names.IndexOf(name, All);
        lens = (LensKind)Math.Max(index, 0);
        return index >= 0;
    }

    internal static readonly string[] All = ["recency", "confidence", "consensus", "vote", "authority", "skeptic", "layered", "all"];
}

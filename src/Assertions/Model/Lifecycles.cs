namespace Trefoil.Assertions.Model;

/// <summary>Names of lifecycle states.</summary>
public static class Lifecycles
{
    /// <summary>How many there are; they are numbered from 0.</summary>
    public const int Count = 5;

    /// <summary>As written in JSON: UnderReview.</summary>
    public static string NameOf(Lifecycle state) => All[(int)state];

    /// <summary>By name, the case of ASCII letters ignored.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out Lifecycle state)
    {
        var index = Names.IndexOf(name, All);
        state = (Lifecycle)Math.Max(index, 0);
        return index >= 0;
    }

    internal static readonly string[] All = ["Proposed", "UnderReview", "Approved", "Deprecated", "Rejected"];
}

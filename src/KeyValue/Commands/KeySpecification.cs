namespace Trefoil.KeyValue.Commands;

/// <summary>One key specification of Redis 7: how to find the first key, how to find the rest, what is done with them.</summary>
public sealed record KeySpecification(IReadOnlyList<string> Flags, KeySearchStart Begin, KeySearch Find, string Notes = "");

/// <summary>Where the search for keys begins.</summary>
public abstract record KeySearchStart
{
    /// <summary>At a fixed position.</summary>
    public sealed record Index(int Position) : KeySearchStart;

    /// <summary>After a keyword, looked for from <paramref name="StartFrom"/> (negative: backwards from the end).</summary>
    public sealed record Keyword(string Word, int StartFrom) : KeySearchStart;

    /// <summary>Cannot be said.</summary>
    public sealed record Unknown : KeySearchStart;
}

/// <summary>How keys follow from the start position.</summary>
public abstract record KeySearch
{
    /// <summary>Last key relative to the first (negative: from the end; limit divides the rest), and the step.</summary>
    public sealed record Range(int LastKey, int Step, int Limit) : KeySearch;

    /// <summary>A count of keys stands at <paramref name="NumberIndex"/>, the first at <paramref name="FirstKey"/>, relative to the start.</summary>
    public sealed record KeyNumber(int NumberIndex, int FirstKey, int Step) : KeySearch;

    /// <summary>Cannot be said.</summary>
    public sealed record Unknown : KeySearch;
}

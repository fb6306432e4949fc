using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>What a lens sees in a set of claims. Equal claims and options give equal answers, to the byte of <see cref="ToJson"/>.</summary>
public sealed record LensAnswer
{
    public required LensOptions Options { get; init; }

    /// <summary>The claim to go by; null only if there are no candidates.</summary>
    public LensClaim? Winner { get; init; }

    /// <summary>How many claims counted.</summary>
    public int Candidates { get; init; }

    /// <summary>The winner's confidence, decayed if that was asked for; 0 without a winner.</summary>
    public uint ConfidencePpm => Winner?.ConfidencePpm ?? 0;

    /// <summary>0 = one value, <see cref="Ppm.One"/> = all values weigh the same: Shannon entropy of the values' weights over its maximum, ln k.</summary>
    public uint ConflictPpm { get; init; }

    /// <summary>How far the candidates agree; null if there are none.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>Every value, the winner first: skeptic by weight, consensus by agents. Empty for other lenses.</summary>
    public IReadOnlyList<ValueGroup> Groups { get; init; } = [];

    /// <summary>Every tier that has candidates, the most authoritative first. Empty but for layered.</summary>
    public IReadOnlyList<TierAnswer> Tiers { get; init; } = [];

    /// <summary>Every candidate, the latest first. Empty but for all.</summary>
    public IReadOnlyList<LensClaim> Claims { get; init; } = [];

    /// <summary>With explain: what was decided, in the order in which it was.</summary>
    public IReadOnlyList<Decision> Decisions { get; init; } = [];

    /// <summary>With explain: known claims that did not count, the latest first.</summary>
    public IReadOnlyList<Exclusion> Excluded { get; init; } = [];

    /// <summary>The answer as a JSON object in one fixed order of fields.</summary>
    public byte[] ToJson() => LensAnswerJson.ToBytes(this);
}

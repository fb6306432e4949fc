namespace Trefoil.KeyValue.Values;

/// <summary>A member of a sorted set with its score, as a copy.</summary>
internal readonly record struct ScoredMember(byte[] Member, double Score);

/// <summary>A member with its score, where it lies: valid under the slot's lock until the next mutation.</summary>
internal readonly ref struct ScoredMemberView
{
    /// <summary>The member.</summary>
    public required ReadOnlySpan<byte> Member { get; init; }

    /// <summary>Its score, never NaN.</summary>
    public required double Score { get; init; }

    public ScoredMember Copy() => new(Member.ToArray(), Score);
}

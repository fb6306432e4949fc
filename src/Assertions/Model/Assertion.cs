namespace Trefoil.Assertions.Model;

/// <summary>One immutable claim, named by the hash of its content. It holds what its author stated and nothing else.</summary>
/// <remarks>
/// What was not stated stays null and is not filled in, or nodes with other defaults would name the same claim differently;
/// <see cref="EffectiveClass"/> and <see cref="EffectiveLifecycle"/> say what it counts as. <see cref="AssertionRules.Check"/>
/// tells whether one built by hand may be encoded; one that was read is always good. Equal means equal canonical bytes.
/// </remarks>
public sealed record Assertion
{
    public const int MaxPredicateBytes = 256;
    public const int MaxSourceHashBytes = 64;
    public const int MaxSourceUriBytes = 2048;
    public const int MaxNonceBytes = 128;
    public const int MaxParents = 8;

    /// <summary>Times lie within ± this many ms of 1970: a hundred million days, the range of dates in JavaScript.</summary>
    public const long MaxTimeMs = 8_640_000_000_000_000;

    public required ConceptPath Subject { get; init; }

    /// <summary>1..<see cref="MaxPredicateBytes"/> bytes without control characters.</summary>
    public required Utf8Text Predicate { get; init; }

    public required ClaimObject Object { get; init; }

    /// <summary>0..<see cref="Ppm.One"/>.</summary>
    public required uint ConfidencePpm { get; init; }

    /// <summary>The source class as stated; null if it was not.</summary>
    public SourceClass? StatedClass { get; init; }

    /// <summary>A hash of the source's content, of whatever kind: 1..<see cref="MaxSourceHashBytes"/> bytes; empty if not stated.</summary>
    public ReadOnlyMemory<byte> SourceHash { get; init; }

    /// <summary>Where the source is; empty if not stated.</summary>
    public Utf8Text SourceUri { get; init; }

    /// <summary>Who asserts; <see cref="AgentKey.Anonymous"/> if not stated.</summary>
    public AgentKey Agent { get; init; }

    /// <summary>The author's time, ms since 1970; null if not stated. Never used for ordering.</summary>
    public long? AssertedAtMs { get; init; }

    /// <summary>The claim is true from this instant, ms since 1970; null: always was.</summary>
    public long? ValidFromMs { get; init; }

    /// <summary>The claim is true until just before this instant, ms since 1970; null: for ever.</summary>
    public long? ValidToMs { get; init; }

    /// <summary>At most <see cref="MaxParents"/> links, sorted by id whatever order they are given in; never the same id twice.</summary>
    public IReadOnlyList<ParentLink> Parents { get; init => field = ParentLink.Sorted(value); } = [];

    /// <summary>The lifecycle state as stated; null if it was not. Later events may override it (<c>ClaimState</c>).</summary>
    public Lifecycle? StatedLifecycle { get; init; }

    /// <summary>Makes an otherwise equal claim another one; empty if not stated.</summary>
    public Utf8Text Nonce { get; init; }

    /// <summary>The stated class, else the one of the subject's scheme, else Expert.</summary>
    public SourceClass EffectiveClass => StatedClass ?? SourceClasses.Of(Subject);

    /// <summary>The stated lifecycle state, else Proposed.</summary>
    public Lifecycle EffectiveLifecycle => StatedLifecycle ?? Lifecycle.Proposed;

    /// <summary>True if the claim holds at an instant: from ≤ t and t before to.</summary>
    public bool IsValidAt(long ms) => (ValidFromMs ?? long.MinValue) <= ms && ms < (ValidToMs ?? long.MaxValue);

    public bool Equals(Assertion? other) =>
        ReferenceEquals(this, other) || (other is not null && AssertionCodec.Encode(this).AsSpan().SequenceEqual(AssertionCodec.Encode(other)));

    public override int GetHashCode() => (int)Primitives.Crc32C.Of(AssertionCodec.Encode(this));
}

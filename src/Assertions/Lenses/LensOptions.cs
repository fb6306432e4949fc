using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>A lens and the wrappers around it, which compose with every lens and with each other.</summary>
public sealed record LensOptions
{
    public LensKind Lens { get; init; } = LensKinds.Default;

    /// <summary>Only what was known at this instant, ms since 1970: claims accepted up to it, and votes, reviews, retractions up to it.</summary>
    public long? AsOfMs { get; init; }

    /// <summary>Only claims that hold at this instant, ms since 1970. Null: validity is not looked at, so no answer depends on a clock.</summary>
    public long? ValidAtMs { get; init; }

    /// <summary>Only claims of this tier or a more authoritative one.</summary>
    public SourceClass? MinTier { get; init; }

    /// <summary>Only claims in one of these states. Null: <see cref="LifecycleSet.NotRejected"/>.</summary>
    public LifecycleSet? Lifecycle { get; init; }

    /// <summary>Confidence halves with every half-life of its tier (<see cref="Decay"/>).</summary>
    public bool Decay { get; init; }

    /// <summary>The instant ages are counted to, ms since 1970; <see cref="AsOfMs"/> if that is given. Needed for <see cref="Decay"/> alone.</summary>
    public long? NowMs { get; init; }

    /// <summary>The answer tells which rules decided, on which ids, and what was left out and why.</summary>
    public bool Explain { get; init; }

    public AgentTrust Trust { get; init; } = AgentTrust.Full;
}

namespace Trefoil.Primitives;

/// <summary>SplitMix64: a seeded generator whose sequence is part of this code base, not of the runtime.</summary>
/// <remarks>A seed must replay for ever, so the algorithm may never change (Steele, Lea, Flood 2014).</remarks>
public sealed class Prng(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Returns the next 64 bits.</summary>
    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Returns a number in 0..<paramref name="bound"/>−1 (bias below 2⁻³², which no user of it can see).</summary>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)Math.BigMul(Next(), (ulong)bound, out _);
    }

    /// <summary>Returns a number in [0, 1).</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with this <paramref name="probability"/> (0..1).</summary>
    public bool Chance(double probability) => Fraction() < probability;

    /// <summary>Returns a duration in [<paramref name="min"/>, <paramref name="max"/>).</summary>
    public TimeSpan Between(TimeSpan min, TimeSpan max) => min + ((max - min) * Fraction());

    /// <summary>Shuffles in place (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>A generator of its own, derived from this one: giving each part one keeps their draws independent.</summary>
    public Prng Fork() => new(Next());
}

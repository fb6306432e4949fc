namespace Trefoil.Sharding;

/// <summary>The hash slots <paramref name="Start"/>..<paramref name="End"/>, both included (0..16383).</summary>
public readonly record struct SlotRange(int Start, int End)
{
    /// <summary>How many slots the range names; at most 0 when it is malformed.</summary>
    public int Count => End - Start + 1;

    /// <summary>All 16384 slots.</summary>
    public static SlotRange All { get; } = new(0, Trefoil.Primitives.HashSlot.Count - 1);

    /// <summary>True when both ends are slots and the range is not empty.</summary>
    public bool IsValid => Start >= 0 && Start <= End && End < Trefoil.Primitives.HashSlot.Count;

    /// <summary><c>5</c> or <c>5-9</c>, as CLUSTER NODES writes it.</summary>
    public override string ToString() => Start == End ? $"{Start}" : $"{Start}-{End}";
}

using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>What a mark says of its slot; Redis' two open states.</summary>
public enum SlotMarkKind
{
    /// <summary>The holder, who owns the slot, hands its keys to the peer one by one.</summary>
    Migrating = 0,

    /// <summary>The holder, who does not own the slot yet, takes its keys from the peer one by one.</summary>
    Importing = 1,
}

/// <summary>One open slot as one node sees it. The two ends of a move carry one mark each, set and cleared independently.</summary>
/// <param name="Slot">0..16383.</param>
/// <param name="Holder">Whose mark it is.</param>
/// <param name="Kind">Migrating: the holder owns the slot. Importing: it does not.</param>
/// <param name="Peer">The other end.</param>
public readonly record struct SlotMark(int Slot, NodeId Holder, SlotMarkKind Kind, NodeId Peer) : IComparable<SlotMark>
{
    /// <summary>By slot, then holder. A holder has one mark per slot: it owns the slot or it does not.</summary>
    public int CompareTo(SlotMark other) => Slot != other.Slot ? Slot.CompareTo(other.Slot) : Holder.CompareTo(other.Holder);

    public static bool operator <(SlotMark left, SlotMark right) => left.CompareTo(right) < 0;

    public static bool operator >(SlotMark left, SlotMark right) => left.CompareTo(right) > 0;

    public static bool operator <=(SlotMark left, SlotMark right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SlotMark left, SlotMark right) => left.CompareTo(right) >= 0;
}

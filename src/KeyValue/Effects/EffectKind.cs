namespace Trefoil.KeyValue.Effects;

/// <summary>What became true. The numbers stand in logs on disk: append only, never reuse.</summary>
internal enum EffectKind : byte
{
    /// <summary>A string: expiry, bytes.</summary>
    SetString = 1,

    /// <summary>An integer: expiry, value.</summary>
    SetInteger = 2,

    /// <summary>Bytes at an offset of a string, whose expiry stays: offset, bytes.</summary>
    WriteRange = 3,

    /// <summary>The key's time, <see cref="Values.KeyedValue.NoExpiry"/> for none: unix milliseconds.</summary>
    SetExpiry = 4,

    /// <summary>The key is gone, by a command or because its time had come.</summary>
    Remove = 5,

    /// <summary>A field of a hash: field, value.</summary>
    SetField = 6,

    /// <summary>A field of a hash is gone, and with the last one the key: field.</summary>
    RemoveField = 7,

    /// <summary>A whole value, whatever the key held: expiry, RDB type byte and body.</summary>
    Restore = 8,

    /// <summary>The slot has no key.</summary>
    ClearSlot = 9,

    /// <summary>The key is gone, and another holds what it held, with its expiry: the other key.</summary>
    Rename = 10,

    /// <summary>The key holds what another holds, with its expiry, whatever it held before: the other key.</summary>
    Copy = 11,

    /// <summary>An element at the head of a list: element.</summary>
    PushHead = 16,

    /// <summary>An element at the tail of a list: element.</summary>
    PushTail = 17,

    /// <summary>Elements of a list are gone, and with the last one the key: first position, how many.</summary>
    RemoveElements = 18,

    /// <summary>Another element at a position of a list: position, element.</summary>
    SetElement = 19,

    /// <summary>An element of a list before the one at a position: position, element.</summary>
    InsertElement = 20,

    /// <summary>A member of a set: member.</summary>
    AddMember = 32,

    /// <summary>A member of a set is gone, and with the last one the key: member.</summary>
    RemoveMember = 33,

    /// <summary>A member of a sorted set: the bits of its score, member.</summary>
    SetScore = 48,

    /// <summary>A member of a sorted set is gone, and with the last one the key: member.</summary>
    RemoveScore = 49,

    /// <summary>Members of a sorted set are gone by rank, and with the last one the key: first rank, how many.</summary>
    RemoveRanks = 50,
}

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
}

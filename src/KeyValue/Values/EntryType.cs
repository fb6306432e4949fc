namespace Trefoil.KeyValue.Values;

/// <summary>What a key holds. The numbers will be persisted with the keys: append only.</summary>
public enum EntryType : byte
{
    /// <summary>The key does not exist.</summary>
    None = 0,

    /// <summary>A byte string, possibly kept as an integer.</summary>
    String = 1,

    /// <summary>Fields with values.</summary>
    Hash = 2,

    /// <summary>Byte strings in an order, reached from both ends.</summary>
    List = 3,

    /// <summary>Byte strings, each once.</summary>
    Set = 4,

    /// <summary>Byte strings, each once, ordered by a number.</summary>
    SortedSet = 5,
}

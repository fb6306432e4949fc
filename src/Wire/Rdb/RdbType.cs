namespace Trefoil.Wire.Rdb;

/// <summary>The byte in front of a value that says how it is written (rdb.h of Redis 7.0, and one of 7.2).</summary>
public static class RdbType
{
    public const byte String = 0;
    public const byte List = 1;
    public const byte Set = 2;

    /// <summary>Sorted set with scores as text: before Redis 4.</summary>
    public const byte SortedSetText = 3;
    public const byte Hash = 4;

    /// <summary>Sorted set with binary doubles.</summary>
    public const byte SortedSet = 5;
    public const byte HashZipmap = 9;
    public const byte ListZiplist = 10;
    public const byte SetIntset = 11;
    public const byte SortedSetZiplist = 12;
    public const byte HashZiplist = 13;
    public const byte ListQuicklist = 14;
    public const byte HashListpack = 16;
    public const byte SortedSetListpack = 17;
    public const byte ListQuicklist2 = 18;

    /// <summary>Written by Redis 7.2 in version 11; read because it costs nothing.</summary>
    public const byte SetListpack = 20;
}

/// <summary>Bytes that stand in a file where a value's type could: they say something else.</summary>
public static class RdbOpcode
{
    public const byte Function = 245;
    public const byte ModuleAux = 247;

    /// <summary>The next key has been idle for so many seconds (a length).</summary>
    public const byte Idle = 248;

    /// <summary>The next key's access frequency (a byte).</summary>
    public const byte Frequency = 249;

    /// <summary>Two strings: a field about the file.</summary>
    public const byte Aux = 250;

    /// <summary>Two lengths: keys and expiries of the database.</summary>
    public const byte ResizeDb = 251;

    /// <summary>The next key expires at these milliseconds (8 bytes, little-endian).</summary>
    public const byte ExpireTimeMs = 252;

    /// <summary>The next key expires at these seconds (4 bytes).</summary>
    public const byte ExpireTime = 253;

    /// <summary>A length: the database of what follows.</summary>
    public const byte SelectDb = 254;

    /// <summary>The end; the checksum follows (8 bytes, little-endian, 0: none).</summary>
    public const byte End = 255;
}

/// <summary>What a value is, however it is written.</summary>
public enum RdbKind : byte
{
    String,
    List,
    Set,
    Hash,
    SortedSet,
}

/// <summary>What is wrong with the bytes, and where.</summary>
/// <param name="What">A phrase, e.g. "a listpack whose entries do not add up".</param>
/// <param name="Offset">Bytes from the start of the source to the value (or the packed container) that is wrong.</param>
public readonly record struct RdbFailure(string What, long Offset)
{
    /// <inheritdoc/>
    public override string ToString() => $"{What} at offset {Offset}";
}

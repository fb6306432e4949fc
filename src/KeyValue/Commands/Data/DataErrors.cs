namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Error texts of the data commands, byte for byte Redis 7.0's: clients match on them.</summary>
internal static class DataErrors
{
    public static ReadOnlySpan<byte> WrongType => "WRONGTYPE Operation against a key holding the wrong kind of value"u8;

    public static ReadOnlySpan<byte> BusyKey => "BUSYKEY Target key name already exists."u8;

    public static ReadOnlySpan<byte> NotInteger => "ERR value is not an integer or out of range"u8;

    public static ReadOnlySpan<byte> NotFloat => "ERR value is not a valid float"u8;

    public static ReadOnlySpan<byte> IncrementOverflow => "ERR increment or decrement would overflow"u8;

    public static ReadOnlySpan<byte> DecrementOverflow => "ERR decrement would overflow"u8;

    public static ReadOnlySpan<byte> NotFinite => "ERR increment would produce NaN or Infinity"u8;

    public static ReadOnlySpan<byte> HashValueNotInteger => "ERR hash value is not an integer"u8;

    public static ReadOnlySpan<byte> HashValueNotFloat => "ERR hash value is not a float"u8;

    public static ReadOnlySpan<byte> NotFiniteIncrement => "ERR value is NaN or Infinity"u8;

    public static ReadOnlySpan<byte> Offset => "ERR offset is out of range"u8;

    public static ReadOnlySpan<byte> StringTooLong => "ERR string exceeds maximum allowed size (proto-max-bulk-len)"u8;

    public static ReadOnlySpan<byte> Cursor => "ERR invalid cursor"u8;

    public static ReadOnlySpan<byte> OutOfRange => "ERR value is out of range"u8;

    public static ReadOnlySpan<byte> ExpireNxAndOthers => "ERR NX and XX, GT or LT options at the same time are not compatible"u8;

    public static ReadOnlySpan<byte> ExpireGtAndLt => "ERR GT and LT options at the same time are not compatible"u8;

    public static ReadOnlySpan<byte> NoSuchKey => "ERR no such key"u8;

    public static ReadOnlySpan<byte> IndexOutOfRange => "ERR index out of range"u8;

    public static ReadOnlySpan<byte> NotPositive => "ERR value is out of range, must be positive"u8;

    public static ReadOnlySpan<byte> KeyNumber => "ERR numkeys should be greater than 0"u8;

    public static ReadOnlySpan<byte> KeysBeyondArguments => "ERR Number of keys can't be greater than number of args"u8;

    public static ReadOnlySpan<byte> PopCount => "ERR count should be greater than 0"u8;

    public static ReadOnlySpan<byte> NegativeLimit => "ERR LIMIT can't be negative"u8;

    public static ReadOnlySpan<byte> NegativeCount => "ERR COUNT can't be negative"u8;

    public static ReadOnlySpan<byte> NegativeMaxLength => "ERR MAXLEN can't be negative"u8;

    public static ReadOnlySpan<byte> ZeroRank =>
        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list"u8;

    public static ReadOnlySpan<byte> ScoreRange => "ERR min or max is not a float"u8;

    public static ReadOnlySpan<byte> LexRange => "ERR min or max not valid string range item"u8;

    public static ReadOnlySpan<byte> ScoreNotNumber => "ERR resulting score is not a number (NaN)"u8;

    public static ReadOnlySpan<byte> AddNxAndXx => "ERR XX and NX options at the same time are not compatible"u8;

    public static ReadOnlySpan<byte> AddConditions => "ERR GT, LT, and/or NX options at the same time are not compatible"u8;

    public static ReadOnlySpan<byte> AddIncrOne => "ERR INCR option supports a single increment-element pair"u8;

    public static ReadOnlySpan<byte> LimitWithoutRange => "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"u8;

    public static ReadOnlySpan<byte> ScoresWithLex => "ERR syntax error, WITHSCORES not supported in combination with BYLEX"u8;

    public static ReadOnlySpan<byte> FrequencyNotKept =>
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."u8;

    public static ReadOnlySpan<byte> IdleNotKept =>
        "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust."u8;

    public static ReadOnlySpan<byte> WeightNotFloat => "ERR weight value is not a float"u8;
}

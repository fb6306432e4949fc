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
}

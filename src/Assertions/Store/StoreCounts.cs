using Trefoil.Primitives;

namespace Trefoil.Assertions.Store;

/// <summary>How much is stored; kept with the data, so that it need not be counted.</summary>
/// <param name="Claims">Assertions that have a body.</param>
/// <param name="Records">Records of all kinds.</param>
/// <param name="Redactions">Of these, redactions: while there is none, a new claim need not be asked whether it is redacted.</param>
public sealed record StoreCounts(long Claims, long Records, long Redactions)
{
    /// <summary>Of the keys and values in the ordered store. Another number is another layout.</summary>
    internal const byte Format = 1;

    internal void Write(ByteWriter writer)
    {
        writer.Byte(Format);
        writer.UInt64((ulong)Claims);
        writer.UInt64((ulong)Records);
        writer.UInt64((ulong)Redactions);
    }

    /// <summary>False if the bytes are of another format.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out StoreCounts counts)
    {
        var reader = new ByteReader(bytes);
        var format = reader.Byte();
        counts = new StoreCounts((long)reader.UInt64(), (long)reader.UInt64(), (long)reader.UInt64());
        return reader.Ended && format == Format;
    }
}

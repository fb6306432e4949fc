using Trefoil.Primitives;

namespace Trefoil.Assertions.Model;

/// <summary>The name of an assertion: BLAKE3-256 of its canonical body behind a domain tag (<see cref="AssertionCodec"/>).</summary>
/// <remarks>Ordered as bytes, which is also the order of the hex texts.</remarks>
public readonly record struct AssertionId : IComparable<AssertionId>
{
    /// <summary>Length on the wire and on disk, in bytes.</summary>
    public const int Size = Word256.Size;

    /// <summary>Length of the text form, in hex digits.</summary>
    public const int HexLength = 2 * Size;

    private readonly Word256 _word;

    private AssertionId(Word256 word) => _word = word;

    /// <summary>Reads the first <see cref="Size"/> bytes.</summary>
    public static AssertionId Read(ReadOnlySpan<byte> bytes) => new(Word256.Read(bytes));

    /// <summary>Reads <see cref="Size"/> bytes; zero, and the reader failed, if there are fewer.</summary>
    public static AssertionId Read(ref ByteReader reader) => reader.Raw(Size) is { Length: Size } bytes ? Read(bytes) : default;

    /// <summary>Parses 64 hex digits of either case; false when malformed.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out AssertionId value)
    {
        var parsed = Word256.TryParse(hex, out var word);
        value = new AssertionId(word);
        return parsed;
    }

    /// <summary>Parses 64 hex digits of either case, as ASCII; false when malformed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> hex, out AssertionId value)
    {
        var parsed = Word256.TryParse(hex, out var word);
        value = new AssertionId(word);
        return parsed;
    }

    /// <summary>Parses text that is known to be good; throws <see cref="FormatException"/> otherwise.</summary>
    public static AssertionId Parse(string hex) =>
        TryParse(hex, out AssertionId value) ? value : throw new FormatException($"'{hex}' is not 64 hex digits");

    /// <summary>Writes <see cref="Size"/> bytes.</summary>
    public void Write(Span<byte> destination) => _word.Write(destination);

    /// <summary>Appends <see cref="Size"/> bytes.</summary>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        Span<byte> bytes = stackalloc byte[Size];
        _word.Write(bytes);
        writer.Raw(bytes);
    }

    /// <summary>The bytes as an array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        _word.Write(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public int CompareTo(AssertionId other) => _word.CompareTo(other._word);

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => _word.ToString();

    public static bool operator <(AssertionId left, AssertionId right) => left.CompareTo(right) < 0;

    public static bool operator >(AssertionId left, AssertionId right) => left.CompareTo(right) > 0;

    public static bool operator <=(AssertionId left, AssertionId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(AssertionId left, AssertionId right) => left.CompareTo(right) >= 0;
}

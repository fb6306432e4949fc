using System.Text;
using System.Text.Unicode;

namespace Trefoil.Assertions.Model;

/// <summary>Valid UTF-8 as it was sent: compared as bytes, never normalised, never turned into UTF-16 on the way through.</summary>
/// <remarks>A view; whoever makes one does not change the bytes afterwards. The default is the empty text.</remarks>
public readonly struct Utf8Text : IEquatable<Utf8Text>, IComparable<Utf8Text>
{
    private Utf8Text(ReadOnlyMemory<byte> bytes) => Memory = bytes;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => Memory.Span;

    /// <summary>Bytes, not characters: what every limit counts.</summary>
    public int Length => Memory.Length;

    public bool IsEmpty => Memory.IsEmpty;

    /// <summary>The UTF-8 of a text; unpaired surrogates are misuse and throw.</summary>
    public static Utf8Text Of(string text) => new(Strict.GetBytes(text));

    public static implicit operator Utf8Text(string text) => Of(text);

    /// <summary>Takes the bytes as they are; false if they are not UTF-8.</summary>
    public static bool TryCreate(ReadOnlyMemory<byte> bytes, out Utf8Text text)
    {
        var valid = Utf8.IsValid(bytes.Span);
        text = valid ? new Utf8Text(bytes) : default;
        return valid;
    }

    /// <summary>For bytes that have been checked already.</summary>
    internal static Utf8Text Checked(ReadOnlyMemory<byte> bytes) => new(bytes);

    public bool Equals(Utf8Text other) => Span.SequenceEqual(other.Span);

    public override bool Equals(object? obj) => obj is Utf8Text other && Equals(other);

    /// <summary>Equal on every machine and in every process.</summary>
    public override int GetHashCode() => (int)Primitives.Crc32C.Of(Span);

    /// <summary>As bytes.</summary>
    public int CompareTo(Utf8Text other) => Span.SequenceCompareTo(other.Span);

    public override string ToString() => Encoding.UTF8.GetString(Span);

    public static bool operator ==(Utf8Text left, Utf8Text right) => left.Equals(right);

    public static bool operator !=(Utf8Text left, Utf8Text right) => !left.Equals(right);

    public static bool operator <(Utf8Text left, Utf8Text right) => left.CompareTo(right) < 0;

    public static bool operator >(Utf8Text left, Utf8Text right) => left.CompareTo(right) > 0;

    public static bool operator <=(Utf8Text left, Utf8Text right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Utf8Text left, Utf8Text right) => left.CompareTo(right) >= 0;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
}

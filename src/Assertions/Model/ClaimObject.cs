using System.Buffers.Binary;
using System.Globalization;

namespace Trefoil.Assertions.Model;

/// <summary>The five kinds of values. Numbers are stored; append only.</summary>
public enum ObjectKind : byte
{
    Text = 0,
    Number = 1,
    Integer = 2,
    Boolean = 3,
    Reference = 4,
}

/// <summary>What is claimed of the subject: a value of one of five kinds, held as its canonical bytes.</summary>
/// <remarks>
/// Canonical: the kind, then UTF-8 (Text, Reference), or 8 bytes little-endian (Number: IEEE 754, -0.0 as 0.0, finite;
/// Integer: two's complement), or 0 / 1. Two values are equal when their bytes are: Number 1 and Integer 1 are not.
/// </remarks>
public readonly struct ClaimObject : IEquatable<ClaimObject>
{
    /// <summary>Longest text, in bytes.</summary>
    public const int MaxTextBytes = 64 * 1024;

    /// <summary>Longest canonical form, in bytes.</summary>
    public const int MaxBytes = 1 + MaxTextBytes;

    private ClaimObject(ReadOnlyMemory<byte> canonical) => Canonical = canonical;

    /// <summary>Kind and value: what the hash covers, and the key by which lenses group equal values. Empty only in the default, which is no value.</summary>
    public ReadOnlyMemory<byte> Canonical { get; }

    public ObjectKind Kind => (ObjectKind)Canonical.Span[0];

    /// <summary>The value of a Text, or the path of a Reference.</summary>
    public Utf8Text AsText => Kind is ObjectKind.Text or ObjectKind.Reference ? Utf8Text.Checked(Canonical[1..]) : throw Not(ObjectKind.Text);

    public double AsNumber => Kind == ObjectKind.Number ? BinaryPrimitives.ReadDoubleLittleEndian(Canonical.Span[1..]) : throw Not(ObjectKind.Number);

    public long AsInteger => Kind == ObjectKind.Integer ? BinaryPrimitives.ReadInt64LittleEndian(Canonical.Span[1..]) : throw Not(ObjectKind.Integer);

    public bool AsBoolean => Kind == ObjectKind.Boolean ? Canonical.Span[1] == 1 : throw Not(ObjectKind.Boolean);

    /// <summary>A text; one that is too long is misuse and throws.</summary>
    public static ClaimObject Text(Utf8Text text) => OfBytes(ObjectKind.Text, text.Span);

    /// <summary>A reference to another concept.</summary>
    public static ClaimObject Reference(ConceptPath path) => OfBytes(ObjectKind.Reference, path.Span);

    /// <summary>A finite number; NaN and infinities are misuse and throw.</summary>
    public static ClaimObject Number(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(nameof(value), value, "a claim's number is finite");
        }

        // Adding turns -0.0 into 0.0 and changes nothing else.
        var bytes = new byte[9];
        bytes[0] = (byte)ObjectKind.Number;
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(1), value + 0.0);
        return new ClaimObject(bytes);
    }

    public static ClaimObject Integer(long value)
    {
        var bytes = new byte[9];
        bytes[0] = (byte)ObjectKind.Integer;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), value);
        return new ClaimObject(bytes);
    }

    public static ClaimObject Boolean(bool value) => new(value ? TrueBytes : FalseBytes);

    /// <summary>Takes canonical bytes; anything else is refused.</summary>
    public static Invalid? TryCreate(ReadOnlyMemory<byte> canonical, out ClaimObject value)
    {
        value = default;
        var invalid = Check(canonical.Span);
        if (invalid is null)
        {
            value = new ClaimObject(canonical);
        }

        return invalid;
    }

    public bool Equals(ClaimObject other) => Canonical.Span.SequenceEqual(other.Canonical.Span);

    public override bool Equals(object? obj) => obj is ClaimObject other && Equals(other);

    /// <summary>Equal on every machine and in every process.</summary>
    public override int GetHashCode() => (int)Primitives.Crc32C.Of(Canonical.Span);

    /// <summary>For people: the value alone.</summary>
    public override string ToString() => Canonical.IsEmpty ? "" : Kind switch
    {
        ObjectKind.Number => AsNumber.ToString("R", CultureInfo.InvariantCulture),
        ObjectKind.Integer => AsInteger.ToString(CultureInfo.InvariantCulture),
        ObjectKind.Boolean => AsBoolean ? "true" : "false",
        _ => AsText.ToString(),
    };

    /// <summary>As written in JSON: Number.</summary>
    public static string NameOf(ObjectKind kind) => All[(int)kind];

    public static bool operator ==(ClaimObject left, ClaimObject right) => left.Equals(right);

    public static bool operator !=(ClaimObject left, ClaimObject right) => !left.Equals(right);

    internal static readonly string[] All = ["Text", "Number", "Integer", "Boolean", "Reference"];

    private static readonly byte[] FalseBytes = [(byte)ObjectKind.Boolean, 0];

    private static readonly byte[] TrueBytes = [(byte)ObjectKind.Boolean, 1];

    private static ClaimObject OfBytes(ObjectKind kind, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, MaxTextBytes);
        var bytes = new byte[1 + value.Length];
        bytes[0] = (byte)kind;
        value.CopyTo(bytes.AsSpan(1));
        return new ClaimObject(bytes);
    }

    private static Invalid? Check(ReadOnlySpan<byte> canonical)
    {
        if (canonical.IsEmpty)
        {
            return new Invalid(InvalidCodes.EncodingMalformed, "", "an object value has at least its kind");
        }

        var value = canonical[1..];
        switch ((ObjectKind)canonical[0])
        {
            case ObjectKind.Text:
                return value.Length > MaxTextBytes
                    ? new Invalid(InvalidCodes.TooLong, "", $"the text has {value.Length} bytes, at most {MaxTextBytes} are allowed")
                    : System.Text.Unicode.Utf8.IsValid(value) ? null : new Invalid(InvalidCodes.BadUtf8, "", "the text is not valid UTF-8");
            case ObjectKind.Reference:
                return System.Text.Unicode.Utf8.IsValid(value)
                    ? ConceptPath.Check(value)
                    : new Invalid(InvalidCodes.BadUtf8, "", "the path is not valid UTF-8");
            case ObjectKind.Number when value.Length == 8:
                var number = BinaryPrimitives.ReadDoubleLittleEndian(value);
                return !double.IsFinite(number)
                    ? new Invalid(InvalidCodes.NumberNotFinite, "", "a claim's number is finite")
                    : number == 0 && double.IsNegative(number) ? new Invalid(InvalidCodes.EncodingMalformed, "", "-0.0 is written as 0.0") : null;
            case ObjectKind.Integer when value.Length == 8:
            case ObjectKind.Boolean when value is [0 or 1]:
                return null;
            default:
                return new Invalid(InvalidCodes.EncodingMalformed, "", $"kind {canonical[0]} with {value.Length} bytes is no object value");
        }
    }

    private InvalidOperationException Not(ObjectKind wanted) => new($"the object is a {Kind}, not a {wanted}");
}

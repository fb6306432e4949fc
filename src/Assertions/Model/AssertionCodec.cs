using System.Buffers;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Model;

/// <summary>The canonical encoding: one assertion, one sequence of bytes, on every machine and in every language.</summary>
/// <remarks>
/// Version 1: the byte 1, then fourteen fields in the order of <see cref="WriteChecked"/>, each a length (LEB128, shortest form) and
/// that many bytes. A field of length 0 was not stated. Integers are little-endian; parents are 33 bytes each (id, kind)
/// sorted by id. What does not encode back to the same bytes is refused, so an id has exactly one body.
/// Another version would be another first byte and another tag; version 1 stays readable.
/// </remarks>
public static class AssertionCodec
{
    public const byte Version = 1;

    /// <summary>Hashed before the body, so that no other hash of this system can be taken for an id.</summary>
    public static ReadOnlySpan<byte> DomainTag => "trefoil.assertion.v1\0"u8;

    /// <summary>Longest canonical body, in bytes: every field at its limit, lengths of at most 3 bytes.</summary>
    public const int MaxBytes = 1 + (14 * 3) + ConceptPath.MaxBytes + Assertion.MaxPredicateBytes + ClaimObject.MaxBytes + 4 + 1
        + Assertion.MaxSourceHashBytes + Assertion.MaxSourceUriBytes + AgentKey.Size + (3 * 8) + (Assertion.MaxParents * ParentBytes) + 1 + Assertion.MaxNonceBytes;

    private const int ParentBytes = AssertionId.Size + 1;

    /// <summary>The canonical body; an assertion that breaks <see cref="AssertionRules"/> is misuse and throws.</summary>
    public static byte[] Encode(Assertion assertion)
    {
        var writer = new ByteWriter(512);
        Write(writer, assertion);
        return writer.ToArray();
    }

    /// <summary>Appends the canonical body; an assertion that breaks <see cref="AssertionRules"/> is misuse and throws.</summary>
    public static void Write(ByteWriter writer, Assertion assertion)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (AssertionRules.Check(assertion) is { } invalid)
        {
            throw new ArgumentException($"{invalid.Field}: {invalid.Reason}", nameof(assertion));
        }

        WriteChecked(writer, assertion);
    }

    /// <summary>Appends the canonical body of an assertion that is known to fulfil the rules.</summary>
    internal static void WriteChecked(ByteWriter writer, Assertion assertion)
    {
        writer.Byte(Version);
        writer.Bytes(assertion.Subject.Span);
        writer.Bytes(assertion.Predicate.Span);
        writer.Bytes(assertion.Object.Canonical.Span);
        writer.Byte(4);
        writer.UInt32(assertion.ConfidencePpm);
        Optional(writer, (byte?)assertion.StatedClass);
        writer.Bytes(assertion.SourceHash.Span);
        writer.Bytes(assertion.SourceUri.Span);
        writer.Byte(AgentKey.Size);
        assertion.Agent.Write(writer);
        Optional(writer, assertion.AssertedAtMs);
        Optional(writer, assertion.ValidFromMs);
        Optional(writer, assertion.ValidToMs);
        writer.Varint((ulong)(assertion.Parents.Count * ParentBytes));
        for (var i = 0; i < assertion.Parents.Count; i++)
        {
            assertion.Parents[i].Id.Write(writer);
            writer.Byte((byte)assertion.Parents[i].Kind);
        }

        Optional(writer, (byte?)assertion.StatedLifecycle);
        writer.Bytes(assertion.Nonce.Span);
    }

    /// <summary>BLAKE3-256 of the tag and the body. It does not look into the body.</summary>
    public static AssertionId IdOf(ReadOnlySpan<byte> canonical)
    {
        var length = DomainTag.Length + canonical.Length;
        byte[]? rented = null;
        var tagged = length <= 1024 ? stackalloc byte[1024] : rented = ArrayPool<byte>.Shared.Rent(length);
        DomainTag.CopyTo(tagged);
        canonical.CopyTo(tagged[DomainTag.Length..]);
        Span<byte> hash = stackalloc byte[Blake3.HashSize];
        Blake3.Hash(tagged[..length], hash);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return AssertionId.Read(hash);
    }

    /// <summary>The id of an assertion; encodes it.</summary>
    public static AssertionId IdOf(Assertion assertion) => IdOf(Encode(assertion));

    /// <summary>Reads a body from bytes that may change afterwards: they are copied.</summary>
    public static Invalid? TryDecode(ReadOnlySpan<byte> canonical, out Assertion? assertion) =>
        TryDecode((ReadOnlyMemory<byte>)(canonical.Length <= MaxBytes ? canonical.ToArray() : new byte[MaxBytes + 1]), out assertion);

    /// <summary>Reads a body without copying: the assertion's texts are views of bytes that must not change any more.</summary>
    public static Invalid? TryDecode(ReadOnlyMemory<byte> canonical, out Assertion? assertion)
    {
        assertion = null;
        var bytes = canonical.Span;
        if (bytes.Length is 0 or > MaxBytes)
        {
            return Malformed("", $"a body has 1 to {MaxBytes} bytes");
        }

        if (bytes[0] != Version)
        {
            return new Invalid(InvalidCodes.EncodingVersion, "", $"the body is of version {bytes[0]}; this server knows version {Version}");
        }

        var reader = new FieldReader(canonical[1..]);
        var subject = reader.Path("/subject");
        var predicate = reader.Text("/predicate");
        var value = reader.Object("/object");
        var confidence = reader.UInt32("/confidence");
        var decoded = new Assertion
        {
            Subject = subject,
            Predicate = predicate,
            Object = value,
            ConfidencePpm = confidence,
            StatedClass = (SourceClass?)reader.OptionalByte("/sourceClass"),
            SourceHash = reader.Next(),
            SourceUri = reader.Text("/sourceUri"),
            Agent = reader.Agent("/agent"),
            AssertedAtMs = reader.OptionalInt64("/assertedAt"),
            ValidFromMs = reader.OptionalInt64("/validFrom"),
            ValidToMs = reader.OptionalInt64("/validTo"),
            Parents = reader.Parents("/parents"),
            StatedLifecycle = (Lifecycle?)reader.OptionalByte("/lifecycle"),
            Nonce = reader.Text("/nonce"),
        };
        var invalid = reader.End() ?? AssertionRules.Check(decoded);
        assertion = invalid is null ? decoded : null;
        return invalid;
    }

    private static Invalid Malformed(string field, string reason) => new(InvalidCodes.EncodingMalformed, field, reason);

    private static void Optional(ByteWriter writer, byte? value)
    {
        writer.Bool(value is not null);
        if (value is { } given)
        {
            writer.Byte(given);
        }
    }

    private static void Optional(ByteWriter writer, long? value)
    {
        writer.Byte(value is null ? (byte)0 : (byte)8);
        if (value is { } given)
        {
            writer.UInt64((ulong)given);
        }
    }
}

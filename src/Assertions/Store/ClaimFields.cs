using Trefoil.Assertions.Model;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Store;

/// <summary>What the indexes need of a canonical body, without decoding the rest of it or allocating.</summary>
internal readonly ref struct ClaimFields
{
    private const int FieldsBetween = 8; // from the predicate to the parents
    private const int ParentBytes = AssertionId.Size + 1;

    private ClaimFields(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> predicate, ReadOnlySpan<byte> parents)
    {
        Subject = subject;
        Predicate = predicate;
        Parents = parents;
    }

    public ReadOnlySpan<byte> Subject { get; }

    public ReadOnlySpan<byte> Predicate { get; }

    /// <summary>33 bytes each: id and kind.</summary>
    private ReadOnlySpan<byte> Parents { get; }

    public int ParentCount => Parents.Length / ParentBytes;

    /// <summary>The body must have been checked when it was received; another one is misuse and throws.</summary>
    public static ClaimFields Read(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body);
        var version = reader.Byte();
        var subject = reader.Bytes(ConceptPath.MaxBytes);
        var predicate = reader.Bytes(Assertion.MaxPredicateBytes);
        reader.Bytes(ClaimObject.MaxBytes);
        for (var field = 0; field < FieldsBetween; field++)
        {
            reader.Bytes(Assertion.MaxSourceUriBytes);
        }

        var parents = reader.Bytes(Assertion.MaxParents * ParentBytes);
        return reader.Failed || version != AssertionCodec.Version
            ? throw new ArgumentException("the body is not canonical: check records before they are stored", nameof(body))
            : new ClaimFields(subject, predicate, parents);
    }

    public AssertionId ParentId(int index) => AssertionId.Read(Parents[(index * ParentBytes)..]);

    public byte ParentKind(int index) => Parents[(index * ParentBytes) + AssertionId.Size];
}

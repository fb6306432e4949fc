using System.Buffers.Text;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Engine;

/// <summary>Where a query goes on, and a fingerprint of the query that it belongs to.</summary>
/// <remarks>Opaque to clients: base64url of the fingerprint and a place, which is a text of the asking route's.</remarks>
public static class QueryCursor
{
    private const int FingerprintSize = 8;

    /// <summary>Longest cursor that is looked at.</summary>
    private const int MaxLength = 4096;

    /// <summary>What tells queries apart: the parameters that say what is asked, in the order of their names.</summary>
    public static byte[] Fingerprint(string route, IEnumerable<KeyValuePair<string, Utf8Text>> parameters)
    {
        var text = new ByteWriter();
        text.Text(route);
        foreach (var (name, value) in parameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
        {
            text.Text(name);
            text.Bytes(value.Span);
        }

        return Blake3.Hash(text.Written)[..FingerprintSize];
    }

    /// <summary>A cursor at a key.</summary>
    public static string Write(byte[] fingerprint, ClaimKey key) => Write(fingerprint, [.. key.Subject.Span, 0, .. key.Predicate.Span]);

    /// <summary>A cursor at any place.</summary>
    public static string Write(byte[] fingerprint, ReadOnlySpan<byte> place) => Base64Url.EncodeToString([.. fingerprint, .. place]);

    /// <summary>Reads a cursor of this query; the key is null if none was given.</summary>
    public static Invalid? TryRead(Utf8Text? cursor, byte[] fingerprint, out ClaimKey? key)
    {
        key = null;
        if (TryReadPlace(cursor, fingerprint, out var place) is { } invalid)
        {
            return invalid;
        }

        if (cursor is null)
        {
            return null;
        }

        var zero = place.Span.IndexOf((byte)0);
        if (zero < 0
            || !Utf8Text.TryCreate(place[..zero], out var subject) || ConceptPath.TryCreate(subject, out var path) is not null
            || !Utf8Text.TryCreate(place[(zero + 1)..], out var predicate) || predicate.IsEmpty)
        {
            return Malformed;
        }

        key = new ClaimKey(path, predicate);
        return null;
    }

    /// <summary>Reads the place of a cursor of this query; empty if none was given.</summary>
    public static Invalid? TryReadPlace(Utf8Text? cursor, byte[] fingerprint, out ReadOnlyMemory<byte> place)
    {
        place = default;
        if (cursor is not { } text)
        {
            return null;
        }

        if (text.Length > MaxLength || !Base64Url.IsValid(text.Span) || Base64Url.DecodeFromUtf8(text.Span) is not { Length: >= FingerprintSize } bytes)
        {
            return Malformed;
        }

        place = bytes.AsMemory(FingerprintSize);
        return bytes.AsSpan(0, FingerprintSize).SequenceEqual(fingerprint) ? null
            : new Invalid(RefusalCodes.CursorOfOtherQuery, "?cursor", "the cursor goes on with another query: all parameters but limit and cursor must be the same");
    }

    private static Invalid Malformed => new(RefusalCodes.BadCursor, "?cursor", "it is not what an answer had as next");
}

using System.Text.Json;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Http;

/// <summary>Browsing the tree of concepts.</summary>
internal sealed class ConceptRoutes(AssertionService service)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public Task BrowseAsync(Exchange exchange)
    {
        var fingerprint = QueryRoutes.FingerprintOf(exchange);
        var (limit, place) = ((long)DefaultLimit, ReadOnlyMemory<byte>.Empty);
        var invalid = PathOf(exchange, out var path)
            ?? Parameters.Number(exchange, "limit", 1, MaxLimit, DefaultLimit, out limit)
            ?? QueryCursor.TryReadPlace(exchange.Parameter("cursor"), fingerprint, out place)
            ?? Valid(place);
        if (invalid is not null)
        {
            return exchange.RefuseAsync(invalid);
        }

        Utf8Text.TryCreate(place, out var after);
        ConceptPage page;
        using (var reader = service.Read())
        {
            page = AssertionEngine.Browse(reader, path, after, (int)limit);
        }

        exchange.Context.Response.Headers.CacheControl = "no-cache";
        return exchange.AnswerAsync(200, json => Write(json, path, page, fingerprint));
    }

    private static Invalid? PathOf(Exchange exchange, out Utf8Text path) =>
        (RequestTarget.DecodePath(exchange.Variable, out path) ?? QueryRoutes.Under(path, default, out _)) is { } invalid ? invalid with { Field = "/path" } : null;

    private static Invalid? Valid(ReadOnlyMemory<byte> place) => Utf8Text.TryCreate(place, out _)
        ? null
        : new Invalid(RefusalCodes.BadCursor, "?cursor", "it is not what an answer had as next");

    private static void Write(Utf8JsonWriter json, Utf8Text path, ConceptPage page, byte[] fingerprint)
    {
        json.WriteString("path", path.Span);
        WriteCount(json, page.Claims);
        json.WriteStartArray("predicates");
        foreach (var own in page.Own)
        {
            json.WriteStartObject();
            json.WriteString("predicate", own.Key.Predicate.Span);
            json.WriteNumber("candidates", own.Answer.Candidates);
            WriteConflict(json, own.Answer.ConflictPpm, own.Answer.Verdict);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("children");
        foreach (var child in page.Below)
        {
            json.WriteStartObject();
            json.WriteString("path", child.Path.Span);
            json.WriteBoolean("hasClaims", child.HasOwn);
            json.WriteBoolean("hasChildren", child.HasBelow);
            WriteCount(json, child.Claims);
            WriteConflict(json, child.ConflictPpm, child.Verdict);
            if (child.IsPartial)
            {
                json.WriteBoolean("conflictIsPartial", true);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (!page.Next.IsEmpty)
        {
            json.WriteString("next", QueryCursor.Write(fingerprint, page.Next.Span));
        }
    }

    private static void WriteCount(Utf8JsonWriter json, ClaimCount count)
    {
        json.WriteNumber("claims", count.Count);
        if (count.HasMore)
        {
            json.WriteBoolean("moreClaims", true);
        }
    }

    private static void WriteConflict(Utf8JsonWriter json, uint conflictPpm, Verdict? verdict)
    {
        json.WriteNumber("conflict", Ppm.ToDecimal(conflictPpm));
        if (verdict is { } given)
        {
            json.WriteString("verdict", given.ToString());
        }
    }
}

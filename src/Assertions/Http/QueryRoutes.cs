using System.Text.Json;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;

namespace Trefoil.Assertions.Http;

/// <summary>Reading through a lens: query, and the lenses that have a route of their own.</summary>
internal sealed class QueryRoutes(AssertionService service)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>Parameters of all that page over keys.</summary>
    public static readonly string[] Selecting = ["subject", "prefix", "predicate", "limit", "cursor"];

    /// <summary>Parameters of /v1/query.</summary>
    public static readonly string[] Every = [.. Selecting, .. LensQuery.Names];

    /// <summary>Parameters of a route that is a lens.</summary>
    public static readonly string[] WithoutLens = [.. Every.Where(name => name != "lens")];

    public Task QueryAsync(Exchange exchange) => AskAsync(exchange, lens: null);

    public Task SkepticAsync(Exchange exchange) => AskAsync(exchange, LensKind.Skeptic);

    public Task LayeredAsync(Exchange exchange) => AskAsync(exchange, LensKind.Layered);

    /// <summary>Reads which keys are asked about: a subject, or all below a prefix, the predicate if given.</summary>
    public static Invalid? Select(Exchange exchange, bool required, out KeySelection selection)
    {
        selection = KeySelection.Under("");
        var (subject, prefix) = (exchange.Parameter("subject"), exchange.Parameter("prefix"));
        var predicate = exchange.Parameter("predicate") ?? default;
        if (exchange.Parameter("predicate") is { } given && (given.IsEmpty || given.Length > Assertion.MaxPredicateBytes || given.Span.Contains((byte)0)))
        {
            return Parameters.Bad("predicate", $"1 to {Assertion.MaxPredicateBytes} bytes", given.ToString());
        }

        if (subject is not null && prefix is not null)
        {
            return new Invalid(RefusalCodes.BadParameter, "?prefix", "subject asks about one concept, prefix about it and all below it: give one of them");
        }

        if (subject is { } text)
        {
            var invalid = ConceptPath.TryCreate(text, out var path);
            selection = invalid is null ? KeySelection.Of(path, predicate) : selection;
            return invalid is null ? null : invalid with { Field = "?subject" };
        }

        if (prefix is null && required)
        {
            return new Invalid(RefusalCodes.MissingParameter, "?subject", "give subject, or prefix (an empty one asks about everything)");
        }

        return Under(prefix ?? default, predicate, out selection);
    }

    /// <summary>What lies below a path: a whole path, the beginning of one that ends with a slash, or nothing.</summary>
    public static Invalid? Under(Utf8Text prefix, Utf8Text predicate, out KeySelection selection)
    {
        selection = KeySelection.Under(prefix, predicate);
        if (prefix.IsEmpty)
        {
            return null;
        }

        // fda:// and drug/ begin paths without being any: with one more segment they are.
        var whole = prefix.Span[^1] == (byte)'/' ? Utf8Text.Of(prefix + "x") : prefix;
        return ConceptPath.TryCreate(whole, out _) is { } invalid ? invalid with { Field = "?prefix" } : null;
    }

    /// <summary>Reads the lens and its wrappers; an unknown lens has a code of its own.</summary>
    public static Invalid? Options(Exchange exchange, long nowMs, out LensOptions options)
    {
        var query = new LensQuery();
        options = query.Options;
        foreach (var (name, value) in exchange.Target.Parameters)
        {
            if (LensQuery.Knows(name) && query.Set(name, value.ToString()) is { } invalid)
            {
                return invalid with { Code = name == "lens" ? RefusalCodes.UnknownLens : invalid.Code, Field = "?" + name };
            }
        }

        options = query.Options with { NowMs = query.Options.Decay ? nowMs : null };
        return null;
    }

    /// <summary>What tells this query from others, for its cursors.</summary>
    public static byte[] FingerprintOf(Exchange exchange) => QueryCursor.Fingerprint(
        exchange.Target.Path,
        exchange.Target.Parameters.Where(parameter => parameter.Name is not ("limit" or "cursor")).Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Value)));

    private async Task AskAsync(Exchange exchange, LensKind? lens)
    {
        var fingerprint = FingerprintOf(exchange);
        ClaimKey? after = null;
        var limit = (long)DefaultLimit;
        var options = new LensOptions();
        var page = new LensPage([], null);
        var invalid = Select(exchange, required: true, out var selection)
            ?? Options(exchange, service.NowMs, out options)
            ?? Parameters.Number(exchange, "limit", 1, MaxLimit, DefaultLimit, out limit)
            ?? QueryCursor.TryRead(exchange.Parameter("cursor"), fingerprint, out after);
        var stable = service.StableThroughMs;
        if (invalid is null)
        {
            using var reader = service.Read();
            invalid = AssertionEngine.Ask(reader, selection, options with { Lens = lens ?? options.Lens }, after, (int)limit, out page);
        }

        if (invalid is not null)
        {
            await exchange.RefuseAsync(invalid);
            return;
        }

        exchange.Context.Response.Headers.CacheControl = "no-cache";
        await exchange.AnswerAsync(200, json =>
        {
            json.WriteStartArray("answers");
            foreach (var answer in page.Answers)
            {
                json.WriteStartObject();
                WriteKey(json, answer.Key);
                LensAnswerJson.WriteMembers(json, answer.Answer);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteEnd(json, stable, options.AsOfMs, page.Next is { } next ? QueryCursor.Write(fingerprint, next) : null);
        });
    }

    public static void WriteKey(Utf8JsonWriter json, ClaimKey key)
    {
        json.WriteString("subject", key.Subject.Span);
        json.WriteString("predicate", key.Predicate.Span);
    }

    /// <summary>Until when the answer is final, whether that covers the instant asked about, and where to go on.</summary>
    public static void WriteEnd(Utf8JsonWriter json, long stableThroughMs, long? asOfMs, string? next)
    {
        json.WriteNumber("stableThrough", stableThroughMs);
        if (asOfMs is { } instant)
        {
            json.WriteBoolean("mayChange", instant > stableThroughMs);
        }

        if (next is not null)
        {
            json.WriteString("next", next);
        }
    }
}

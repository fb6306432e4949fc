using System.Text.Json;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;

namespace Trefoil.Assertions.Http;

/// <summary>Which answers differ between two instants.</summary>
internal sealed class DiffRoute(AssertionService service)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 500;

    /// <summary>Its parameters: those of a query without the instant, which it has two of.</summary>
    public static readonly string[] Known = [.. QueryRoutes.Every.Where(name => name is not "asOf"), "from", "to"];

    public Task CompareAsync(Exchange exchange)
    {
        var fingerprint = QueryRoutes.FingerprintOf(exchange);
        var (limit, after, options) = ((long)DefaultLimit, (ClaimKey?)null, new LensOptions());
        var page = new ChangePage([], null);
        var invalid = TimesOf(exchange, out var times)
            ?? QueryRoutes.Select(exchange, required: false, out var selection)
            ?? QueryRoutes.Options(exchange, service.NowMs, out options)
            ?? Parameters.Number(exchange, "limit", 1, MaxLimit, DefaultLimit, out limit)
            ?? QueryCursor.TryRead(exchange.Parameter("cursor"), fingerprint, out after);
        var stable = service.StableThroughMs;
        if (invalid is null)
        {
            QueryRoutes.Select(exchange, required: false, out selection);
            using var reader = service.Read();
            invalid = AssertionEngine.Compare(reader, selection, options, times, after, (int)limit, out page);
        }

        if (invalid is not null)
        {
            return exchange.RefuseAsync(invalid);
        }

        exchange.Context.Response.Headers.CacheControl = "no-cache";
        return exchange.AnswerAsync(200, json =>
        {
            json.WriteNumber("from", times.FromMs);
            json.WriteNumber("to", times.ToMs);
            json.WriteStartArray("changes");
            foreach (var change in page.Changes)
            {
                Write(json, change);
            }

            json.WriteEndArray();
            QueryRoutes.WriteEnd(json, stable, times.ToMs, page.Next is { } next ? QueryCursor.Write(fingerprint, next) : null);
        });
    }

    private static Invalid? TimesOf(Exchange exchange, out (long FromMs, long ToMs) times)
    {
        times = default;
        if ((Parameters.Time(exchange, "from", out var from) ?? Parameters.Time(exchange, "to", out _)) is { } invalid)
        {
            return invalid;
        }

        Parameters.Time(exchange, "to", out var to);
        if (from is null || to is null)
        {
            return new Invalid(RefusalCodes.MissingParameter, from is null ? "?from" : "?to", "a diff is between two instants: give from and to");
        }

        times = (from.Value, to.Value);
        return from < to ? null : new Invalid(RefusalCodes.BadParameter, "?to", "to is later than from");
    }

    private static void Write(Utf8JsonWriter json, KeyChange change)
    {
        json.WriteStartObject();
        QueryRoutes.WriteKey(json, change.Key);
        json.WriteStartObject("before");
        LensAnswerJson.WriteMembers(json, change.Before);
        json.WriteEndObject();
        json.WriteStartObject("after");
        LensAnswerJson.WriteMembers(json, change.After);
        json.WriteEndObject();
        WriteIds(json, "added", change.Added);
        WriteIds(json, "retracted", change.Retracted);
        json.WriteEndObject();
    }

    private static void WriteIds(Utf8JsonWriter json, string name, IReadOnlyList<AssertionId> ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids)
        {
            json.WriteStringValue(id.ToString());
        }

        json.WriteEndArray();
    }
}

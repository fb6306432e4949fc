using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;

namespace Trefoil.Assertions.Http;

/// <summary>One assertion, as it was made and as it stands.</summary>
internal sealed class ReadRoutes(AssertionService service)
{
    /// <summary>A year: an assertion never changes.</summary>
    private const string Immutable = "public, max-age=31536000, immutable";

    public Task GetAsync(Exchange exchange)
    {
        var withState = false;
        var invalid = exchange.Id(out var id) ?? Parameters.Flag(exchange, "state", out withState);
        ClaimState? state = null;
        if (invalid is null)
        {
            using var reader = service.Read();
            invalid = AssertionEngine.Find(reader, id, out state);
        }

        if (invalid is not null)
        {
            return exchange.RefuseAsync(invalid);
        }

        var headers = exchange.Context.Response.Headers;
        if (withState)
        {
            headers.CacheControl = "no-cache";
            return exchange.AnswerAsync(200, json => ClaimJson.WriteMembers(json, state!));
        }

        var tag = $"\"{id}\"";
        headers.CacheControl = Immutable;
        headers.ETag = tag;
        if (Names(exchange.Context.Request.Headers.IfNoneMatch, tag))
        {
            exchange.WriteToken();
            exchange.Context.Response.StatusCode = 304;
            return Task.CompletedTask;
        }

        return exchange.AnswerAsync(200, json => AssertionJson.WriteMembers(json, id, state!.Assertion));
    }

    private static bool Names(Microsoft.Extensions.Primitives.StringValues tags, string tag) =>
        tags.Any(list => list is not null && list.Split(',', StringSplitOptions.TrimEntries).Any(given => given is "*" || given == tag || given == "W/" + tag));
}

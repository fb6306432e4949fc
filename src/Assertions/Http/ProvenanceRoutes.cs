using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Http;

/// <summary>Where an assertion comes from, and that it is there.</summary>
internal sealed class ProvenanceRoutes(AssertionService service)
{
    private const int DefaultDepth = 16;
    private const int MaxDepth = 64;

    public Task ProveAsync(Exchange exchange)
    {
        InclusionProof? proof = null;
        var invalid = exchange.Id(out var id);
        if (invalid is null)
        {
            using var reader = service.Read();
            invalid = AssertionEngine.Prove(reader, id, out proof);
        }

        exchange.Context.Response.Headers.CacheControl = "no-cache";
        return invalid is not null ? exchange.RefuseAsync(invalid) : exchange.AnswerAsync(200, json =>
        {
            json.WriteString("id", proof!.Id.ToString());
            json.WriteString("subject", proof.Subject.Span);
            json.WriteString("tree", "blake3-rfc6962-by-id");
            json.WriteNumber("index", proof.Index);
            json.WriteNumber("count", proof.Count);
            json.WriteString("root", Convert.ToHexStringLower(proof.Root));
            json.WriteStartArray("path");
            foreach (var hash in proof.Path)
            {
                json.WriteStringValue(Convert.ToHexStringLower(hash));
            }

            json.WriteEndArray();
            json.WriteNumber("through", proof.Through);
        });
    }

    public Task TraceAsync(Exchange exchange)
    {
        Trace? trace = null;
        var invalid = Parameters.Number(exchange, "depth", 0, MaxDepth, DefaultDepth, out var depth) ?? exchange.Id(out var id);
        if (invalid is null && AssertionId.TryParse(exchange.Variable.AsSpan(), out id))
        {
            using var reader = service.Read();
            invalid = AssertionEngine.Trace(reader, id, (int)depth, out trace);
        }

        exchange.Context.Response.Headers.CacheControl = "no-cache";
        return invalid is not null ? exchange.RefuseAsync(invalid) : exchange.AnswerAsync(200, json =>
        {
            json.WriteStartArray("claims");
            foreach (var claim in trace!.Claims)
            {
                json.WriteStartObject();
                json.WriteString("id", claim.Id.ToString());
                json.WriteNumber("depth", claim.Depth);
                json.WriteBoolean("known", claim.State is not null);
                if (claim.State is not null)
                {
                    json.WritePropertyName("claim");
                    ClaimJson.Write(json, claim.State);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("children");
            foreach (var child in trace.Children)
            {
                json.WriteStartObject();
                json.WriteString("id", child.Id.ToString());
                json.WriteString("kind", ParentLink.NameOf(child.Kind));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteBoolean("isCut", trace.IsCut);
        });
    }
}

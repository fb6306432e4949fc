namespace Trefoil.Assertions.Http;

/// <summary>How the server is: for load balancers, for Prometheus, for whoever writes a client.</summary>
internal sealed class OperationRoutes(AssertionApi api, AssertionService? service, ApiMetrics metrics)
{
    public static Task HealthAsync(Exchange exchange)
    {
        exchange.Context.Response.Headers.CacheControl = "no-store";
        return exchange.AnswerAsync(200, json => json.WriteString("status", "ok"));
    }

    public static Task OpenApiAsync(Exchange exchange)
    {
        exchange.Context.Response.Headers.CacheControl = "public, max-age=300";
        return exchange.AnswerAsync(200, "application/json", OpenApi.Bytes);
    }

    public Task ReadyAsync(Exchange exchange)
    {
        var reasons = api.NotReady();
        exchange.Context.Response.Headers.CacheControl = "no-store";
        return exchange.AnswerAsync(reasons.Count == 0 ? 200 : 503, json =>
        {
            json.WriteString("status", reasons.Count == 0 ? "ready" : "not ready");
            json.WriteStartArray("reasons");
            foreach (var reason in reasons)
            {
                json.WriteStringValue(reason);
            }

            json.WriteEndArray();
        });
    }

    public Task MetricsAsync(Exchange exchange)
    {
        exchange.Context.Response.Headers.CacheControl = "no-store";
        return exchange.AnswerAsync(200, "text/plain; version=0.0.4; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(metrics.Write(service)));
    }
}

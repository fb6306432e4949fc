namespace Trefoil.Assertions.Http;

/// <summary>What is where.</summary>
internal static class RouteTable
{
    /// <summary>The routes; without a service, those about health work and the others are never called.</summary>
    public static IReadOnlyList<Route> Of(AssertionApi? api, AssertionService? service, ApiMetrics metrics, CancellationToken stopping)
    {
        var write = new WriteRoutes(service!);
        var read = new ReadRoutes(service!);
        var query = new QueryRoutes(service!);
        var operation = new OperationRoutes(api!, service, metrics);
        return
        [
            new("POST", "/v1/assertions", write.PostAsync, "ack"),
            new("POST", "/v1/assert", write.PostAsync, "ack"),
            new("GET", "/v1/assertions/{id}", read.GetAsync, "state"),
            new("GET", "/v1/query", query.QueryAsync, QueryRoutes.Every),
            new("GET", "/v1/skeptic", query.SkepticAsync, QueryRoutes.WithoutLens),
            new("GET", "/v1/layered", query.LayeredAsync, QueryRoutes.WithoutLens),
            new("POST", "/v1/votes", write.VoteAsync),
            new("POST", "/v1/retractions", write.RetractAsync),
            new("POST", "/v1/lifecycle", write.StepAsync),
            new("GET", "/healthz", OperationRoutes.HealthAsync) { IsAlwaysOpen = true },
            new("GET", "/readyz", operation.ReadyAsync) { IsAlwaysOpen = true },
            new("GET", "/metrics", operation.MetricsAsync) { IsAlwaysOpen = true },
        ];
    }
}

namespace Trefoil.Assertions.Http;

/// <summary>What is where.</summary>
internal static class RouteTable
{
    /// <summary>The routes; without a service, those about health work and the others are never called.</summary>
    public static IReadOnlyList<Route> Of(AssertionApi? api, AssertionService? service, ApiMetrics metrics, CancellationToken stopping)
    {
        var write = new WriteRoutes(service!);
        var read = new ReadRoutes(service!);
        var provenance = new ProvenanceRoutes(service!);
        var cluster = new ClusterRoutes(api!, service!);
        var query = new QueryRoutes(service!);
        var operation = new OperationRoutes(api!, service, metrics);
        return
        [
            new("POST", "/v1/assertions", write.PostAsync, "ack"),
            new("POST", "/v1/assert", write.PostAsync, "ack"),
            new("POST", "/v1/assertions:batch", new BatchRoute(service!).PostAsync, "ack"),
            new("GET", "/v1/assertions/{id}", read.GetAsync, "state"),
            new("GET", "/v1/query", query.QueryAsync, QueryRoutes.Every),
            new("GET", "/v1/skeptic", query.SkepticAsync, QueryRoutes.WithoutLens),
            new("GET", "/v1/layered", query.LayeredAsync, QueryRoutes.WithoutLens),
            new("GET", "/v1/assertions/{id}/proof", provenance.ProveAsync),
            new("GET", "/v1/concepts", new ConceptRoutes(service!).BrowseAsync, "limit", "cursor"),
            new("GET", "/v1/concepts/{path}", new ConceptRoutes(service!).BrowseAsync, "limit", "cursor"),
            new("GET", "/v1/trace/{id}", provenance.TraceAsync, "depth"),
            new("GET", "/v1/diff", new DiffRoute(service!).CompareAsync, DiffRoute.Known),
            new("GET", "/v1/feed", new FeedRoute(service!, metrics, stopping).FollowAsync, "since", "prefix", "limit"),
            new("POST", "/v1/votes", write.VoteAsync),
            new("POST", "/v1/retractions", write.RetractAsync),
            new("POST", "/v1/lifecycle", write.StepAsync),
            new("GET", "/v1/cluster/status", cluster.StatusAsync),
            new("GET", "/v1/cluster/members", cluster.MembersAsync),
            new("GET", "/v1/cluster/shards", ClusterRoutes.LaterAsync),
            new("GET", "/v1/cluster/ranges", ClusterRoutes.LaterAsync),
            new("POST", "/v1/admin/sync", ClusterRoutes.LaterAsync),
            new("POST", "/v1/admin/split", ClusterRoutes.LaterAsync),
            new("POST", "/v1/admin/merge", ClusterRoutes.LaterAsync),
            new("GET", "/healthz", OperationRoutes.HealthAsync) { IsAlwaysOpen = true },
            new("GET", "/readyz", operation.ReadyAsync) { IsAlwaysOpen = true },
            new("GET", "/metrics", operation.MetricsAsync) { IsAlwaysOpen = true },
            new("GET", "/openapi.json", OperationRoutes.OpenApiAsync) { IsAlwaysOpen = true },
        ];
    }
}

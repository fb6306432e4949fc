using Trefoil.Assertions.Engine;

namespace Trefoil.Assertions.Http;

/// <summary>The cluster as far as a node knows it that keeps its assertions to itself.</summary>
internal sealed class ClusterRoutes(AssertionApi api, AssertionService service)
{
    public Task StatusAsync(Exchange exchange)
    {
        var cluster = api.Cluster();
        return exchange.AnswerAsync(200, json =>
        {
            json.WriteString("node", service.Self.ToString());
            json.WriteStartObject("cluster");
            json.WriteString("name", cluster.Name);
            json.WriteString("id", cluster.Id);
            json.WriteNumber("version", cluster.Version);
            json.WriteNumber("members", cluster.Members.Count);
            json.WriteEndObject();
            json.WriteStartObject("assertions");
            json.WriteNumber("claims", service.Counts.Claims);
            json.WriteNumber("records", service.Counts.Records);
            json.WriteNumber("lastArrival", service.LastArrival);
            json.WriteString("visible", SessionToken.Write(service.Visible));
            json.WriteNumber("stableThrough", service.StableThroughMs);
            json.WriteEndObject();
        });
    }

    public Task MembersAsync(Exchange exchange) => exchange.AnswerAsync(200, json =>
    {
        json.WriteStartArray("members");
        foreach (var member in api.Cluster().Members)
        {
            json.WriteStartObject();
            json.WriteString("id", member.Id.ToString());
            json.WriteString("host", member.Host);
            json.WriteNumber("apiPort", member.ApiPort);
            json.WriteString("zone", member.Zone);
            json.WriteString("state", member.State);
            json.WriteBoolean("self", member.Id == service.Self);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>What only a cluster has that shards assertions.</summary>
    public static Task LaterAsync(Exchange exchange) => exchange.RefuseAsync(
        ProblemCodes.NotOnOneNode, "assertions are not sharded here: each node keeps what is posted to it, and there is nothing to split, merge or synchronise");
}

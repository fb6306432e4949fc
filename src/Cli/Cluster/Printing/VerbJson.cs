using System.Text.Json;

namespace Trefoil.Cli.Cluster.Printing;

/// <summary>What a verb that changes something has done, or would do.</summary>
internal static class VerbJson
{
    public static string Of(ClusterSession session, string verb, Action<Utf8JsonWriter> fields) => JsonText.Object(json =>
    {
        json.WriteString("verb", verb);
        json.WriteBoolean("dry_run", session.DryRun);
        fields(json);
    });
}

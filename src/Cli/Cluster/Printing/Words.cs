using Trefoil.Cli.Cluster.Checking;

namespace Trefoil.Cli.Cluster.Printing;

/// <summary>Stable words for scripts.</summary>
internal static class Words
{
    public static string Of(Severity severity) => severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "note",
    };
}

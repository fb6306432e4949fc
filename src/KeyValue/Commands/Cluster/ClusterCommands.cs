namespace Trefoil.KeyValue.Commands.Cluster;

/// <summary>CLUSTER and its subcommands.</summary>
internal static class ClusterCommands
{
    public static IEnumerable<CommandBinding> Bindings => [];
}

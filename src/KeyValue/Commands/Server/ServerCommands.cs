namespace Trefoil.KeyValue.Commands.Server;

/// <summary>TIME, DEBUG, INFO, CONFIG, ROLE and the like.</summary>
internal static class ServerCommands
{
    public static IEnumerable<CommandBinding> Bindings => [];
}

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>COMMAND and its subcommands.</summary>
internal static class CommandCommands
{
    public static IEnumerable<CommandBinding> Bindings => [];
}

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>The handlers of strings, keys, hashes: name → handler. Everything else about a command stands in <c>Commands/Table/*.jsonl</c>.</summary>
internal static class DataCommands
{
    public static IEnumerable<CommandBinding> Bindings => [];
}

using System.Collections;
using System.CommandLine;
using Trefoil.Node.Configuration;

namespace Trefoil.Cli.Serve;

/// <summary><c>trefoil serve</c>: one node in this process. Its flags are the table of configuration keys.</summary>
internal static class ServeCommand
{
    public static Command Build(TimeProvider time)
    {
        var file = new Option<string?>("--config") { Description = "The node's TOML file. TREFOIL_<KEY> in the environment outranks it, flags outrank both.", HelpName = "FILE" };
        var stopWithStdin = new Option<bool>("--stop-with-stdin") { Description = "Stop when stdin closes.", Hidden = true };
        var keys = ConfigKeys.All
            .Select(key => (Key: key, Option: new Option<string?>(key.Flag) { Description = $"{key.Summary} [default: {key.Default}]", HelpName = key.Form }))
            .ToList();
        var command = new Command("serve", "Run one node in the foreground until SIGTERM or Ctrl-C.") { file, stopWithStdin };
        keys.ForEach(k => command.Options.Add(k.Option));
        command.Does((parsed, cancellation) =>
        {
            var flags = keys
                .Where(k => parsed.GetResult(k.Option) is not null)
                .Select(k => KeyValuePair.Create(k.Key.Name, parsed.GetValue(k.Option) ?? ""))
                .ToList();
            return ConfigLoader.Load(parsed.GetValue(file), Environments(), flags, out var problems) is { } config
                ? ServeRun.RunAsync(config, parsed.GetValue(stopWithStdin), time, cancellation)
                : Task.FromResult<CliFailure?>(CliFailure.Usage(string.Join("\ntrefoil: ", problems)));
        });
        return command;
    }

    private static Dictionary<string, string> Environments() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
}

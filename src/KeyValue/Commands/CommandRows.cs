using System.Text.Json;

namespace Trefoil.KeyValue.Commands;

/// <summary>Reads the command table: one JSON object per line, as COMMAND and COMMAND DOCS of Redis 7.0.15 gave them.</summary>
internal static class CommandRows
{
    private static readonly Dictionary<string, CommandFlags> FlagNames = CommandFlagNames.All.ToDictionary(pair => pair.Name, pair => pair.Flag);

    /// <summary>All rows, sorted by name (ordinal), names unique.</summary>
    public static CommandSpec[] Read()
    {
        var rows = new SortedDictionary<string, CommandSpec>(StringComparer.Ordinal);
        foreach (var resource in new[] { "redis-7.0.jsonl", "later.jsonl" })
        {
            using var stream = typeof(CommandRows).Assembly.GetManifestResourceStream(resource)
                ?? throw new InvalidOperationException($"{resource} is not embedded");
            using var lines = new StreamReader(stream);
            while (lines.ReadLine() is { } line)
            {
                var spec = Row(JsonDocument.Parse(line).RootElement);
                rows.Add(spec.Name, spec);
            }
        }

        return [.. rows.Values];
    }

    private static CommandSpec Row(JsonElement row)
    {
        var flags = Strings(row, "flags").Aggregate(CommandFlags.None, (sum, name) => sum | FlagNames[name]);
        return new CommandSpec
        {
            Name = Text(row, "name"),
            Arity = row.GetProperty("arity").GetInt32(),
            Flags = flags,
            Keys = row.TryGetProperty("keys", out var keys) ? new KeySpec(keys[0].GetInt32(), keys[1].GetInt32(), keys[2].GetInt32()) : KeySpec.None,
            AclCategories = Strings(row, "acl"),
            Tips = Strings(row, "tips"),
            KeySpecs = row.TryGetProperty("keySpecs", out var specs) ? [.. specs.EnumerateArray().Select(Specification)] : [],
            Group = Text(row, "group"),
            Since = Text(row, "since"),
            Summary = Text(row, "summary"),
            Complexity = Text(row, "complexity"),
            Documentation = row.TryGetProperty("docs", out var docs) ? docs : default,
        };
    }

    private static KeySpecification Specification(JsonElement spec)
    {
        var begin = spec.GetProperty("begin_search");
        var start = begin.GetProperty("spec");
        var find = spec.GetProperty("find_keys");
        var range = find.GetProperty("spec");
        return new KeySpecification(
            Strings(spec, "flags"),
            Text(begin, "type") switch
            {
                "index" => new KeySearchStart.Index(Int(start, "index")),
                "keyword" => new KeySearchStart.Keyword(Text(start, "keyword"), Int(start, "startfrom")),
                _ => new KeySearchStart.Unknown(),
            },
            Text(find, "type") switch
            {
                "range" => new KeySearch.Range(Int(range, "lastkey"), Int(range, "keystep"), Int(range, "limit")),
                "keynum" => new KeySearch.KeyNumber(Int(range, "keynumidx"), Int(range, "firstkey"), Int(range, "keystep")),
                _ => new KeySearch.Unknown(),
            },
            Text(spec, "notes"));
    }

    private static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static string[] Strings(JsonElement element, string name) =>
        element.TryGetProperty(name, out var values) ? [.. values.EnumerateArray().Select(value => value.GetString() ?? "")] : [];
}

/// <summary>The flags' names, in the order in which COMMAND prints them.</summary>
internal static class CommandFlagNames
{
    public static readonly (CommandFlags Flag, string Name)[] All =
    [
        (CommandFlags.Write, "write"), (CommandFlags.ReadOnly, "readonly"), (CommandFlags.DenyOom, "denyoom"),
        (CommandFlags.Admin, "admin"), (CommandFlags.PubSub, "pubsub"), (CommandFlags.NoScript, "noscript"),
        (CommandFlags.Blocking, "blocking"), (CommandFlags.Loading, "loading"), (CommandFlags.Stale, "stale"),
        (CommandFlags.SkipMonitor, "skip_monitor"), (CommandFlags.SkipSlowlog, "skip_slowlog"), (CommandFlags.Asking, "asking"),
        (CommandFlags.Fast, "fast"), (CommandFlags.NoAuth, "no_auth"), (CommandFlags.MayReplicate, "may_replicate"),
        (CommandFlags.NoMandatoryKeys, "no_mandatory_keys"), (CommandFlags.NoAsyncLoading, "no_async_loading"),
        (CommandFlags.NoMulti, "no_multi"), (CommandFlags.MovableKeys, "movablekeys"), (CommandFlags.AllowBusy, "allow_busy"),
    ];
}

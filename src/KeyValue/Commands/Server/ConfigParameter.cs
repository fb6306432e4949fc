using System.Globalization;
using Trefoil.KeyValue.Server;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>One CONFIG parameter: how it is shown, what is wrong with a value, what setting it does.</summary>
internal sealed record ConfigParameter(
    string Name, Func<KeyValueServer, string> Get, Func<KeyValueServer, string, string?> Check, Action<KeyValueServer, string> Apply)
{
    public bool IsImmutable { get; private init; }

    /// <summary>How a parameter of the whole cluster is set, by everybody's consent; null for one of this node.</summary>
    public Func<KeyValueServer, string, ValueTask<CommandResult>>? Commit { get; init; }

    /// <summary>Shown, never set.</summary>
    public static ConfigParameter Fixed(string name, Func<KeyValueServer, string> get) => new(name, get, (_, _) => null, (_, _) => { }) { IsImmutable = true };

    public static ConfigParameter Integer(string name, long min, long max, Func<ServerSettings, long> get, Action<ServerSettings, long> set) => new(
        name,
        server => get(server.Settings).ToString(CultureInfo.InvariantCulture),
        (_, value) => CheckInteger(value, min, max),
        (server, value) => set(server.Settings, long.Parse(value, CultureInfo.InvariantCulture)));

    public static ConfigParameter Memory(string name, long min, long max, Func<ServerSettings, long> get, Action<ServerSettings, long> set) => new(
        name,
        server => get(server.Settings).ToString(CultureInfo.InvariantCulture),
        (_, value) => MemoryText.TryParse(value) is not { } bytes ? "argument must be a memory value" : Between(bytes, min, max),
        (server, value) => set(server.Settings, MemoryText.TryParse(value)!.Value));

    public static ConfigParameter YesNo(string name, Func<ServerSettings, bool> get, Action<KeyValueServer, bool> set) => new(
        name,
        server => get(server.Settings) ? "yes" : "no",
        (_, value) => Lower(value) is "yes" or "no" ? null : "argument must be 'yes' or 'no'",
        (server, value) => set(server, Lower(value) == "yes"));

    public static ConfigParameter Text(string name, Func<ServerSettings, string> get, Action<ServerSettings, string> set) => new(
        name, server => get(server.Settings), (_, _) => null, (server, value) => set(server.Settings, value));

    public static ConfigParameter OneOf(string name, string[] values, Func<KeyValueServer, string> get, Action<KeyValueServer, string> set) => new(
        name, get, (_, value) => CheckOneOf(value, values), set);

    /// <summary>Accepted and shown, acted on by nothing (yet): tools set these and expect OK.</summary>
    public static ConfigParameter Inert(string name, string initial, Func<string, string?>? check = null, Func<string, string>? normal = null) => new(
        name,
        server => server.Settings.Inert.GetValueOrDefault(name, initial),
        (_, value) => check?.Invoke(value),
        (server, value) => server.Settings.Inert[name] = normal is null ? value : normal(value));

    public static ConfigParameter InertInteger(string name, long initial, long min = int.MinValue, long max = int.MaxValue) =>
        Inert(name, initial.ToString(CultureInfo.InvariantCulture), value => CheckInteger(value, min, max));

    public static ConfigParameter InertMemory(string name, long initial) => Inert(
        name,
        initial.ToString(CultureInfo.InvariantCulture),
        value => MemoryText.TryParse(value) is null ? "argument must be a memory value" : null,
        value => MemoryText.TryParse(value)!.Value.ToString(CultureInfo.InvariantCulture));

    public static ConfigParameter InertYesNo(string name, string initial) =>
        Inert(name, initial, value => Lower(value) is "yes" or "no" ? null : "argument must be 'yes' or 'no'", Lower);

    public static ConfigParameter InertOneOf(string name, string initial, params string[] values) => Inert(
        name,
        initial,
        value => CheckOneOf(value, values),
        Lower);

    private static string? CheckOneOf(string value, string[] values) =>
        values.Contains(Lower(value)) ? null : $"argument(s) must be one of the following: {string.Join(", ", values)}";

    private static string? CheckInteger(string value, long min, long max) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? Between(number, min, max)
            : "argument couldn't be parsed into an integer";

    private static string? Between(long value, long min, long max) =>
        value >= min && value <= max ? null : string.Create(CultureInfo.InvariantCulture, $"argument must be between {min} and {max} inclusive");

    private static string Lower(string value) => value.ToLowerInvariant();
}

/// <summary>Sizes as Redis writes them: <c>1024</c>, <c>1k</c> (1000), <c>1kb</c> (1024), up to <c>g</c> and <c>gb</c>, case does not matter.</summary>
internal static class MemoryText
{
    public static long? TryParse(string text)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }

        long factor = text[digits..].ToLowerInvariant() switch
        {
            "" or "b" => 1,
            "k" => 1000,
            "kb" => 1024,
            "m" => 1_000_000,
            "mb" => 1024 * 1024,
            "g" => 1_000_000_000,
            "gb" => 1024L * 1024 * 1024,
            _ => 0,
        };
        if (digits == 0 && factor > 0)
        {
            return 0; // Redis reads no digits as none.
        }

        return factor > 0 && long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue / factor
            ? number * factor
            : null;
    }
}

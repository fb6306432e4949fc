using System.Text.Json;

namespace Trefoil.Cli.Assert;

/// <summary>Members of JSON objects that may be absent: a node of another version has more or fewer.</summary>
internal static class Members
{
    /// <summary>A member; undefined if there is none.</summary>
    public static JsonElement Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : default;

    /// <summary>A member as text, numbers as they were sent; empty if there is none.</summary>
    public static string Said(this JsonElement json, string name) => json.Member(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => "",
        var other => other.GetRawText(),
    };

    /// <summary>The elements of an array; none if there is none.</summary>
    public static IEnumerable<JsonElement> Each(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];
}

using System.Text.Json;

namespace Trefoil.Cli.Assert;

/// <summary>A refusal as nodes write it (RFC 9457).</summary>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Field">What it is about; empty for the whole.</param>
/// <param name="Detail">A sentence.</param>
internal sealed record Problem(string Code, string Field, string Detail)
{
    /// <summary>Reads a problem; null if it is none.</summary>
    public static Problem? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Of(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The problem in an object; null if it is none.</summary>
    public static Problem? Of(JsonElement json) =>
        json.Said("code") is { Length: > 0 } code ? new Problem(Screen.Safe(code), Screen.Safe(json.Said("field")), Screen.Safe(json.Said("detail"))) : null;

    public override string ToString() => Field.Length == 0 ? $"{Code}: {Detail}." : $"{Code} ({Field}): {Detail}.";
}

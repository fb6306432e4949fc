using System.Text;
using System.Text.Json;

namespace Trefoil.Cli.Assert;

/// <summary>What strangers wrote, fit for a terminal: it neither moves the cursor nor fills the screen.</summary>
internal static class Screen
{
    /// <summary>Longest value shown in a table, in characters.</summary>
    public const int MaxValue = 48;

    /// <summary>Text without control characters, which are shown by number, nor any that turn the direction of writing.</summary>
    public static string Safe(string text)
    {
        if (!text.Any(IsUnsafe))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
        {
            _ = IsUnsafe(letter) ? safe.Append($"\\u{(int)letter:x4}") : safe.Append(letter);
        }

        return safe.ToString();
    }

    /// <summary>The value of a claim: text in quotes, a reference with an arrow, anything else bare.</summary>
    public static string Value(JsonElement value)
    {
        var said = Safe(value.Said("value"));
        said = said.Length <= MaxValue ? said : said[..(MaxValue - 1)] + "…";
        return value.Said("type") switch
        {
            "Text" => $"\"{said}\"",
            "Reference" => $"-> {said}",
            _ => said,
        };
    }

    private static bool IsUnsafe(char letter) =>
        char.IsControl(letter) || letter is (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200e' or '\u200f';
}

using System.Buffers;
using System.Text;

namespace Trefoil.Assertions.Model;

/// <summary>What texts that name something have in common, and enums as they are written.</summary>
internal static class Names
{
    /// <summary>A refusal if the text has a control character.</summary>
    public static Invalid? ControlCharacter(ReadOnlySpan<byte> text) =>
        text.IndexOfAny(Controls) is >= 0 and var at
            ? new Invalid(InvalidCodes.ControlCharacter, "", $"byte {at} is the control character U+{text[at]:X4}, which no name may have")
            : null;

    /// <summary>The index of the name that equals the text but for the case of ASCII letters, or -1.</summary>
    public static int IndexOf(ReadOnlySpan<byte> text, ReadOnlySpan<string> names)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(text, names[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static readonly SearchValues<byte> Controls = SearchValues.Create([.. Enumerable.Range(0, 32).Select(i => (byte)i), (byte)0x7F]);
}

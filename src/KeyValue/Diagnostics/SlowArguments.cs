using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Commands;

namespace Trefoil.KeyValue.Diagnostics;

/// <summary>A command's arguments for people to read: clipped as Redis clips them, secrets left out.</summary>
internal static class SlowArguments
{
    private const int MaxArguments = 32;
    private const int MaxLength = 128;
    private static readonly string[] SecretParameters = ["requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass"];

    public static List<byte[]> Of(CommandContext context, CommandSpec spec)
    {
        var shown = Math.Min(context.Count, MaxArguments);
        var arguments = new List<byte[]>(shown);
        for (var i = 0; i < shown; i++)
        {
            arguments.Add(
                shown < context.Count && i == shown - 1 ? Text($"... ({context.Count - shown + 1} more arguments)")
                : IsSecret(context, spec, i) ? Text($"(redacted)")
                : Clip(context[i]));
        }

        return arguments;
    }

    private static byte[] Clip(ReadOnlySpan<byte> argument) => argument.Length <= MaxLength
        ? argument.ToArray()
        : [.. argument[..MaxLength], .. Text($"... ({argument.Length - MaxLength} more bytes)")];

    private static bool IsSecret(CommandContext context, CommandSpec spec, int index) => spec.Name switch
    {
        "auth" => index > 0,
        "acl|setuser" => index > 2,
        "config|set" => index > 2 && index % 2 == 1 && SecretParameters.Contains(Encoding.Latin1.GetString(context[index - 1]).ToLowerInvariant()),
        "hello" => (index > 2 && context.Is(index - 1, "AUTH"u8)) || (index > 3 && context.Is(index - 2, "AUTH"u8)),
        "migrate" => (index > 5 && (context.Is(index - 1, "AUTH"u8) || context.Is(index - 1, "AUTH2"u8))) || (index > 6 && context.Is(index - 2, "AUTH2"u8)),
        _ => false,
    };

    private static byte[] Text(FormattableString text) => Encoding.ASCII.GetBytes(text.ToString(CultureInfo.InvariantCulture));
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Commands.Data;

namespace Trefoil.KeyValue.Migration;

/// <summary>What MIGRATE was asked for.</summary>
/// <param name="Host">Name or address of the target.</param>
/// <param name="Port">Its port, as sent.</param>
/// <param name="Database">Selected there before anything is restored.</param>
/// <param name="Timeout">How long the target may take for each step (connecting, taking 64 KiB, answering).</param>
/// <param name="Copy">The keys stay here.</param>
/// <param name="Replace">Keys of the same name there are overwritten.</param>
/// <param name="Authentication">Arguments of the AUTH to send first, none if empty.</param>
internal sealed record MigrateRequest(
    string Host, string Port, long Database, TimeSpan Timeout, bool Copy, bool Replace, IReadOnlyList<byte[]> Authentication)
{
    private const int KeyArgument = 3;
    private const int FirstOption = 6;
    private const int DefaultTimeoutMs = 1000;

    /// <summary>Where the keys stand among MIGRATE's arguments, found without checking the rest (Redis' migrateGetKeys).</summary>
    public static (int First, int Count) Keys(CommandContext arguments, int offset)
    {
        var count = arguments.Count - offset;
        for (var i = FirstOption; i < count; i++)
        {
            if (arguments.Is(i + offset, "KEYS"u8))
            {
                // With a key in its own place too it is a syntax error, which the handler reports.
                return arguments[KeyArgument + offset].IsEmpty ? (i + 1, count - i - 1) : (KeyArgument, 1);
            }

            i += arguments.Is(i + offset, "AUTH"u8) ? 1 : arguments.Is(i + offset, "AUTH2"u8) ? 2 : 0;
        }

        return count > KeyArgument ? (KeyArgument, 1) : (0, 0);
    }

    /// <summary>Reads the arguments in Redis' order; false with the error written.</summary>
    public static bool TryParse(CommandContext context, [NotNullWhen(true)] out MigrateRequest? request)
    {
        request = null;
        bool copy = false, replace = false;
        byte[][] authentication = [];
        for (var i = FirstOption; i < context.Count; i++)
        {
            var left = context.Count - 1 - i;
            if (context.Is(i, "COPY"u8))
            {
                copy = true;
            }
            else if (context.Is(i, "REPLACE"u8))
            {
                replace = true;
            }
            else if (context.Is(i, "AUTH"u8) && left >= 1)
            {
                authentication = [context[++i].ToArray()];
            }
            else if (context.Is(i, "AUTH2"u8) && left >= 2)
            {
                authentication = [context[++i].ToArray(), context[++i].ToArray()];
            }
            else if (context.Is(i, "KEYS"u8))
            {
                if (!context[KeyArgument].IsEmpty)
                {
                    context.Reply.Error("ERR When using MIGRATE KEYS option, the key argument must be set to the empty string"u8);
                    return false;
                }

                break;
            }
            else
            {
                context.SyntaxError();
                return false;
            }
        }

        if (!context.TryInteger(5, out var timeoutMs) || !context.TryInteger(4, out var database))
        {
            return false;
        }

        var timeout = TimeSpan.FromMilliseconds(timeoutMs <= 0 ? DefaultTimeoutMs : Math.Min(timeoutMs, int.MaxValue));
        request = new MigrateRequest(
            Encoding.UTF8.GetString(context[1]), Encoding.UTF8.GetString(context[2]), database, timeout, copy, replace, authentication);
        return true;
    }
}

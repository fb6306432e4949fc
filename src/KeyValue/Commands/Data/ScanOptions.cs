using System.Text;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>Cursor and options of SCAN and HSCAN.</summary>
internal ref struct ScanOptions
{
    private const int DefaultCount = 10;

    public int Count { get; private set; }

    /// <summary>Empty with <see cref="HasPattern"/> false: everything matches.</summary>
    public ReadOnlySpan<byte> Pattern { get; private set; }

    public bool HasPattern { get; private set; }

    public ReadOnlySpan<byte> Type { get; private set; }

    public bool HasType { get; private set; }

    /// <summary>True if a key or field passes the pattern.</summary>
    public readonly bool Accepts(ReadOnlySpan<byte> text) => !HasPattern || GlobPattern.IsMatch(Pattern, text);

    /// <summary>A type that does not exist accepts nothing, without an error (Redis 7.0).</summary>
    public readonly bool Accepts(EntryType type) => !HasType || Ascii.EqualsIgnoreCase(Type, KeyCommands.NameOf(type));

    public static bool TryParse(CommandContext context, int first, bool allowType, out ScanOptions options)
    {
        options = new ScanOptions { Count = DefaultCount };
        for (var i = first; i < context.Count; i += 2)
        {
            var hasValue = i + 1 < context.Count;
            if (hasValue && context.Is(i, "COUNT"u8))
            {
                if (!context.TryInteger(i + 1, out var count))
                {
                    return false;
                }

                if (count < 1)
                {
                    context.SyntaxError();
                    return false;
                }

                options.Count = (int)Math.Min(count, int.MaxValue);
            }
            else if (hasValue && context.Is(i, "MATCH"u8))
            {
                options.Pattern = context[i + 1];
                options.HasPattern = !options.Pattern.SequenceEqual("*"u8);
            }
            else if (hasValue && allowType && context.Is(i, "TYPE"u8))
            {
                options.Type = context[i + 1];
                options.HasType = true;
            }
            else
            {
                context.SyntaxError();
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads a cursor as C's strtoul does (a sign is allowed and wraps), or replies that it is none.</summary>
    public static bool TryCursor(CommandContext context, int index, out ulong cursor)
    {
        var text = context[index];
        var negative = !text.IsEmpty && text[0] == '-';
        var digits = negative || (!text.IsEmpty && text[0] == '+') ? text[1..] : text;
        if (TryDigits(digits, out cursor) || text.IsEmpty)
        {
            cursor = negative ? 0 - cursor : cursor;
            return true;
        }

        context.Reply.Error(DataErrors.Cursor);
        return false;
    }

    private static bool TryDigits(ReadOnlySpan<byte> digits, out ulong value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            var d = (uint)(digit - '0');
            if (d > 9 || value > (ulong.MaxValue - d) / 10)
            {
                return false;
            }

            value = (value * 10) + d;
        }

        return !digits.IsEmpty;
    }
}

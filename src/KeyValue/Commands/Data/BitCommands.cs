using System.Buffers.Binary;
using System.Numerics;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>SETBIT, GETBIT, BITCOUNT, BITPOS: a string as an array of bits, the highest bit of a byte first.</summary>
internal static class BitCommands
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("setbit", SetBit),
        new("getbit", GetBit),
        new("bitcount", BitCount),
        new("bitpos", BitPos),
        new("bitop", BitOperation.BitOp),
        new("bitfield", BitfieldCommands.Bitfield),
        new("bitfield_ro", BitfieldCommands.BitfieldReadOnly),
    ];

    /// <summary>Reads a position of a bit, or replies that it is none. With <paramref name="unit"/> bits, <c>#n</c> means the n-th such unit.</summary>
    public static bool TryOffset(CommandContext context, int index, int unit, out long offset)
    {
        var text = context[index];
        var counted = unit > 0 && !text.IsEmpty && text[0] == '#';
        if (IntegerText.TryParse(counted ? text[1..] : text, out offset))
        {
            offset = counted ? unchecked(offset * unit) : offset;
            if (offset >= 0 && offset >> 3 < StringWrites.MaxLength)
            {
                return true;
            }
        }

        context.Reply.Error("ERR bit offset is not an integer or out of range"u8);
        return false;
    }

    private static void SetBit(CommandContext context)
    {
        if (!TryOffset(context, 2, 0, out var offset))
        {
            return;
        }

        if (!IntegerText.TryParse(context[3], out var bit) || bit is not (0 or 1))
        {
            context.Reply.Error("ERR bit is not an integer or out of range"u8);
            return;
        }

        var entry = context.Find();
        if (!context.IsStringOrNone(entry))
        {
            return;
        }

        Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
        var text = entry.Exists ? entry.Text(digits) : default;
        var at = (int)(offset >> 3);
        var mask = 0x80 >> (int)(offset & 7);
        var before = at < text.Length ? text[at] : 0;
        var after = bit == 1 ? before | mask : before & ~mask;
        if (at >= text.Length || after != before)
        {
            context.Table().WriteRange(context[1], at, [(byte)after], context.NowMs);
        }
        else
        {
            context.Table().MakeRaw(context[1], context.NowMs);
        }

        context.Reply.Integer((before & mask) == 0 ? 0 : 1);
    }

    private static void GetBit(CommandContext context)
    {
        if (!TryOffset(context, 2, 0, out var offset))
        {
            return;
        }

        var entry = context.Read();
        if (!context.IsStringOrNone(entry))
        {
            return;
        }

        Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
        var text = entry.Exists ? entry.Text(digits) : default;
        var at = (int)(offset >> 3);
        context.Reply.Integer(at < text.Length ? (text[at] >> (int)(7 - (offset & 7))) & 1 : 0);
    }

    /// <summary>Without the key nothing else is looked at, not even whether the range is one: so does Redis 7.0.</summary>
    private static void BitCount(CommandContext context)
    {
        var entry = context.Read();
        if (!entry.Exists)
        {
            context.Reply.Integer(0);
            return;
        }

        if (!context.IsStringOrNone(entry))
        {
            return;
        }

        Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
        var text = entry.Text(digits);
        if (context.Count == 2)
        {
            context.Reply.Integer(Ones(text));
            return;
        }

        if (context.Count is not (4 or 5))
        {
            context.SyntaxError();
            return;
        }

        if (!context.TryInteger(2, out var first) || !context.TryInteger(3, out var last))
        {
            return;
        }

        if (first < 0 && last < 0 && first > last)
        {
            context.Reply.Integer(0);
        }
        else if (TryUnit(context, 4, out var inBits))
        {
            context.Reply.Integer(Ones(text, BitRange.Of(first, last, text.Length, inBits)));
        }
    }

    private static void BitPos(CommandContext context)
    {
        if (!context.TryInteger(2, out var bit))
        {
            return;
        }

        if (bit is not (0 or 1))
        {
            context.Reply.Error("ERR The bit argument must be 1 or 0."u8);
            return;
        }

        var entry = context.Read();
        if (!entry.Exists)
        {
            // Endless zeros.
            context.Reply.Integer(bit == 1 ? -1 : 0);
            return;
        }

        if (!context.IsStringOrNone(entry))
        {
            return;
        }

        if (context.Count > 6)
        {
            context.SyntaxError();
            return;
        }

        var (first, last, inBits) = (0L, -1L, false);
        if ((context.Count > 3 && !context.TryInteger(3, out first)) || !TryUnit(context, 5, out inBits)
            || (context.Count > 4 && !context.TryInteger(4, out last)))
        {
            return;
        }

        Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
        var text = entry.Text(digits);
        var range = BitRange.Of(first, last, text.Length, inBits);
        var found = range.IsEmpty ? -1 : First(text, range, bit == 1);
        var endless = bit == 0 && context.Count < 5 && !range.IsEmpty;
        context.Reply.Integer(found < 0 && endless ? text.Length * 8L : found);
    }

    private static bool TryUnit(CommandContext context, int index, out bool inBits)
    {
        inBits = context.Count > index && context.Is(index, "BIT"u8);
        if (inBits || context.Count <= index || context.Is(index, "BYTE"u8))
        {
            return true;
        }

        context.SyntaxError();
        return false;
    }

    private static long Ones(ReadOnlySpan<byte> bytes, BitRange range)
    {
        if (range.IsEmpty)
        {
            return 0;
        }

        var (first, last) = ((int)(range.First >> 3), (int)((range.End - 1) >> 3));
        var before = bytes[first] & ~(0xFF >> (int)(range.First & 7));
        var behind = bytes[last] & ((1 << (int)(-range.End & 7)) - 1);
        return Ones(bytes[first..(last + 1)]) - BitOperations.PopCount((uint)before) - BitOperations.PopCount((uint)behind);
    }

    private static long Ones(ReadOnlySpan<byte> bytes)
    {
        var count = 0L;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            count += BitOperations.PopCount(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var rest in bytes)
        {
            count += BitOperations.PopCount((uint)rest);
        }

        return count;
    }

    /// <summary>Position of the first bit like this in the range; -1 without one.</summary>
    private static long First(ReadOnlySpan<byte> bytes, BitRange range, bool one)
    {
        var dull = one ? (byte)0 : (byte)0xFF;
        for (var at = range.First; at < range.End;)
        {
            // What is searched for becomes 1, what lies before the range 0.
            var bits = (uint)(bytes[(int)(at >> 3)] ^ dull) & (0xFFu >> (int)(at & 7));
            if (bits != 0)
            {
                at = (at & ~7L) + BitOperations.LeadingZeroCount(bits) - 24;
                return at < range.End ? at : -1;
            }

            var next = (int)(at >> 3) + 1;
            var skipped = next < bytes.Length ? bytes[next..].IndexOfAnyExcept(dull) : -1;
            at = skipped < 0 ? range.End : (next + skipped) * 8L;
        }

        return -1;
    }
}

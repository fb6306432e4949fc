using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>BITFIELD, BITFIELD_RO: integers of any width at any bit of a string.</summary>
internal static class BitfieldCommands
{
    /// <summary>Bytes that 64 bits can touch.</summary>
    private const int WindowBytes = 9;

    public static void Bitfield(CommandContext context) => Run(context, mayWrite: true);

    public static void BitfieldReadOnly(CommandContext context) => Run(context, mayWrite: false);

    private static void Run(CommandContext context, bool mayWrite)
    {
        var (count, end) = (0, 0L);
        var steps = new BitfieldSteps(context);
        while (steps.TryNext(out var step))
        {
            count++;
            end = step.Verb == BitfieldVerb.Get ? end : Math.Max(end, step.Offset + step.Bits);
        }

        if (steps.Failed)
        {
            return;
        }

        var writes = end > 0;
        if (writes && !mayWrite)
        {
            context.Reply.Error("ERR BITFIELD_RO only supports the GET subcommand"u8);
            return;
        }

        var entry = writes ? context.Find() : context.Read();
        if (!context.IsStringOrNone(entry))
        {
            return;
        }

        if (writes)
        {
            MakeRoom(context, entry.Exists ? entry.Length : 0, (int)((end + 7) >> 3));
        }

        context.Reply.Array(count);
        steps = new BitfieldSteps(context);
        while (steps.TryNext(out var step))
        {
            Run(context, step);
        }
    }

    /// <summary>The string reaches to the last bit that a step may write, whether or not it then does.</summary>
    private static void MakeRoom(CommandContext context, int length, int needed)
    {
        if (length < needed)
        {
            context.Table().WriteRange(context[1], needed, default, context.NowMs);
        }
        else
        {
            context.Table().MakeRaw(context[1], context.NowMs);
        }
    }

    private static void Run(CommandContext context, in BitfieldStep step)
    {
        Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
        Span<byte> window = stackalloc byte[WindowBytes];
        window.Clear();
        window = window[..(int)(((step.Offset & 7) + step.Bits + 7) >> 3)];
        var at = (int)(step.Offset >> 3);
        var entry = context.Table().Find(context[1], context.NowMs);
        var text = entry.Exists ? entry.Text(digits) : default;
        if (at < text.Length)
        {
            text[at..Math.Min(at + window.Length, text.Length)].CopyTo(window);
        }

        var shift = (window.Length * 8) - (int)(step.Offset & 7) - step.Bits;
        var before = Number(window, shift, step);
        if (step.Verb == BitfieldVerb.Get)
        {
            context.Reply.Integer(before);
            return;
        }

        var wanted = step.Verb == BitfieldVerb.Set ? Wanted(step) : (Int128)before + step.Value;
        if (!TryFit(wanted, step, out var after))
        {
            context.Reply.Null();
            return;
        }

        if (after != before)
        {
            Write(window, shift, step.Bits, after);
            context.Table().WriteRange(context[1], at, window, context.NowMs);
        }

        context.Reply.Integer(step.Verb == BitfieldVerb.Set ? before : after);
    }

    /// <summary>What SET asks for: a negative number for an unsigned field is the large one with the same bits.</summary>
    private static Int128 Wanted(in BitfieldStep step) => step.IsSigned ? step.Value : (Int128)(ulong)step.Value;

    private static long Number(ReadOnlySpan<byte> window, int shift, in BitfieldStep step)
    {
        UInt128 all = 0;
        foreach (var one in window)
        {
            all = (all << 8) | one;
        }

        return Signed((ulong)(all >> shift), step);
    }

    /// <summary>The lowest bits as a number of the field's kind.</summary>
    private static long Signed(ulong bits, in BitfieldStep step)
    {
        var unused = 64 - step.Bits;
        return step.IsSigned ? (long)(bits << unused) >> unused : (long)(bits << unused >> unused);
    }

    private static bool TryFit(Int128 wanted, in BitfieldStep step, out long fitting)
    {
        Int128 highest = (Int128.One << (step.IsSigned ? step.Bits - 1 : step.Bits)) - 1;
        Int128 lowest = step.IsSigned ? -highest - 1 : 0;
        if (wanted >= lowest && wanted <= highest)
        {
            fitting = (long)wanted;
            return true;
        }

        fitting = step.Overflow == BitfieldOverflow.Wrap ? Signed((ulong)(UInt128)wanted, step) : (long)(wanted > highest ? highest : lowest);
        return step.Overflow != BitfieldOverflow.Fail;
    }

    private static void Write(Span<byte> window, int shift, int bits, long value)
    {
        UInt128 mask = ((UInt128.One << bits) - 1) << shift;
        var all = ((UInt128)(ulong)value << shift) & mask;
        for (var i = window.Length - 1; i >= 0; i--)
        {
            window[i] = (byte)((window[i] & (byte)~mask) | (byte)all);
            (mask, all) = (mask >> 8, all >> 8);
        }
    }
}

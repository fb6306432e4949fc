using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>What a step of BITFIELD does.</summary>
internal enum BitfieldVerb
{
    /// <summary>Reads the number.</summary>
    Get,

    /// <summary>Writes a number, answers the old one.</summary>
    Set,

    /// <summary>Adds to the number, answers the sum.</summary>
    IncrBy,
}

/// <summary>What becomes of a number that does not fit its bits.</summary>
internal enum BitfieldOverflow
{
    /// <summary>Its lowest bits stay.</summary>
    Wrap,

    /// <summary>The nearest number that fits.</summary>
    Saturate,

    /// <summary>Nothing is written, the answer is null.</summary>
    Fail,
}

/// <summary>One step: a number of <paramref name="Bits"/> bits from bit <paramref name="Offset"/> on.</summary>
internal readonly record struct BitfieldStep(BitfieldVerb Verb, bool IsSigned, int Bits, long Offset, long Value, BitfieldOverflow Overflow);

/// <summary>Reads the steps of a BITFIELD one after the other; twice, so that none is kept: first to check them all, then to run them.</summary>
internal struct BitfieldSteps(CommandContext context)
{
    private int _at = 2;
    private BitfieldOverflow _overflow;

    /// <summary>True once a step was malformed; the error is written.</summary>
    public bool Failed { get; private set; }

    /// <summary>Reads the next step; false at the end or at a mistake.</summary>
    public bool TryNext(out BitfieldStep step)
    {
        step = default;
        while (_at < context.Count && context.Is(_at, "OVERFLOW"u8) && _at + 1 < context.Count)
        {
            if (!TryOverflow(_at + 1))
            {
                Failed = true;
                return false;
            }

            _at += 2;
        }

        if (_at >= context.Count)
        {
            return false;
        }

        Failed = !TryStep(ref step);
        return !Failed;
    }

    private bool TryOverflow(int index)
    {
        if (context.Is(index, "WRAP"u8))
        {
            _overflow = BitfieldOverflow.Wrap;
        }
        else if (context.Is(index, "SAT"u8))
        {
            _overflow = BitfieldOverflow.Saturate;
        }
        else if (context.Is(index, "FAIL"u8))
        {
            _overflow = BitfieldOverflow.Fail;
        }
        else
        {
            context.Reply.Error("ERR Invalid OVERFLOW type specified"u8);
            return false;
        }

        return true;
    }

    private bool TryStep(ref BitfieldStep step)
    {
        var left = context.Count - _at - 1;
        BitfieldVerb verb;
        if (left >= 2 && context.Is(_at, "GET"u8))
        {
            verb = BitfieldVerb.Get;
        }
        else if (left >= 3 && context.Is(_at, "SET"u8))
        {
            verb = BitfieldVerb.Set;
        }
        else if (left >= 3 && context.Is(_at, "INCRBY"u8))
        {
            verb = BitfieldVerb.IncrBy;
        }
        else
        {
            context.SyntaxError();
            return false;
        }

        var value = 0L;
        if (!TryType(_at + 1, out var isSigned, out var bits) || !BitCommands.TryOffset(context, _at + 2, bits, out var offset)
            || (verb != BitfieldVerb.Get && !context.TryInteger(_at + 3, out value)))
        {
            return false;
        }

        step = new BitfieldStep(verb, isSigned, bits, offset, value, _overflow);
        _at += verb == BitfieldVerb.Get ? 3 : 4;
        return true;
    }

    private readonly bool TryType(int index, out bool isSigned, out int bits)
    {
        var text = context[index];
        isSigned = !text.IsEmpty && text[0] == 'i';
        bits = 0;
        if (!text.IsEmpty && text[0] is (byte)'i' or (byte)'u' && IntegerText.TryParse(text[1..], out var count)
            && count >= 1 && count <= (isSigned ? 64 : 63))
        {
            bits = (int)count;
            return true;
        }

        context.Reply.Error("ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is."u8);
        return false;
    }
}

using System.Runtime.InteropServices;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>BITOP: AND, OR, XOR, NOT of strings, shorter ones filled up with zero bytes.</summary>
internal static class BitOperation
{
    private const int FirstSource = 3;

    private enum Operator
    {
        None,
        And,
        Or,
        Xor,
        Not,
    }

    public static void BitOp(CommandContext context)
    {
        var operation = context.Is(1, "AND"u8) ? Operator.And : context.Is(1, "OR"u8) ? Operator.Or
            : context.Is(1, "XOR"u8) ? Operator.Xor : context.Is(1, "NOT"u8) ? Operator.Not : Operator.None;
        if (operation == Operator.None)
        {
            context.SyntaxError();
            return;
        }

        if (operation == Operator.Not && context.Count != FirstSource + 1)
        {
            context.Reply.Error("ERR BITOP NOT must be called with a single source key."u8);
            return;
        }

        var table = context.Table();
        var length = 0;
        for (var i = FirstSource; i < context.Count; i++)
        {
            var entry = table.Read(context[i], context.NowMs);
            if (!context.IsStringOrNone(entry))
            {
                return;
            }

            length = Math.Max(length, entry.Exists ? entry.Length : 0);
        }

        if (length == 0)
        {
            table.Remove(context[2], context.NowMs);
        }
        else
        {
            var result = new byte[length];
            Combine(context, operation, result);
            table.SetRaw(context[2], result, KeyedValue.NoExpiry);
        }

        context.Reply.Integer(length);
    }

    private static void Combine(CommandContext context, Operator operation, Span<byte> result)
    {
        Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
        for (var i = FirstSource; i < context.Count; i++)
        {
            var entry = context.Table().Find(context[i], context.NowMs);
            var source = entry.Exists ? entry.Text(digits) : default;
            if (i > FirstSource)
            {
                Apply(operation, result, source);
                continue;
            }

            source.CopyTo(result);
            if (operation == Operator.Not)
            {
                Invert(result);
            }
        }
    }

    private static void Apply(Operator operation, Span<byte> result, ReadOnlySpan<byte> source)
    {
        var wide = MemoryMarshal.Cast<byte, ulong>(source);
        var into = MemoryMarshal.Cast<byte, ulong>(result);
        for (var i = 0; i < wide.Length; i++)
        {
            into[i] = operation switch
            {
                Operator.And => into[i] & wide[i],
                Operator.Or => into[i] | wide[i],
                _ => into[i] ^ wide[i],
            };
        }

        for (var i = wide.Length * sizeof(ulong); i < source.Length; i++)
        {
            result[i] = (byte)(operation switch
            {
                Operator.And => result[i] & source[i],
                Operator.Or => result[i] | source[i],
                _ => result[i] ^ source[i],
            });
        }

        if (operation == Operator.And)
        {
            result[source.Length..].Clear();
        }
    }

    private static void Invert(Span<byte> bytes)
    {
        foreach (ref var one in bytes)
        {
            one = (byte)~one;
        }
    }
}

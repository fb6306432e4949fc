using Trefoil.KeyValue.Values;
using Trefoil.Primitives;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>HRANDFIELD: one field, or a number of them, distinct if the number is positive and with repetition if it is negative.</summary>
internal static class HashRandom
{
    /// <summary>Below this share of the hash, distinct fields are drawn until there are enough; above, all are shuffled.</summary>
    private const int DrawShare = 3;

    public static void HRandField(CommandContext context)
    {
        long count = 0;
        if (context.Count >= 3 && !TryCount(context, out count))
        {
            return;
        }

        var entry = context.Read();
        if (!context.IsHashOrNone(entry))
        {
            return;
        }

        if (context.Count == 2)
        {
            One(context, entry.Hash);
        }
        else
        {
            Many(context, entry.Hash, count, withValues: context.Count == 4);
        }
    }

    private static bool TryCount(CommandContext context, out long count)
    {
        if (!context.TrySignedCount(2, out count))
        {
            return false;
        }

        if (context.Count > 4 || (context.Count == 4 && !context.Is(3, "WITHVALUES"u8)))
        {
            context.SyntaxError();
            return false;
        }

        if (context.Count == 4 && count is < -(long.MaxValue / 2) or > long.MaxValue / 2)
        {
            context.Reply.Error(DataErrors.OutOfRange);
            return false;
        }

        return true;
    }

    private static void One(CommandContext context, HashValue? hash)
    {
        if (hash is null)
        {
            context.Reply.Null();
        }
        else
        {
            context.Reply.Bulk(hash.Random(context.Store.ForkRandom()).Field);
        }
    }

    private static void Many(CommandContext context, HashValue? hash, long count, bool withValues)
    {
        if (hash is null || count == 0)
        {
            context.Reply.Array(0);
            return;
        }

        var random = context.Store.ForkRandom();
        if (count < 0)
        {
            var mark = context.Reply.Length;
            var repeated = (int)Math.Min(-count, int.MaxValue / 2);
            for (var i = 0; i < repeated; i++)
            {
                Field(context, hash.Random(random), withValues);
            }

            Head(context, mark, repeated, withValues);
            return;
        }

        var start = context.Reply.Length;
        var fields = Distinct(hash, (int)Math.Min(count, hash.Count), random);
        foreach (var field in fields)
        {
            Field(context, field, withValues);
        }

        Head(context, start, fields.Count, withValues);
    }

    private static List<HashField> Distinct(HashValue hash, int count, Prng random)
    {
        if (hash.IsPacked || count > hash.Count / DrawShare)
        {
            return Selected(hash, count, random);
        }

        var drawn = new Dictionary<byte[], HashField>(ByteComparer.Instance);
        while (drawn.Count < count)
        {
            var field = hash.Random(random);
            drawn[field.Field] = field;
        }

        return [.. drawn.Values];
    }

    /// <summary>Selection sampling (Knuth 3.4.2 S): keeps the hash's order, as Redis does for packed ones.</summary>
    private static List<HashField> Selected(HashValue hash, int count, Prng random)
    {
        var selected = new List<HashField>(count);
        var left = hash.Count;
        foreach (var pair in hash)
        {
            if (random.Below(left--) < count - selected.Count)
            {
                selected.Add(new HashField(pair.Field.ToArray(), pair.Value.ToArray()));
            }
        }

        return selected;
    }

    private static void Field(CommandContext context, HashField field, bool withValues)
    {
        if (withValues && context.Reply.Protocol == 3)
        {
            context.Reply.Array(2);
        }

        context.Reply.Bulk(field.Field);
        if (withValues)
        {
            context.Reply.Bulk(field.Value);
        }
    }

    /// <summary>RESP3 nests each pair, RESP2 writes them flat.</summary>
    private static void Head(CommandContext context, int mark, int fields, bool withValues) =>
        context.Reply.ArrayAt(mark, withValues && context.Reply.Protocol == 2 ? fields * 2 : fields);
}

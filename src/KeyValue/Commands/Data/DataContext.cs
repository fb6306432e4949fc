using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>What data handlers ask of the context over and over.</summary>
internal static class DataContext
{
    /// <summary>The table of the command's slot; its lock is held.</summary>
    public static SlotTable Table(this CommandContext context) => context.Store.Table(context.Slot);

    /// <summary>Looks up the key at argument 1, to be changed.</summary>
    public static KeyEntry Find(this CommandContext context) => context.Table().Find(context[1], context.NowMs);

    /// <summary>Looks up the key at argument 1, to be read; counts the hit or miss.</summary>
    public static KeyEntry Read(this CommandContext context) => context.Table().Read(context[1], context.NowMs);

    /// <summary>Looks up the key at argument 1 to say something about it, which is no use of it; counts the hit or miss.</summary>
    public static KeyEntry Peek(this CommandContext context) => context.Table().Peek(context[1], context.NowMs);

    /// <summary>Reads an integer argument, or replies that it is none.</summary>
    public static bool TryInteger(this CommandContext context, int index, out long value)
    {
        if (IntegerText.TryParse(context[index], out value))
        {
            return true;
        }

        context.Reply.Error(DataErrors.NotInteger);
        return false;
    }

    /// <summary>True if the key holds a string or nothing; else replies WRONGTYPE.</summary>
    public static bool IsStringOrNone(this CommandContext context, KeyEntry entry)
    {
        if (!entry.Exists || entry.IsString)
        {
            return true;
        }

        context.Reply.Error(DataErrors.WrongType);
        return false;
    }

    /// <summary>True if the key holds a hash or nothing; else replies WRONGTYPE.</summary>
    public static bool IsHashOrNone(this CommandContext context, KeyEntry entry)
    {
        if (!entry.Exists || entry.Hash is not null)
        {
            return true;
        }

        context.Reply.Error(DataErrors.WrongType);
        return false;
    }

    /// <summary>
    /// Looks up the value of this type at an argument's key, to be changed; null if there is no such key. False after replying WRONGTYPE.
    /// </summary>
    public static bool TryFind<T>(this CommandContext context, int index, out T? value)
        where T : KeyedValue => TryValue(context, context.Table().Find(context[index], context.NowMs), out value);

    /// <summary>As <see cref="TryFind"/>, to be read; counts the hit or miss.</summary>
    public static bool TryRead<T>(this CommandContext context, int index, out T? value)
        where T : KeyedValue => TryValue(context, context.Table().Read(context[index], context.NowMs), out value);

    /// <summary>Reads an integer argument within bounds, or replies <paramref name="error"/>, whatever is wrong with it.</summary>
    public static bool TryInteger(this CommandContext context, int index, long smallest, out long value, ReadOnlySpan<byte> error)
    {
        if (IntegerText.TryParse(context[index], out value) && value >= smallest)
        {
            return true;
        }

        context.Reply.Error(error);
        return false;
    }

    /// <summary>Reads a count that may be negative but not the one number that has no opposite, or replies what is wrong.</summary>
    public static bool TrySignedCount(this CommandContext context, int index, out long count)
    {
        if (!context.TryInteger(index, out count))
        {
            return false;
        }

        if (count == long.MinValue)
        {
            context.Reply.Error($"ERR value is out of range, value must between {-long.MaxValue} and {long.MaxValue}");
            return false;
        }

        return true;
    }

    /// <summary>Positions from and to, where negative ones count from the end, as the first position and how many there are of <paramref name="length"/>.</summary>
    public static (int Start, int Count) Clip(long from, long to, int length)
    {
        from = Math.Max(from < 0 ? from + length : from, 0);
        to = Math.Min(to < 0 ? to + length : to, length - 1);
        return from > to ? (0, 0) : ((int)from, (int)(to - from) + 1);
    }

    /// <summary>Writes a string's value as a bulk, nothing as null.</summary>
    public static void StringOrNull(this RespWriter reply, KeyEntry entry)
    {
        if (!entry.Exists)
        {
            reply.Null();
        }
        else if (entry.IsInteger)
        {
            reply.BulkInteger(entry.Integer);
        }
        else
        {
            reply.Bulk(entry.Text(default));
        }
    }

    /// <summary>Replies <c>ERR invalid expire time in 'name' command</c>.</summary>
    public static void InvalidExpireTime(this CommandContext context) =>
        context.Reply.Error($"ERR invalid expire time in '{context.Command.Name}' command");

    private static bool TryValue<T>(CommandContext context, KeyEntry entry, out T? value)
        where T : KeyedValue
    {
        value = entry.As<T>();
        if (value is not null || !entry.Exists)
        {
            return true;
        }

        context.Reply.Error(DataErrors.WrongType);
        return false;
    }
}

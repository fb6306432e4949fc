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
}

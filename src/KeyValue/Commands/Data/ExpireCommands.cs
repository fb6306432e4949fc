using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT: a time in the past deletes the key.</summary>
internal static class ExpireCommands
{
    private const int FirstOption = 3;

    [Flags]
    private enum Condition
    {
        None = 0,
        Nx = 1,
        Xx = 2,
        Gt = 4,
        Lt = 8,
    }

    public static void Expire(CommandContext context) => Expire(context, context.NowMs, 1000);

    public static void PExpire(CommandContext context) => Expire(context, context.NowMs, 1);

    public static void ExpireAt(CommandContext context) => Expire(context, 0, 1000);

    public static void PExpireAt(CommandContext context) => Expire(context, 0, 1);

    private static void Expire(CommandContext context, long startMs, int unit)
    {
        if (!TryCondition(context, out var condition) || !context.TryInteger(2, out var time))
        {
            return;
        }

        if (time > long.MaxValue / unit || time < long.MinValue / unit || time * unit > long.MaxValue - startMs)
        {
            context.InvalidExpireTime();
            return;
        }

        var expireAtMs = Math.Min((time * unit) + startMs, KeyedValue.NoExpiry - 1);
        var entry = context.Find();
        if (!entry.Exists || !Holds(condition, entry.ExpireAtMs, expireAtMs))
        {
            context.Reply.Integer(0);
            return;
        }

        if (expireAtMs <= context.NowMs)
        {
            context.Table().Remove(context[1], context.NowMs);
        }
        else
        {
            context.Table().SetExpiry(context[1], expireAtMs, context.NowMs);
        }

        context.Reply.Integer(1);
    }

    /// <summary>No expiry counts as infinitely far, which is what its number says.</summary>
    private static bool Holds(Condition condition, long before, long after)
    {
        var has = before != KeyedValue.NoExpiry;
        return !((condition.HasFlag(Condition.Nx) && has)
            || (condition.HasFlag(Condition.Xx) && !has)
            || (condition.HasFlag(Condition.Gt) && after <= before)
            || (condition.HasFlag(Condition.Lt) && after >= before));
    }

    /// <summary>What Redis quotes of an argument: it ends at a zero byte and loses the line breaks at its end.</summary>
    private static ReadOnlySpan<byte> AsCString(ReadOnlySpan<byte> argument)
    {
        var end = argument.IndexOf((byte)0);
        return (end < 0 ? argument : argument[..end]).TrimEnd("\r\n"u8);
    }

    private static bool TryCondition(CommandContext context, out Condition condition)
    {
        condition = Condition.None;
        for (var i = FirstOption; i < context.Count; i++)
        {
            var option = context.Is(i, "NX"u8) ? Condition.Nx
                : context.Is(i, "XX"u8) ? Condition.Xx
                : context.Is(i, "GT"u8) ? Condition.Gt
                : context.Is(i, "LT"u8) ? Condition.Lt
                : Condition.None;
            if (option == Condition.None)
            {
                context.Reply.Error([.. "ERR Unsupported option "u8, .. AsCString(context[i])]);
                return false;
            }

            condition |= option;
        }

        if (condition.HasFlag(Condition.Nx) && condition != Condition.Nx)
        {
            context.Reply.Error(DataErrors.ExpireNxAndOthers);
            return false;
        }

        if (condition.HasFlag(Condition.Gt) && condition.HasFlag(Condition.Lt))
        {
            context.Reply.Error(DataErrors.ExpireGtAndLt);
            return false;
        }

        return true;
    }
}

using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Wire.Rdb;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>DUMP, RESTORE and RESTORE-ASKING: a value as bytes that any Redis 7 understands.</summary>
internal static class DumpCommands
{
    private const int FirstOption = 4;

    public static void Dump(CommandContext context)
    {
        var entry = context.Read();
        if (!entry.Exists)
        {
            context.Reply.Null();
            return;
        }

        using var writer = new RdbWriter();
        ValueCodec.WritePayload(writer, entry);
        context.Reply.Bulk(writer.Written);
    }

    /// <summary>Checks in Redis' order, because each has its own error. RESTORE-ASKING differs in routing only.</summary>
    public static void Restore(CommandContext context)
    {
        if (!TryOptions(context, out var replace, out var absolute, out var use))
        {
            return;
        }

        var table = context.Table();
        if (!replace && context.Find().Exists)
        {
            context.Reply.Error(DataErrors.BusyKey);
            return;
        }

        if (!context.TryInteger(2, out var ttl))
        {
            return;
        }

        if (ttl < 0)
        {
            context.Reply.Error("ERR Invalid TTL value, must be >= 0"u8);
            return;
        }

        if (!DumpPayload.TryOpen(context[3], out var value))
        {
            context.Reply.Error("ERR DUMP payload version or checksum are wrong"u8);
            return;
        }

        // A time to live beyond the end of time wraps, as in Redis, and so has passed.
        var expireAtMs = ttl == 0 ? KeyedValue.NoExpiry : Math.Min(unchecked(absolute ? ttl : ttl + context.NowMs), KeyedValue.NoExpiry - 1);
        if (ValueCodec.Read(value, context[1], expireAtMs) is not { } entry)
        {
            context.Reply.Error("ERR Bad data format"u8);
            return;
        }

        if (expireAtMs <= context.NowMs)
        {
            table.Remove(context[1], context.NowMs);
        }
        else
        {
            table.Restore(entry, value);
            if (use.ClockOf(context.Store.Clock) is { } clock)
            {
                table.SetClock(context[1], clock);
            }
        }

        context.Reply.Ok();
    }

    private static bool TryOptions(CommandContext context, out bool replace, out bool absolute, out LastUse use)
    {
        (replace, absolute, use) = (false, false, default);
        for (var i = FirstOption; i < context.Count; i++)
        {
            var hasNext = i + 1 < context.Count;
            if (context.Is(i, "REPLACE"u8))
            {
                replace = true;
            }
            else if (context.Is(i, "ABSTTL"u8))
            {
                absolute = true;
            }
            else if (context.Is(i, "IDLETIME"u8) && hasNext && use.Frequency is null)
            {
                if (!TryInRange(context, ++i, long.MaxValue, "ERR Invalid IDLETIME value, must be >= 0"u8, out var seconds))
                {
                    return false;
                }

                use = use with { IdleSeconds = seconds };
            }
            else if (context.Is(i, "FREQ"u8) && hasNext && use.IdleSeconds is null)
            {
                if (!TryInRange(context, ++i, 255, "ERR Invalid FREQ value, must be >= 0 and <= 255"u8, out var counter))
                {
                    return false;
                }

                use = use with { Frequency = (int)counter };
            }
            else
            {
                context.SyntaxError();
                return false;
            }
        }

        return true;
    }

    private static bool TryInRange(CommandContext context, int index, long highest, ReadOnlySpan<byte> error, out long value)
    {
        if (!context.TryInteger(index, out value))
        {
            return false;
        }

        if (value >= 0 && value <= highest)
        {
            return true;
        }

        context.Reply.Error(error);
        return false;
    }

    /// <summary>What RESTORE was told about the use of the value where it came from.</summary>
    private readonly record struct LastUse(long? IdleSeconds, int? Frequency)
    {
        /// <summary>The key's clock, or null if nothing was said of what is kept here.</summary>
        public uint? ClockOf(AccessClock clock) => clock.CountsAccesses
            ? Frequency is { } counter ? clock.WithFrequency(counter) : null
            : IdleSeconds is { } seconds ? clock.IdleSince(seconds) : null;
    }
}

using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Blocking;

/// <summary>How long a command may wait, as Redis reads it.</summary>
internal static class BlockingTimeout
{
    /// <summary>Longest that a timer takes, about 49 days: who waits longer waits for ever.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>Seconds with a fraction, rounded up to milliseconds; 0 means for ever.</summary>
    public static bool TryReadSeconds(CommandContext context, int index, out TimeSpan timeout)
    {
        timeout = Timeout.InfiniteTimeSpan;
        if (!LongDouble.TryParse(context[index], out var seconds))
        {
            context.Reply.Error("ERR timeout is not a float or out of range"u8);
            return false;
        }

        // Beyond what a long can hold the conversion gives the lowest long, which is why Redis calls a very long timeout negative.
        var milliseconds = seconds.CeilingOfProduct(1000);
        if (milliseconds is null or < 0)
        {
            context.Reply.Error("ERR timeout is negative"u8);
            return false;
        }

        timeout = Of(milliseconds.Value);
        return true;
    }

    /// <summary>Whole milliseconds; 0 means for ever.</summary>
    public static bool TryReadMilliseconds(CommandContext context, int index, out TimeSpan timeout)
    {
        timeout = Timeout.InfiniteTimeSpan;
        if (!IntegerText.TryParse(context[index], out var milliseconds))
        {
            context.Reply.Error("ERR timeout is not an integer or out of range"u8);
            return false;
        }

        if (milliseconds < 0)
        {
            context.Reply.Error("ERR timeout is negative"u8);
            return false;
        }

        timeout = Of(milliseconds);
        return true;
    }

    private static TimeSpan Of(long milliseconds) =>
        milliseconds == 0 || milliseconds > Longest.TotalMilliseconds ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(milliseconds);
}

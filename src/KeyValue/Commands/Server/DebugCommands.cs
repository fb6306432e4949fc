using System.Globalization;
using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Commands.Session;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Wire.Rdb;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>DEBUG: what test suites and redis-cli ask for. What crashes, leaks or reloads a server is left out.</summary>
internal static class DebugCommands
{
    /// <summary>Longest DEBUG SLEEP, in seconds.</summary>
    private const double MaxSleepSeconds = 3600;

    private static readonly string[] Help =
    [
        "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DIGEST", "    Output a hex signature representing the current DB content.",
        "DIGEST-VALUE <key> [<key> ...]", "    Output a hex signature of the values of all the specified keys.",
        "ERROR <string>", "    Return a Redis protocol error with <string> as message. Useful for clients", "    unit tests to simulate Redis errors.",
        "OBJECT <key>", "    Show low level info about `key` and associated value.",
        "PROTOCOL <type>", "    Reply with a test value of the specified type. <type> can be: string,",
        "    integer, double, bignum, null, array, set, map, attrib, push, verbatim,", "    true, false.",
        "QUICKLIST-PACKED-THRESHOLD <size>", "    Accepted without effect: lists have one form here.",
        "SET-ACTIVE-EXPIRE <0|1>", "    Setting it to 0 disables expiring keys in background when they are not",
        "    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the", "    default.",
        "SLEEP <seconds>", "    Stop the server for <seconds>. Decimals allowed.",
        "HELP", "    Prints this help.",
    ];

    public static void Run(CommandContext context)
    {
        if (context.Count == 3 && !context.Is(1, "DIGEST-VALUE"u8) ? !TryWithArgument(context) : !TryOther(context))
        {
            context.Reply.Error([.. "ERR unknown subcommand or wrong number of arguments for '"u8, .. context[1], .. "'. Try DEBUG HELP."u8]);
        }
    }

    private static bool TryWithArgument(CommandContext context)
    {
        if (context.Is(1, "SLEEP"u8))
        {
            Sleep(context);
        }
        else if (context.Is(1, "OBJECT"u8))
        {
            Object(context);
        }
        else if (context.Is(1, "ERROR"u8))
        {
            context.Reply.Error(context[2]);
        }
        else if (context.Is(1, "PROTOCOL"u8))
        {
            DebugProtocol.Reply(context);
        }
        else if (context.Is(1, "SET-ACTIVE-EXPIRE"u8))
        {
            context.Server.ExpiresActively = !context[2].SequenceEqual("0"u8);
            context.Reply.Ok();
        }
        else if (context.Is(1, "QUICKLIST-PACKED-THRESHOLD"u8))
        {
            context.Reply.Ok();
        }
        else
        {
            return false;
        }

        return true;
    }

    private static bool TryOther(CommandContext context)
    {
        if (context.Is(1, "DIGEST-VALUE"u8))
        {
            context.Reply.Array(context.Count - 2);
            for (var i = 2; i < context.Count; i++)
            {
                context.Reply.Simple(Locked(context, context[i], entry => entry.Exists ? KeyDigest.OfValue(entry).ToString() : new KeyDigest().ToString()));
            }
        }
        else if (context.Is(1, "DIGEST"u8) && context.Count == 2)
        {
            context.Reply.Simple(KeyDigest.OfAll(context.Store, context.NowMs).ToString());
        }
        else if (context.Is(1, "HELP"u8) && context.Count == 2)
        {
            HelpText.Write(context, Help);
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>Blocks the I/O thread, as in Redis: that is what it is for.</summary>
    private static void Sleep(CommandContext context)
    {
        // strtod: what is no number sleeps for nothing.
        _ = double.TryParse(context[2], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds);
        if (seconds > 0)
        {
            using var never = new ManualResetEventSlim();
            never.Wait(TimeSpan.FromSeconds(Math.Min(seconds, MaxSleepSeconds)));
        }

        context.Reply.Ok();
    }

    private static void Object(CommandContext context)
    {
        var clock = context.Store.Clock;
        var text = Locked(context, context[2], entry =>
        {
            if (!entry.Exists)
            {
                return null;
            }

            using var writer = new RdbWriter();
            ValueCodec.WriteBody(writer, entry);
            var encoding = System.Text.Encoding.ASCII.GetString(ObjectCommands.EncodingOf(entry));
            var idle = clock.CountsAccesses ? 0 : clock.IdleSeconds(entry.Clock);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Value at:0x0 refcount:{ObjectCommands.ReferencesTo(entry)} encoding:{encoding} serializedlength:{writer.Written.Length} lru:{entry.Clock} lru_seconds_idle:{idle}");
        });
        if (text is null)
        {
            context.Reply.Error(DataErrors.NoSuchKey);
        }
        else
        {
            context.Reply.Simple(text);
        }
    }

    /// <summary>Looks a key up under its slot's lock: DEBUG says nowhere that it has keys, so nobody holds it. No access is noted.</summary>
    private static T Locked<T>(CommandContext context, ReadOnlySpan<byte> key, Func<KeyEntry, T> read)
    {
        var table = context.Store.Table(HashSlot.Of(key));
        lock (table)
        {
            return read(table.Look(key, context.NowMs));
        }
    }
}

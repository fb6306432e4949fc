using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Commands;

namespace Trefoil.KeyValue.Connections;

/// <summary>The clients that said MONITOR, and what they are told: every command that ran, except administration. Thread-safe.</summary>
internal sealed class Monitors
{
    private readonly Lock _lock = new();
    private Connection[] _all = [];

    /// <summary>Whether there is one: the only thing a command pays for.</summary>
    public bool Any => Volatile.Read(ref _all).Length > 0;

    public void Add(Connection client)
    {
        lock (_lock)
        {
            _all = [.. _all, client];
            client.IsMonitor = true;
        }
    }

    public void Remove(Connection client)
    {
        if (!client.IsMonitor)
        {
            return;
        }

        lock (_lock)
        {
            _all = [.. _all.Where(other => other != client)];
            client.IsMonitor = false;
        }
    }

    /// <summary>Tells them about a command that ran; its arguments are still in the context.</summary>
    /// <param name="context">The command's.</param>
    /// <param name="spec">What it was.</param>
    /// <param name="name">Its name as it was sent, if the context has other arguments by now; else empty.</param>
    public void Tell(CommandContext context, CommandSpec spec, ReadOnlySpan<byte> name = default)
    {
        if (spec.Has(CommandFlags.Admin | CommandFlags.SkipMonitor) && spec.Name != "exec")
        {
            return;
        }

        var now = context.Server.Time.GetUtcNow();
        var micros = (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"+{micros / 1_000_000}.{micros % 1_000_000:d6} [0 {context.Client.Address}]");
        if (!name.IsEmpty)
        {
            Append(line, name);
        }
        else
        {
            var secret = FirstSecret(context, spec);
            for (var i = 0; i < context.Count; i++)
            {
                Append(line, i >= secret.Start && i < secret.End ? "(redacted)"u8 : context[i]);
            }
        }

        var bytes = Encoding.Latin1.GetBytes(line.Append("\r\n").ToString());
        foreach (var monitor in Volatile.Read(ref _all))
        {
            // One that has said QUIT hears no more.
            if (!monitor.CloseAfterReply)
            {
                monitor.Deliver(bytes);
            }
        }
    }

    /// <summary>Which arguments are a user's name and password.</summary>
    private static (int Start, int End) FirstSecret(CommandContext context, CommandSpec spec)
    {
        if (spec.Name == "auth")
        {
            return (1, context.Count);
        }

        if (spec.Name is not ("hello" or "migrate"))
        {
            return default;
        }

        for (var i = 2; i < context.Count; i++)
        {
            if (context.Is(i, "AUTH"u8) || context.Is(i, "AUTH2"u8))
            {
                return (i + 1, i + (spec.Name == "hello" || context.Is(i, "AUTH2"u8) ? 3 : 2));
            }

            if (context.Is(i, "KEYS"u8))
            {
                break;
            }
        }

        return default;
    }

    /// <summary>Quoted as Redis' sdscatrepr does it.</summary>
    private static void Append(StringBuilder line, ReadOnlySpan<byte> argument)
    {
        line.Append(" \"");
        foreach (var b in argument)
        {
            _ = b switch
            {
                (byte)'\\' or (byte)'"' => line.Append('\\').Append((char)b),
                (byte)'\n' => line.Append("\\n"),
                (byte)'\r' => line.Append("\\r"),
                (byte)'\t' => line.Append("\\t"),
                (byte)'\a' => line.Append("\\a"),
                (byte)'\b' => line.Append("\\b"),
                >= (byte)' ' and <= (byte)'~' => line.Append((char)b),
                _ => line.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}"),
            };
        }

        line.Append('"');
    }
}

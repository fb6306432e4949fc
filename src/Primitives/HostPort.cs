namespace Trefoil.Primitives;

/// <summary>An address as it was announced: a host name or literal IP, and a port (0..65535).</summary>
public readonly record struct HostPort(string Host, int Port)
{
    /// <summary>Parses <c>host:port</c> or <c>[v6]:port</c>; false when malformed.</summary>
    public static bool TryParse(string text, out HostPort value)
    {
        value = default;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0
            || !int.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out var port)
            || port > 65535)
        {
            return false;
        }

        value = new HostPort(text![..colon].Trim('[', ']'), port);
        return value.Host.Length > 0;
    }

    /// <summary><c>host:port</c>, IPv6 in brackets.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}

using System.Globalization;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Client;

/// <summary>What a node's <c>MOVED slot host:port</c> or <c>ASK slot host:port</c> says.</summary>
/// <param name="Ask">True: for this one command only, with ASKING before it. False: the slot lives there now.</param>
/// <param name="Slot">0..16383.</param>
/// <param name="Target">Where to send the command next.</param>
public readonly record struct Redirect(bool Ask, int Slot, HostPort Target)
{
    /// <summary>Reads what <paramref name="asked"/> replied; null if it is no redirect. An empty host in it means the same host.</summary>
    public static Redirect? Parse(RespReply reply, HostPort asked)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (!reply.IsError || reply.Text?.Split(' ') is not ["MOVED" or "ASK", var slotText, var target] parts)
        {
            return null;
        }

        var colon = target.LastIndexOf(':'); // an IPv6 host has colons of its own and no brackets here
        return colon >= 0
            && int.TryParse(slotText, NumberStyles.None, CultureInfo.InvariantCulture, out var slot) && slot < HashSlot.Count
            && int.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? new Redirect(parts[0] == "ASK", slot, new HostPort(colon == 0 ? asked.Host : target[..colon], port))
            : null;
    }
}

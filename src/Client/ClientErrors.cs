using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Client;

/// <summary>Error replies that the client makes itself, shaped like a server's: a code, then words.</summary>
internal static class ClientErrors
{
    private const string UnreachableCode = "UNREACHABLE";

    /// <summary>The command was never sent.</summary>
    public static RespReply Unreachable(HostPort node, string why) => RespReply.Error($"{UnreachableCode} {node}: {why}");

    /// <summary>The command was sent and its reply never came: it may or may not have run.</summary>
    public static RespReply ConnectionLost(HostPort node, string why) => RespReply.Error($"CONNECTIONLOST {node}: {why}");

    /// <summary>No node is known to serve the slot, not even after asking again.</summary>
    public static RespReply NoOwner(int slot) => RespReply.Error($"CLUSTERDOWN no node is known to serve slot {slot}");

    /// <summary>True for errors after which the command surely did not run and may run soon: asking again is safe.</summary>
    public static bool IsRetryable(RespReply reply) =>
        reply.IsError && reply.Text?.Split(' ', 2)[0] is UnreachableCode or "CLUSTERDOWN" or "TRYAGAIN" or "LOADING";
}

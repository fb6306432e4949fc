namespace Trefoil.Sharding;

/// <summary>Where a node is reached: one host, one port per service (0 = not offered).</summary>
/// <param name="Host">The announced address: a literal IP or a name; never empty in a topology.</param>
/// <param name="Hostname">A name to show beside the address, "" if none.</param>
/// <param name="RespPort">Redis protocol.</param>
/// <param name="ApiPort">HTTP, administration.</param>
/// <param name="GatewayPort">HTTP, gateway.</param>
/// <param name="RpcPort">Node to node, TCP.</param>
/// <param name="SwimPort">Membership, UDP and TCP: the <c>busport</c> of CLUSTER NODES.</param>
/// <param name="LineProtocolPort">HTTP, line protocol.</param>
public sealed record NodeEndpoints(
    string Host,
    string Hostname = "",
    int RespPort = 0,
    int ApiPort = 0,
    int GatewayPort = 0,
    int RpcPort = 0,
    int SwimPort = 0,
    int LineProtocolPort = 0)
{
    /// <summary>Longest host or host name, in bytes of UTF-8 (the limit of DNS).</summary>
    public const int MaxHostBytes = 255;
}

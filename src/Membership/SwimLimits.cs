namespace Trefoil.Membership;

/// <summary>The limits that hold in every profile, because the peers rely on them.</summary>
public static class SwimLimits
{
    /// <summary>Bytes of a UDP packet as it leaves the node, seal included: below every common MTU. Larger ones are dropped.</summary>
    public const int MaxPacketBytes = 1400;

    /// <summary>Bytes of a packet that the core leaves to the driver's seal (HMAC-SHA256: 33; AES-GCM with a key id: 30).</summary>
    public const int SealBytes = 40;

    /// <summary>Bytes of one message on a stream, seal included: 16384 members with 400 bytes of metadata each. Larger ones close the stream.</summary>
    public const int MaxStreamBytes = 8 * 1024 * 1024;

    /// <summary>Bytes of metadata of one member. More is a misuse locally, malformed from others.</summary>
    public const int MaxMetadataBytes = 512;

    /// <summary>UTF-8 bytes of a cluster's name.</summary>
    public const int MaxClusterNameBytes = 64;

    /// <summary>Bytes of a host name (RFC 1035).</summary>
    public const int MaxHostBytes = 255;

    /// <summary>The oldest protocol version this build reads.</summary>
    public const byte MinProtocolVersion = 1;

    /// <summary>The newest protocol version this build reads, and the one it writes.</summary>
    public const byte MaxProtocolVersion = 1;

    /// <summary>Seeds kept; further ones are ignored.</summary>
    public const int MaxSeeds = 64;

    /// <summary>Stream requests of our own under way at once; further ones are skipped, and the next interval tries again.</summary>
    public const int MaxExchanges = 32;

    /// <summary>Indirect probes done for others at once; further requests are dropped and counted.</summary>
    public const int MaxRelays = 256;

    /// <summary>Evicted ids remembered; the oldest ban is forgotten first.</summary>
    public const int MaxBans = 4096;
}

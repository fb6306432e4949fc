using System.Globalization;
using System.Text;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>What the topology knows about one member.</summary>
/// <remarks>Health is not here: it changes without consensus and belongs to Membership.</remarks>
public sealed record NodeRecord
{
    /// <summary>Longest zone label, in bytes of UTF-8.</summary>
    public const int MaxZoneBytes = 64;

    private readonly NodeId _id;

    /// <summary>The node's own identity, drawn once at its first start.</summary>
    public required NodeId Id
    {
        get => _id;
        init
        {
            _id = value;
            RespId = RespIdOf(value);
        }
    }

    /// <summary>Its id in the Raft group, minted at the join and never used again; never 0 in a topology.</summary>
    public ulong MemberId { get; init; }

    /// <summary>Where it is reached.</summary>
    public required NodeEndpoints Endpoints { get; init; }

    /// <summary>Redis' configuration epoch: unique among members.</summary>
    public ulong ConfigEpoch { get; init; }

    /// <summary>The node it copies; <see cref="NodeId.None"/> for a primary.</summary>
    public NodeId PrimaryId { get; init; }

    /// <summary>Failure zone label, "" if none.</summary>
    public string Zone { get; init; } = "";

    /// <summary>The shard it serves: the same for a primary and its replicas.</summary>
    public NodeId ShardId { get; init; }

    /// <summary>The 40 hex digits RESP shows.</summary>
    public string RespId { get; private init; } = "";

    /// <summary>True unless it copies another node.</summary>
    public bool IsPrimary => PrimaryId.IsNone;

    /// <summary>The 32 hex digits of <paramref name="id"/> and the first 8 of the BLAKE3 of its 16 bytes.</summary>
    /// <remarks>Redis' ids have 40 digits and clients check the length; a digest makes the tail a checksum of the head.</remarks>
    public static string RespIdOf(NodeId id)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        Span<byte> checksum = stackalloc byte[4];
        id.Write(bytes);
        Blake3.Hash(bytes, checksum);
        return $"{id}{Convert.ToHexStringLower(checksum)}";
    }

    /// <summary>Why the record may not enter a topology, or null.</summary>
    internal string? Problem()
    {
        if (Id.IsNone)
        {
            return "ERR Node id is empty";
        }

        return EndpointsProblem(Endpoints, Zone);
    }

    /// <summary>Why these may not enter a topology, or null.</summary>
    internal static string? EndpointsProblem(NodeEndpoints endpoints, string zone)
    {
        ReadOnlySpan<int> ports =
        [
            endpoints.RespPort, endpoints.ApiPort, endpoints.GatewayPort,
            endpoints.RpcPort, endpoints.SwimPort, endpoints.LineProtocolPort,
        ];
        foreach (var port in ports)
        {
            if (port is < 0 or > 65535)
            {
                return string.Create(CultureInfo.InvariantCulture, $"ERR Invalid port: {port}");
            }
        }

        var bytes = Encoding.UTF8;
        return endpoints.Host.Length == 0 || bytes.GetByteCount(endpoints.Host) > NodeEndpoints.MaxHostBytes
            || bytes.GetByteCount(endpoints.Hostname) > NodeEndpoints.MaxHostBytes
            ? "ERR Invalid node address: empty or longer than 255 bytes"
            : bytes.GetByteCount(zone) > MaxZoneBytes ? "ERR Invalid zone: longer than 64 bytes" : null;
    }
}

using Trefoil.Primitives;

namespace Trefoil.Node.Configuration;

/// <summary>Everything one node is told at start. Immutable; <see cref="ConfigKeys"/> lists each key with its meaning.</summary>
public sealed record NodeConfig
{
    public string ClusterName { get; init; } = "trefoil";

    public string DataDir { get; init; } = "trefoil-data";

    /// <summary>Loopback unless told otherwise: a store without a password does not listen to the world by default.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>What other nodes and clients are told; empty means <see cref="Bind"/>.</summary>
    public string AnnounceHost { get; init; } = "";

    public string AnnounceHostname { get; init; } = "";

    public int RespPort { get; init; } = 6379;

    public int ApiPort { get; init; } = 18180;

    public int GatewayPort { get; init; } = 18181;

    public int RpcPort { get; init; } = 18182;

    public int SwimPort { get; init; } = 18183;

    public int LineProtocolPort { get; init; } = 8086;

    /// <summary>RESP addresses of nodes to meet at start, until one has taken this node in.</summary>
    public IReadOnlyList<HostPort> Seeds { get; init; } = [];

    public bool Bootstrap { get; init; } = true;

    public string Zone { get; init; } = "";

    public string Secret { get; init; } = "";

    public string SwimProfile { get; init; } = "lan";

    /// <summary>A static map instead of SWIM and Raft; empty for none.</summary>
    public string ClusterFile { get; init; } = "";

    public int MaxClients { get; init; } = 10_000;

    /// <summary>Bytes that keys and buffers may take, with Redis' units; 0: no limit.</summary>
    public string MaxMemory { get; init; } = "0";

    /// <summary>Which keys go when that is reached.</summary>
    public string MaxMemoryPolicy { get; init; } = "noeviction";

    /// <summary>Whether changes of keys are logged before they are acknowledged.</summary>
    public bool AppendOnly { get; init; } = true;

    /// <summary>When the log of keys is synced: always, everysec or no.</summary>
    public string AppendFsync { get; init; } = "everysec";

    /// <summary>When snapshots of the keys are taken by themselves: pairs of seconds and changes; empty: never.</summary>
    public string Save { get; init; } = "3600 1 300 100 60 10000";

    /// <summary>How many of a shard's replica set acknowledge a write before its client hears back: asynchronous, quorum or synchronous. For a cluster that this node founds.</summary>
    public string ReplicationMode { get; init; } = "asynchronous";

    /// <summary>When a copy counts: received or durable. For a cluster that this node founds.</summary>
    public string ReplicationAck { get; init; } = "received";

    /// <summary>Whether assertions and their HTTP port are on; null: if RocksDB is installed.</summary>
    public bool? Assertions { get; init; }

    public string LogLevel { get; init; } = "info";

    /// <summary>The host others reach this node under.</summary>
    public string Announced => AnnounceHost.Length > 0 ? AnnounceHost : Bind;

    /// <summary>What contradicts itself here or what the cluster has agreed on, as a sentence; null if nothing does.</summary>
    /// <param name="agreedAck">The cluster's <c>replication_ack</c> as far as this node knows; null: none yet.</param>
    internal string? ProblemWith(string? agreedAck) => AppendOnly || (ReplicationAck != "durable" && agreedAck != "durable")
        ? null
        : "appendonly = false, but replication_ack is 'durable': without a log nothing here is ever durable, so nothing would be acknowledged. "
            + "Set appendonly = true, or replication_ack = 'received' (in a running cluster: CONFIG SET replication-ack received)";
}

namespace Trefoil.Node.Configuration;

/// <summary>The table of configuration keys, from which TOML, environment, flags, help and documentation derive.</summary>
public static class ConfigKeys
{
    /// <summary>Every key, in the order in which help prints them.</summary>
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new ConfigKey.Text("cluster_name", "nodes of other names refuse this one; fixed by the first start on a data directory",
            c => c.ClusterName, (c, v) => c with { ClusterName = v }),
        new ConfigKey.Text("data_dir", "where this node keeps its identity, logs and data",
            c => c.DataDir, (c, v) => c with { DataDir = v }),
        new ConfigKey.Text("bind", "the address every listener binds to",
            c => c.Bind, (c, v) => c with { Bind = v }),
        new ConfigKey.Text("announce_host", "the address told to clients and other nodes; empty: bind",
            c => c.AnnounceHost, (c, v) => c with { AnnounceHost = v }),
        new ConfigKey.Text("announce_hostname", "a host name shown beside the address in CLUSTER NODES and SLOTS",
            c => c.AnnounceHostname, (c, v) => c with { AnnounceHostname = v }),
        Port("resp_port", "Redis clients", c => c.RespPort, (c, v) => c with { RespPort = v }),
        Port("api_port", "HTTP API, if assertions are on", c => c.ApiPort, (c, v) => c with { ApiPort = v }),
        Port("gateway_port", "gateway (reserved and announced)", c => c.GatewayPort, (c, v) => c with { GatewayPort = v }),
        Port("rpc_port", "node to node: Raft and topology, TCP", c => c.RpcPort, (c, v) => c with { RpcPort = v }),
        Port("swim_port", "node to node: membership, UDP and TCP", c => c.SwimPort, (c, v) => c with { SwimPort = v }),
        Port("line_protocol_port", "InfluxDB line protocol (reserved and announced)",
            c => c.LineProtocolPort, (c, v) => c with { LineProtocolPort = v }),
        new ConfigKey.Addresses("seeds", "RESP addresses of nodes to join; a lone, empty node is taken in by the first that answers",
            (c, v) => c with { Seeds = v }),
        new ConfigKey.Flagged("bootstrap", "found a cluster of one on an empty data directory; false: wait to be taken in",
            c => c.Bootstrap, (c, v) => c with { Bootstrap = v }),
        new ConfigKey.Text("zone", "failure domain: voters are spread over zones",
            c => c.Zone, (c, v) => c with { Zone = v }),
        new ConfigKey.Text("secret", "authenticates every packet between nodes (HMAC-SHA256); the same on all; empty: none",
            c => c.Secret, (c, v) => c with { Secret = v }),
        new ConfigKey.Text("swim_profile", "timing of failure detection",
            c => c.SwimProfile, (c, v) => c with { SwimProfile = v }, "lan", "wan", "local"),
        new ConfigKey.Text("cluster_file", "a static map (cluster.toml) instead of membership and consensus",
            c => c.ClusterFile, (c, v) => c with { ClusterFile = v }),
        new ConfigKey.Number("max_clients", "client connections at once; one more is refused with an error", 1, 1_000_000,
            c => c.MaxClients, (c, v) => c with { MaxClients = v }),
        new ConfigKey.Text("maxmemory", "bytes that keys and buffers may take, as 500mb or 2gb; 0: no limit",
            c => c.MaxMemory, (c, v) => c with { MaxMemory = v }),
        new ConfigKey.Text("maxmemory_policy", "which keys go when that is reached: Redis' names",
            c => c.MaxMemoryPolicy, (c, v) => c with { MaxMemoryPolicy = v }),
        new ConfigKey.Flagged("appendonly", "log every change of a key before it is acknowledged; false: a crash loses what the last snapshot has not",
            c => c.AppendOnly, (c, v) => c with { AppendOnly = v }),
        new ConfigKey.Text("appendfsync", "when the log of keys is synced: before each reply, every second, or when the kernel likes",
            c => c.AppendFsync, (c, v) => c with { AppendFsync = v }, "always", "everysec", "no"),
        new ConfigKey.Text("save", "snapshot of the keys after so many seconds and changes, in pairs; empty: only when asked",
            c => c.Save, (c, v) => c with { Save = v }),
        new ConfigKey.Text("replication_mode", "who acknowledges a write before its client hears back, in a cluster that this node founds; later: CONFIG SET replication-mode",
            c => c.ReplicationMode, (c, v) => c with { ReplicationMode = v }, "asynchronous", "quorum", "synchronous"),
        new ConfigKey.Text("replication_ack", "when a copy counts: in the replica's memory and kernel, or on its disk; as replication_mode",
            c => c.ReplicationAck, (c, v) => c with { ReplicationAck = v }, "received", "durable"),
        new ConfigKey.Automatic("assertions", "assertions and their HTTP API on api_port; auto: if RocksDB is installed",
            c => c.Assertions, (c, v) => c with { Assertions = v }),
        new ConfigKey.Text("log_level", "least severe level that is logged",
            c => c.LogLevel, (c, v) => c with { LogLevel = v }, "debug", "info", "warn", "error"),
    ];

    /// <summary>The key of this name, or null.</summary>
    public static ConfigKey? Find(string name) => All.FirstOrDefault(key => key.Name == name);

    private static ConfigKey.Number Port(
        string name, string summary, Func<NodeConfig, int> get, Func<NodeConfig, int, NodeConfig> with) =>
        new(name, "port: " + summary, 1, 65535, get, with);
}

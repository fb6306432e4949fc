using Trefoil.Sharding;
using static Trefoil.KeyValue.Commands.Server.ConfigParameter;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>CONFIG parameters about replicas. Mode and acknowledgement are the cluster's: setting them on any node commits them for all.</summary>
internal static class ReplicationSettings
{
    private const string ModeKey = "replication_mode";
    private const string AckKey = "replication_ack";

    public static IEnumerable<ConfigParameter> All =>
    [
        ForAll("replication-mode", ModeKey, topology => NameOf(topology.WantedMode), "asynchronous", "quorum", "synchronous"),
        Acknowledgement,
        .. Named(
            ConfigParameter.Integer("min-replicas-to-write", 0, int.MaxValue, s => s.MinReplicasToWrite, (s, v) => s.MinReplicasToWrite = (int)v),
            "min-slaves-to-write"),
        .. Named(
            ConfigParameter.Integer("min-replicas-max-lag", 0, int.MaxValue, s => s.MinReplicasMaxLag, (s, v) => s.MinReplicasMaxLag = (int)v),
            "min-slaves-max-lag"),
        .. Named(
            YesNo("replica-serve-stale-data", s => s.ServesStaleData, (server, value) => server.Settings.ServesStaleData = value),
            "slave-serve-stale-data"),
        .. Named(InertYesNo("replica-read-only", "yes"), "slave-read-only"),
        .. Named(InertInteger("replica-priority", 100, 0), "slave-priority"),
        .. Named(InertInteger("repl-ping-replica-period", 10, 1), "repl-ping-slave-period"),
        .. Named(InertYesNo("replica-ignore-maxmemory", "yes"), "slave-ignore-maxmemory"),
        .. Named(InertYesNo("replica-lazy-flush", "no"), "slave-lazy-flush"),
        .. Named(InertInteger("cluster-replica-validity-factor", 10, 0), "cluster-slave-validity-factor"),
        .. Named(InertYesNo("cluster-replica-no-failover", "no"), "cluster-slave-no-failover"),
        .. Named(ConfigParameter.Inert("replica-announce-ip", ""), "slave-announce-ip"),
        .. Named(InertInteger("replica-announce-port", 0, 0, 65535), "slave-announce-port"),
        .. Named(Fixed("replicaof", _ => ""), "slaveof"),
        InertYesNo("replica-announced", "yes"),
        InertInteger("repl-timeout", 60, 1),
        InertInteger("repl-backlog-ttl", 3600, 0),
        InertYesNo("repl-diskless-sync", "yes"),
        InertInteger("repl-diskless-sync-delay", 5, 0),
        InertOneOf("repl-diskless-load", "disabled", "disabled", "on-empty-db", "swapdb"),
        InertYesNo("repl-disable-tcp-nodelay", "no"),
        InertInteger("cluster-migration-barrier", 1, 0),
        InertYesNo("cluster-allow-replica-migration", "yes"),
    ];

    /// <summary>The mode's name in commands, configuration and INFO.</summary>
    public static string NameOf(ReplicationMode mode) => mode switch
    {
        ReplicationMode.Quorum => "quorum",
        ReplicationMode.Synchronous => "synchronous",
        _ => "asynchronous",
    };

    /// <summary>When a copy counts, as the cluster has agreed.</summary>
    public static string AckOf(Topology topology) => topology.SettingOf(AckKey) ?? "received";

    /// <summary>What has no log is durable nowhere: no answer would ever leave.</summary>
    private static ConfigParameter Acknowledgement
    {
        get
        {
            var parameter = ForAll("replication-ack", AckKey, AckOf, "received", "durable");
            return parameter with
            {
                Check = (server, value) => parameter.Check(server, value)
                    ?? (value.Equals("durable", StringComparison.OrdinalIgnoreCase) && server.Storage is not { Log.IsWritten: true }
                        ? "copies cannot be durable while appendonly is no"
                        : null),
            };
        }
    }

    private static ConfigParameter ForAll(string name, string key, Func<Topology, string> get, params string[] values) =>
        OneOf(name, values, server => get(server.Cluster.Topology), (_, _) => { }) with
        {
            Commit = (server, value) => server.Cluster.ProposeAsync(
                request => new TopologyCommand.SetSetting(request, key, value.ToLowerInvariant()), CancellationToken.None),
        };

    /// <summary>The parameter, and again under the name it had before Redis 5.</summary>
    private static ConfigParameter[] Named(ConfigParameter parameter, string alias) => [parameter, parameter with { Name = alias }];
}

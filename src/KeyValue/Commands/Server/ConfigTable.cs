using System.Globalization;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Server;
using static Trefoil.KeyValue.Commands.Server.ConfigParameter;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>Every CONFIG parameter this server knows. The first group acts; the inert ones are what clients and redis-cli ask for or set.</summary>
internal static class ConfigTable
{
    private static readonly Dictionary<string, ConfigParameter> ByName;

    static ConfigTable()
    {
        All = [.. Acting(), .. MemoryParameters.All, .. DiagnosticParameters.All, .. ReplicationSettings.All, .. MigrationSettings.All, .. Inert()];
        ByName = All.ToDictionary(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase);
    }

    public static IReadOnlyList<ConfigParameter> All { get; }

    public static ConfigParameter? Find(string name) => ByName.GetValueOrDefault(name);

    private static ConfigParameter[] Acting() =>
    [
        ConfigParameter.Integer("maxclients", 1, 4294967295, s => s.MaxClients, (s, v) => s.MaxClients = (int)Math.Min(v, int.MaxValue)),
        ConfigParameter.Integer("timeout", 0, int.MaxValue, s => s.IdleTimeoutSeconds, (s, v) => s.IdleTimeoutSeconds = (int)v),
        ConfigParameter.Integer("tcp-keepalive", 0, int.MaxValue, s => s.TcpKeepAliveSeconds, (s, v) => s.TcpKeepAliveSeconds = (int)v),
        Memory("proto-max-bulk-len", 1024 * 1024, long.MaxValue, s => s.Limits.MaxBulk, (s, v) => s.Limits = s.Limits with { MaxBulk = v }),
        Memory("client-query-buffer-limit", 1024 * 1024, long.MaxValue, s => s.Limits.MaxQueryBuffer, (s, v) => s.Limits = s.Limits with { MaxQueryBuffer = v }),
        new("client-output-buffer-limit", server => OutputLimits.Show(server.Settings), (_, value) => OutputLimits.Problem(value), (server, value) => OutputLimits.Apply(server.Settings, value)),
        YesNo("cluster-require-full-coverage", s => s.RequireFullCoverage, (server, value) =>
        {
            server.Settings.RequireFullCoverage = value;
            server.Refresh();
        }),
        YesNo("cluster-allow-reads-when-down", s => s.AllowReadsWhenDown, (server, value) => server.Settings.AllowReadsWhenDown = value),
        new(
            "save",
            server => SavePoint.Show(server.Settings.SavePoints),
            (_, value) => SavePoint.Parse(value) is null ? "Invalid save parameters" : null,
            (server, value) => server.Settings.SavePoints = SavePoint.Parse(value)!),
        ConfigParameter.Integer("auto-aof-rewrite-percentage", 0, int.MaxValue, s => s.LogRewritePercentage, (s, v) => s.LogRewritePercentage = (int)v),
        Memory("auto-aof-rewrite-min-size", 0, long.MaxValue, s => s.LogRewriteMinBytes, (s, v) => s.LogRewriteMinBytes = v),
        new(
            "appendfsync",
            server => SyncPolicies.NameOf(server.Storage?.Log.Policy ?? SyncPolicy.EverySecond),
            (_, value) => SyncPolicies.Parse(value) is null ? "argument(s) must be one of the following: everysec, always, no" : null,
            (server, value) => SetSyncPolicy(server, SyncPolicies.Parse(value)!.Value)),
        new(
            "repl-backlog-size",
            server => server.Settings.ReplicationBacklogBytes.ToString(CultureInfo.InvariantCulture),
            (_, value) => MemoryText.TryParse(value) switch
            {
                null => "argument must be a memory value",
                < 1 => "argument must be between 1 and 9223372036854775807 inclusive",
                _ => null,
            },
            (server, value) => SetBacklog(server, MemoryText.TryParse(value)!.Value)),
        Fixed("appendonly", server => server.Storage is { Log.IsWritten: true } ? "yes" : "no"),
        Fixed("dbfilename", _ => "dump.rdb"),
        Text("requirepass", s => s.Password, (s, v) => s.Password = v),
        Fixed("bind", server => server.Settings.Bind),
        Fixed("port", server => server.Settings.Port.ToString(CultureInfo.InvariantCulture)),
        Fixed("dir", server => server.Settings.Directory),
        Fixed("cluster-enabled", _ => "yes"),
        Fixed("databases", _ => "1"),
        Fixed("io-threads", _ => "1"),
        Fixed("daemonize", _ => "no"),
        Fixed("tls-port", _ => "0"),
    ];

    private static void SetSyncPolicy(KeyValueServer server, SyncPolicy policy)
    {
        if (server.Storage is { } storage)
        {
            storage.Log.Policy = policy;
        }
    }

    /// <summary>Less than 16 KiB is 16 KiB, as in Redis.</summary>
    private static void SetBacklog(KeyValueServer server, long bytes)
    {
        bytes = Math.Max(bytes, 16 * 1024);
        server.Settings.ReplicationBacklogBytes = bytes;
        if (server.Storage is { } storage)
        {
            storage.Log.BacklogLimit = bytes;
        }
    }

    private static ConfigParameter[] Inert() =>
    [
        InertYesNo("no-appendfsync-on-rewrite", "no"),
        InertInteger("hz", 10, 1, 500),
        InertInteger("cluster-node-timeout", 15000, 0),
        ConfigParameter.Inert("cluster-announce-ip", ""),
        ConfigParameter.Inert("cluster-announce-hostname", ""),
        InertOneOf("cluster-preferred-endpoint-type", "ip", "ip", "hostname", "unknown-endpoint"),
        InertOneOf("loglevel", "notice", "debug", "verbose", "notice", "warning"),
        ConfigParameter.Inert("notify-keyspace-events", ""),
        InertYesNo("activedefrag", "no"),
        InertYesNo("lazyfree-lazy-expire", "no"),
        InertYesNo("lazyfree-lazy-eviction", "no"),
        InertYesNo("lazyfree-lazy-server-del", "no"),
        InertYesNo("lazyfree-lazy-user-del", "no"),
        InertYesNo("lazyfree-lazy-user-flush", "no"),
        InertInteger("hash-max-listpack-entries", 512, 0),
        InertInteger("hash-max-listpack-value", 64, 0),
        InertInteger("hash-max-ziplist-entries", 512, 0),
        InertInteger("hash-max-ziplist-value", 64, 0),
        InertInteger("list-max-listpack-size", -2),
        InertInteger("list-compress-depth", 0, 0),
        InertInteger("set-max-intset-entries", 512, 0),
        InertInteger("zset-max-listpack-entries", 128, 0),
        InertInteger("zset-max-listpack-value", 64, 0),
        InertInteger("stream-node-max-entries", 100, 0),
        InertInteger("busy-reply-threshold", 5000, 0),
        InertInteger("tracking-table-max-keys", 1000000, 0),
    ];
}

using Trefoil.KeyValue.Store;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Server;

/// <summary>What CONFIG SET can change and code acts on. Single values, each read where it is used; written by the I/O thread.</summary>
public sealed class ServerSettings
{
    /// <summary>Clients at a time (1..1 000 000); one more is told so and closed.</summary>
    public int MaxClients { get; set; } = 10_000;

    /// <summary>Seconds without a command after which a client is closed; 0: never.</summary>
    public int IdleTimeoutSeconds { get; set; }

    /// <summary>Seconds between TCP keep-alive probes; 0: none. For connections accepted afterwards.</summary>
    public int TcpKeepAliveSeconds { get; set; } = 300;

    /// <summary>Parser limits (proto-max-bulk-len, client-query-buffer-limit).</summary>
    public RespLimits Limits { get; set; } = new();

    /// <summary>Replies that a normal client has not read.</summary>
    public OutputLimit NormalOutput { get; set; } = new(0, 0, 0);

    /// <summary>As <see cref="NormalOutput"/>, for clients that subscribe.</summary>
    public OutputLimit PubSubOutput { get; set; } = new(32L << 20, 8L << 20, 60);

    /// <summary>As <see cref="NormalOutput"/>, for replicas.</summary>
    public OutputLimit ReplicaOutput { get; set; } = new(256L << 20, 64L << 20, 60);

    /// <summary>When snapshots are taken by themselves (save).</summary>
    public IReadOnlyList<Persistence.SavePoint> SavePoints { get; set; } = Persistence.SavePoint.Default;

    /// <summary>Percent of the last snapshot's size that the log grows to before it is rewritten; 0: never (auto-aof-rewrite-percentage).</summary>
    public int LogRewritePercentage { get; set; } = 100;

    /// <summary>Bytes below which the log is left alone (auto-aof-rewrite-min-size).</summary>
    public long LogRewriteMinBytes { get; set; } = 64L << 20;

    /// <summary>Bytes of the newest records that are kept in memory for replicas that were away for a moment (repl-backlog-size).</summary>
    public long ReplicationBacklogBytes { get; set; } = 64L << 20;

    /// <summary>Any unassigned or failed slot stops the whole node (cluster-require-full-coverage).</summary>
    public bool RequireFullCoverage { get; set; } = true;

    /// <summary>Reads of own slots go on while the cluster is down (cluster-allow-reads-when-down).</summary>
    public bool AllowReadsWhenDown { get; set; }

    /// <summary>A write is refused while fewer good replicas than this copy it; 0: never (min-replicas-to-write).</summary>
    public int MinReplicasToWrite { get; set; }

    /// <summary>Seconds of silence up to which a replica is good; 0: the check is off (min-replicas-max-lag).</summary>
    public int MinReplicasMaxLag { get; set; } = 10;

    /// <summary>A replica answers reads while it does not hear its primary (replica-serve-stale-data).</summary>
    public bool ServesStaleData { get; set; } = true;

    /// <summary>Bytes that keys, values and buffers may take; 0: no limit.</summary>
    public long MaxMemory { get; set; }

    /// <summary>Which keys go when that is reached.</summary>
    internal EvictionPolicy MaxMemoryPolicy { get; set; }

    /// <summary>Keys looked at for each that goes (maxmemory-samples).</summary>
    public int MaxMemorySamples { get; set; } = 5;

    /// <summary>How long one command may be held up by evictions: 10 means half a millisecond, 100 for as long as it takes (maxmemory-eviction-tenacity).</summary>
    public int EvictionTenacity { get; set; } = 10;

    /// <summary>What INFO latencystats shows of each command (latency-tracking-info-percentiles).</summary>
    internal IReadOnlyList<double> LatencyPercentiles { get; set; } = [50, 99, 99.9];

    /// <summary>The default user's password (requirepass); empty: none is asked for.</summary>
    public string Password { get; set; } = "";

    /// <summary>Address bound, for CONFIG GET and INFO.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>Port bound, for CONFIG GET and INFO.</summary>
    public int Port { get; set; } = 6379;

    /// <summary>Directory shown by CONFIG GET dir.</summary>
    public string Directory { get; init; } = "";

    /// <summary>Names of the parameters that CONFIG SET changed, now or before a CONFIG REWRITE that was read at the start.</summary>
    internal SortedSet<string> Changed { get; } = new(StringComparer.Ordinal);

    /// <summary>Accepted and kept, acted on by nothing yet: what CONFIG GET shows is what CONFIG SET was given.</summary>
    internal SortedDictionary<string, string> Inert { get; } = new(StringComparer.Ordinal);
}

/// <summary>How much unread output closes a client: more than <paramref name="Hard"/> bytes at once, or more than <paramref name="Soft"/> for <paramref name="SoftSeconds"/>; 0: no limit.</summary>
public readonly record struct OutputLimit(long Hard, long Soft, int SoftSeconds);

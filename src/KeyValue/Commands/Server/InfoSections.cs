using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Trefoil.KeyValue.Commands.Session;
using Trefoil.KeyValue.PubSub;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>What each section of INFO says.</summary>
internal static class InfoSections
{
    public static void Server(InfoText text, KeyValueServer server)
    {
        var uptime = (server.NowMs - server.StartedMs) / 1000;
        text.Add("redis_version", ConnectionCommands.RedisVersion);
        text.Add("trefoil_version", typeof(InfoSections).Assembly.GetName().Version?.ToString(3) ?? "");
        text.Add("redis_mode", "cluster");
        text.Add("os", RuntimeInformation.OSDescription);
        text.Add("arch_bits", IntPtr.Size * 8);
        text.Add("multiplexing_api", server.Transport);
        text.Add("process_id", Environment.ProcessId);
        text.Add("run_id", server.RunId);
        text.Add("tcp_port", server.Settings.Port);
        text.Add("server_time_usec", server.NowMs * 1000);
        text.Add("uptime_in_seconds", uptime);
        text.Add("uptime_in_days", uptime / 86400);
        text.Add("hz", 10);
        text.Add("configured_hz", 10);
        text.Add("executable", Environment.ProcessPath ?? "");
        text.Add("config_file", "");
        text.Add("io_threads_active", 0);
    }

    public static void Clients(InfoText text, KeyValueServer server)
    {
        var clients = server.Clients.All;
        text.Add("connected_clients", clients.Count);
        text.Add("cluster_connections", server.Cluster.Statistics.Links.Count);
        text.Add("maxclients", server.Settings.MaxClients);
        text.Add("client_recent_max_input_buffer", clients.Count == 0 ? 0 : clients.Max(client => client.QueryCapacity));
        text.Add("client_recent_max_output_buffer", clients.Count == 0 ? 0 : clients.Max(client => client.Output.Length));
        text.Add("blocked_clients", clients.Count(client => client.Waiting));
        text.Add("tracking_clients", 0);
        text.Add("clients_in_timeout_table", server.Blocked.WithTimeout);
    }

    public static void Memory(InfoText text, KeyValueServer server)
    {
        var memory = GC.GetGCMemoryInfo();
        var used = server.Memory.Used;
        var peak = Math.Max(server.Memory.Peak, used);
        var dataset = server.Store.Bytes;
        text.AddSize("used_memory", used);
        text.AddSize("used_memory_rss", Environment.WorkingSet);
        text.AddSize("used_memory_peak", peak);
        text.Add("used_memory_peak_perc", Percent(used, peak));
        text.Add("used_memory_overhead", Math.Max(0, used - dataset));
        text.Add("used_memory_startup", 0);
        text.Add("used_memory_dataset", dataset);
        text.Add("used_memory_dataset_perc", Percent(dataset, used));
        text.Add("allocator_allocated", memory.HeapSizeBytes);
        text.Add("allocator_active", memory.TotalCommittedBytes);
        text.Add("allocator_resident", memory.TotalCommittedBytes);
        text.AddSize("gc_heap", GC.GetTotalMemory(false));
        text.AddSize("total_system_memory", memory.TotalAvailableMemoryBytes);
        text.AddSize("maxmemory", server.Settings.MaxMemory);
        text.Add("maxmemory_policy", EvictionPolicies.NameOf(server.Settings.MaxMemoryPolicy));
        text.Add("mem_fragmentation_ratio", (Environment.WorkingSet / (double)Math.Max(1, used)).ToString("F2", CultureInfo.InvariantCulture));
        text.Add("mem_fragmentation_bytes", Environment.WorkingSet - used);
        text.Add("mem_not_counted_for_evict", 0);
        text.Add("mem_clients_normal", server.Clients.All.Sum(client => (long)client.QueryCapacity + client.Output.Capacity));
        text.Add("mem_allocator", "dotnet-" + Environment.Version);
        text.Add("active_defrag_running", 0);
        text.Add("lazyfree_pending_objects", 0);
    }

    public static void Statistics(InfoText text, KeyValueServer server)
    {
        var statistics = server.Statistics;
        text.Add("total_connections_received", statistics.Connections);
        text.Add("total_commands_processed", statistics.Commands);
        text.Add("instantaneous_ops_per_sec", statistics.CommandsPerSecond);
        text.Add("total_net_input_bytes", statistics.InputBytes);
        text.Add("total_net_output_bytes", statistics.OutputBytes);
        text.Add("instantaneous_input_kbps", statistics.InputPerSecond.ToString("F2", CultureInfo.InvariantCulture));
        text.Add("instantaneous_output_kbps", statistics.OutputPerSecond.ToString("F2", CultureInfo.InvariantCulture));
        text.Add("rejected_connections", statistics.RejectedConnections);
        text.Add("expired_keys", server.Store.ExpiredCount);
        text.Add("evicted_keys", server.Store.EvictedCount);
        text.Add("evicted_clients", 0);
        text.Add("total_eviction_exceeded_time", server.Memory.ExceededMs + server.Memory.ExceededForMs);
        text.Add("current_eviction_exceeded_time", server.Memory.ExceededForMs);
        text.Add("keyspace_hits", server.Store.Hits);
        text.Add("keyspace_misses", server.Store.Misses);
        text.Add("pubsub_channels", server.PubSub.Count(SubscriptionKind.Channel));
        text.Add("pubsub_patterns", server.PubSub.Count(SubscriptionKind.Pattern));
        text.Add("pubsubshard_channels", server.PubSub.Count(SubscriptionKind.Shard));
        text.Add("cluster_publishes_dropped", statistics.DroppedPublishes);
        text.Add("tracking_total_keys", 0);
        text.Add("unexpected_error_replies", statistics.Faults);
        text.Add("total_error_replies", statistics.ErrorReplies);
        text.Add("total_reads_processed", statistics.ReadsProcessed);
        text.Add("total_writes_processed", statistics.WritesProcessed);
        text.Add("client_query_buffer_limit_disconnections", statistics.QueryBufferLimitDisconnections);
        text.Add("client_output_buffer_limit_disconnections", statistics.OutputLimitDisconnections);
    }

    public static void Cpu(InfoText text, KeyValueServer server)
    {
        using var process = Process.GetCurrentProcess();
        text.Add("used_cpu_sys", Seconds(process.PrivilegedProcessorTime));
        text.Add("used_cpu_user", Seconds(process.UserProcessorTime));
        text.Add("used_cpu_sys_children", Seconds(TimeSpan.Zero));
        text.Add("used_cpu_user_children", Seconds(TimeSpan.Zero));
    }

    public static void Modules(InfoText text, KeyValueServer server)
    {
    }

    public static void Commands(InfoText text, KeyValueServer server)
    {
        foreach (var spec in server.Table.All)
        {
            var statistics = spec.Statistics;
            if (statistics.Calls + statistics.Rejected + statistics.Failed == 0)
            {
                continue;
            }

            var micros = statistics.Ticks * 1_000_000 / server.Time.TimestampFrequency;
            var each = statistics.Calls == 0 ? 0 : micros / (double)statistics.Calls;
            text.Add($"cmdstat_{spec.Name}", string.Create(
                CultureInfo.InvariantCulture,
                $"calls={statistics.Calls},usec={micros},usec_per_call={each:F2},rejected_calls={statistics.Rejected},failed_calls={statistics.Failed}"));
        }
    }

    public static void Errors(InfoText text, KeyValueServer server)
    {
        foreach (var (code, count) in server.Statistics.Errors)
        {
            text.Add($"errorstat_{code}", $"count={count}");
        }
    }

    public static void Latencies(InfoText text, KeyValueServer server)
    {
        foreach (var spec in server.Table.All)
        {
            if (spec.Statistics.Latencies is { Total: > 0 } latencies)
            {
                text.Add($"latency_percentiles_usec_{spec.Name}", string.Join(',', server.Settings.LatencyPercentiles.Select(
                    percentile => string.Create(CultureInfo.InvariantCulture, $"p{DiagnosticParameters.Show(percentile)}={latencies.Percentile(percentile) / 1000.0:F3}"))));
            }
        }
    }

    public static void Cluster(InfoText text, KeyValueServer server)
    {
        text.Add("cluster_enabled", 1);
        if (server.Cluster.Topology.Find(server.Cluster.Self) is { Zone: { Length: > 0 } zone })
        {
            text.Add("cluster_zone", zone);
        }
    }

    /// <summary>Where consensus stands; a static cluster has none.</summary>
    public static void Raft(InfoText text, KeyValueServer server)
    {
        foreach (var (name, value) in server.Cluster.Consensus)
        {
            text.Add(name, value);
        }

        text.Add("topology_version", server.Cluster.Topology.Version);
    }

    public static void Keyspace(InfoText text, KeyValueServer server)
    {
        if (server.Store.Count > 0)
        {
            text.Add("db0", $"keys={server.Store.Count},expires={server.Store.ExpiringCount},avg_ttl=0");
        }
    }

    private static string Percent(long part, long whole) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / Math.Max(1, whole):F2}%");

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture);
}

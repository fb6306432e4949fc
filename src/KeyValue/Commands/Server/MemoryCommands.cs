using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Commands.Session;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>MEMORY: what keys and the server take.</summary>
internal static class MemoryCommands
{
    private const string Database = "db.0";

    /// <summary>Bytes below which advice about memory would be about nothing.</summary>
    private const long TooLittle = 5 << 20;

    private static readonly string[] Help =
    [
        "MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DOCTOR", "    Return memory problems reports.",
        "MALLOC-STATS", "    Return internal statistics report from the memory allocator.",
        "PURGE", "    Attempt to purge dirty pages for reclamation by the allocator.",
        "STATS", "    Return information about the memory usage of the server.",
        "USAGE <key> [SAMPLES <count>]", "    Return memory in bytes used by <key> and its value. Nested values are",
        "    sampled up to <count> times (default: 5, 0 means sample all).",
        "HELP", "    Prints this help.",
    ];

    public static IEnumerable<CommandBinding> Bindings =>
    [
        new("memory|doctor", context => context.Reply.Verbatim("txt", Doctor(context.Server))),
        new("memory|malloc-stats", context => context.Reply.Verbatim("txt", CollectorReport())),
        new("memory|purge", context => context.Defer(PurgeAsync())),
        new("memory|stats", Stats),
        new("memory|usage", Usage),
        new("memory|help", context => HelpText.Write(context, Help)),
    ];

    /// <summary>What the key takes is accounted, so nothing has to be sampled; the option is checked.</summary>
    private static void Usage(CommandContext context)
    {
        for (var i = 3; i < context.Count; i += 2)
        {
            if (!context.Is(i, "SAMPLES"u8) || i + 1 == context.Count)
            {
                context.SyntaxError();
                return;
            }

            if (!context.TryInteger(i + 1, out var samples))
            {
                return;
            }

            if (samples < 0)
            {
                context.SyntaxError();
                return;
            }
        }

        var bytes = context.Store.Table(context.Slot).BytesOf(context[2], context.NowMs);
        if (bytes == 0)
        {
            context.Reply.Null();
        }
        else
        {
            context.Reply.Integer(bytes);
        }
    }

    private static void Stats(CommandContext context)
    {
        var (server, reply) = (context.Server, context.Reply);
        var collector = GC.GetGCMemoryInfo();
        var (used, dataset, keys) = (server.Memory.Used, server.Store.Bytes, server.Store.TotalCount);
        var (peak, resident) = (Math.Max(used, server.Memory.Peak), Environment.WorkingSet);
        var live = GC.GetTotalMemory(false);
        (string Name, double Value, bool IsWhole)[] fields =
        [
            ("peak.allocated", peak, true), ("total.allocated", used, true), ("startup.allocated", server.Store.OverheadBytes, true),
            ("replication.backlog", 0, true), ("clients.slaves", 0, true), ("clients.normal", server.Memory.BufferBytes, true),
            ("cluster.links", 0, true), ("aof.buffer", server.Store.Log?.WaitingBytes ?? 0, true), ("lua.caches", 0, true),
            ("functions.caches", 0, true), (Database, 0, true), ("overhead.total", used - dataset, true), ("keys.count", keys, true),
            ("keys.bytes-per-key", keys == 0 ? 0 : dataset / keys, true), ("dataset.bytes", dataset, true),
            ("dataset.percentage", Percent(dataset, used), false), ("peak.percentage", Percent(used, peak), false),
            ("allocator.allocated", live, true), ("allocator.active", collector.HeapSizeBytes, true),
            ("allocator.resident", collector.TotalCommittedBytes, true),
            ("allocator-fragmentation.ratio", Ratio(collector.HeapSizeBytes, live), false),
            ("allocator-fragmentation.bytes", collector.HeapSizeBytes - live, true),
            ("allocator-rss.ratio", Ratio(collector.TotalCommittedBytes, collector.HeapSizeBytes), false),
            ("allocator-rss.bytes", collector.TotalCommittedBytes - collector.HeapSizeBytes, true),
            ("rss-overhead.ratio", Ratio(resident, collector.TotalCommittedBytes), false),
            ("rss-overhead.bytes", resident - collector.TotalCommittedBytes, true),
            ("fragmentation", Ratio(resident, used), false), ("fragmentation.bytes", resident - used, true),
        ];
        reply.Map(keys == 0 ? fields.Length - 1 : fields.Length);
        foreach (var (name, value, isWhole) in fields)
        {
            if (name == Database && keys == 0)
            {
                continue;
            }

            reply.Bulk(name);
            if (name == Database)
            {
                DatabaseStats(server, reply);
            }
            else if (isWhole)
            {
                reply.Integer((long)value);
            }
            else
            {
                reply.Double(value);
            }
        }
    }

    /// <summary>Our indexes are parts of the slots' tables: an index position per key, a queue place per expiry, the tables themselves.</summary>
    private static void DatabaseStats(KeyValueServer server, RespWriter reply)
    {
        reply.Map(3);
        reply.Bulk("overhead.hashtable.main"u8);
        reply.Integer(server.Store.TotalCount * HashPage.PositionSize);
        reply.Bulk("overhead.hashtable.expires"u8);
        reply.Integer(server.Store.ExpiringCount * ExpiryQueue.PlaceSize);
        reply.Bulk("overhead.hashtable.slot-to-keys"u8);
        reply.Integer(server.Store.OverheadBytes);
    }

    private static string Doctor(KeyValueServer server)
    {
        var (used, resident) = (server.Memory.Used, Environment.WorkingSet);
        if (used < TooLittle)
        {
            return "Keys and buffers take less than 5 MB: there is nothing to say about memory yet.\n";
        }

        var advice = new List<string>();
        if (Ratio(server.Memory.Peak, used) > 1.5)
        {
            advice.Add("The peak was more than half above what is used now: the process keeps room from then. MEMORY PURGE gives it back.");
        }

        if (Ratio(resident, used) > 2 && resident - used > 256 << 20)
        {
            advice.Add("The process takes more than twice what is accounted: holes and garbage. MEMORY PURGE compacts; a lasting difference is the "
                + "collector's room, which maxmemory bounds.");
        }

        if (server.Memory.BufferBytes > used / 4)
        {
            advice.Add("Buffers of clients take more than a quarter: CLIENT LIST shows whose (qbuf, omem).");
        }

        if (server.Memory.ExceededForMs > 1000)
        {
            advice.Add("maxmemory has been exceeded for more than a second: nothing can be evicted, or not fast enough.");
        }

        return advice.Count == 0 ? "Memory is as it should be.\n" : string.Concat(advice.Select(line => $"- {line}\n"));
    }

    private static string CollectorReport()
    {
        var memory = GC.GetGCMemoryInfo();
        var text = new StringBuilder();
        void Add(string name, object value) => text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
        Add("allocator", ".NET " + Environment.Version);
        Add("heap_bytes", memory.HeapSizeBytes);
        Add("committed_bytes", memory.TotalCommittedBytes);
        Add("fragmented_bytes", memory.FragmentedBytes);
        Add("limit_bytes", memory.TotalAvailableMemoryBytes);
        Add("allocated_bytes_ever", GC.GetTotalAllocatedBytes());
        Add("pause_seconds_ever", GC.GetTotalPauseDuration().TotalSeconds);
        for (var generation = 0; generation < memory.GenerationInfo.Length; generation++)
        {
            var size = memory.GenerationInfo[generation];
            Add($"generation_{generation}", string.Create(
                CultureInfo.InvariantCulture, $"bytes={size.SizeAfterBytes},fragmented={size.FragmentationAfterBytes}"));
        }

        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            Add($"collections_{generation}", GC.CollectionCount(generation));
        }

        return text.ToString();
    }

    /// <summary>A full, compacting collection that gives pages back; it stops every thread, whoever asks for it.</summary>
    private static async ValueTask<Action<RespWriter>> PurgeAsync()
    {
        await Task.Run(() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));
        return reply => reply.Ok();
    }

    private static double Percent(long part, long whole) => 100.0 * part / Math.Max(1, whole);

    private static double Ratio(long one, long other) => one / (double)Math.Max(1, other);
}

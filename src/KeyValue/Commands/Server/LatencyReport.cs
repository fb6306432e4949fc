using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Diagnostics;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>What LATENCY GRAPH and DOCTOR draw and say.</summary>
internal static class LatencyReport
{
    private const int Rows = 4;
    private const string Levels = "_o#";

    /// <summary>A column per sample, the time since then written downwards below it.</summary>
    public static string Graph(string name, LatencySeries series, long nowSeconds)
    {
        var samples = series.Samples;
        var (low, high) = (samples.Min(sample => sample.Milliseconds), samples.Max(sample => sample.Milliseconds));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{name} - high {high} ms, low {low} ms (all time high {series.Worst} ms)\n");
        text.Append('-', 80).Append('\n');
        var steps = Rows * Levels.Length;
        for (var row = Rows - 1; row >= 0; row--)
        {
            foreach (var sample in samples)
            {
                var height = high == low ? 0 : (int)((sample.Milliseconds - low) * (steps - 1) / (high - low));
                text.Append(height / Levels.Length < row ? ' ' : height / Levels.Length > row ? '|' : Levels[height % Levels.Length]);
            }

            text.Append('\n');
        }

        var labels = samples.Select(sample => Ago(nowSeconds - sample.AtSeconds)).ToList();
        text.Append('\n');
        for (var line = 0; line < labels.Max(label => label.Length); line++)
        {
            foreach (var label in labels)
            {
                text.Append(line < label.Length ? label[line] : ' ');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    public static string Doctor(KeyValueServer server)
    {
        var all = server.Latency.All();
        if (server.Latency.ThresholdMs == 0 && all.Count == 0)
        {
            return "Latency monitoring is off. CONFIG SET latency-monitor-threshold <milliseconds> turns it on: what takes at least so long is noted.\n";
        }

        if (all.Count == 0)
        {
            return $"Nothing took {server.Latency.ThresholdMs} ms or more since the start or the last LATENCY RESET.\n";
        }

        var text = new StringBuilder("What took long:\n\n");
        foreach (var (name, series) in all)
        {
            var mean = series.Samples.Average(sample => sample.Milliseconds);
            var deviation = series.Samples.Average(sample => Math.Abs(sample.Milliseconds - mean));
            text.Append(CultureInfo.InvariantCulture, $"{name}: {series.Samples.Count} latency spikes (average {mean:F0}ms, mean deviation {deviation:F0}ms). ");
            text.Append(CultureInfo.InvariantCulture, $"Worst all time event {series.Worst}ms.\n");
        }

        text.Append("\nWhat to look at:\n\n");
        foreach (var advice in Advice(server, [.. all.Select(pair => pair.Key)]))
        {
            text.Append("- ").Append(advice).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<string> Advice(KeyValueServer server, HashSet<string> names)
    {
        if (names.Contains(LatencyMonitor.Command))
        {
            yield return server.SlowLog.ThresholdMicros < 0
                ? "Commands themselves are slow, and the slow log is off: CONFIG SET slowlog-log-slower-than 1000 would show which."
                : "Commands themselves are slow: SLOWLOG GET shows which.";
        }

        if (names.Contains(LatencyMonitor.FastCommand))
        {
            yield return "Commands that should be fast were slow: look for other load on the machine, and at the collector's pauses (INFO memory, gc_).";
        }

        if (names.Contains(LatencyMonitor.ExpireCycle))
        {
            yield return "Very many keys expire at the same moment: spread their times.";
        }

        if (names.Contains(LatencyMonitor.EvictionCycle))
        {
            yield return "Eviction cannot keep up with writes: a higher maxmemory, or fewer or smaller writes.";
        }
    }

    private static string Ago(long seconds) => seconds switch
    {
        < 60 => $"{seconds}s",
        < 3600 => $"{seconds / 60}m",
        < 86_400 => $"{seconds / 3600}h",
        _ => $"{seconds / 86_400}d",
    };
}

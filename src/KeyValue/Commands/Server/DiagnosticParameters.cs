using System.Globalization;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>CONFIG parameters about what is noted of slow commands.</summary>
internal static class DiagnosticParameters
{
    public static IEnumerable<ConfigParameter> All =>
    [
        Limit("slowlog-log-slower-than", -1, server => server.SlowLog.ThresholdMicros, (server, value) => server.SlowLog.ThresholdMicros = value),
        Limit("slowlog-max-len", 0, server => server.SlowLog.MaxLength, (server, value) => server.SlowLog.MaxLength = value),
        Limit("latency-monitor-threshold", 0, server => server.Latency.ThresholdMs, (server, value) => server.Latency.ThresholdMs = value),
        ConfigParameter.YesNo("latency-tracking", _ => false, (server, value) => server.Statistics.TracksLatency = value) with
        {
            Get = server => server.Statistics.TracksLatency ? "yes" : "no",
        },
        new(
            "latency-tracking-info-percentiles",
            server => string.Join(' ', server.Settings.LatencyPercentiles.Select(Show)),
            (_, value) => Parse(value) is null ? "The latency-tracking-info-percentiles configuration is invalid: percentiles must be in the range [0,100]" : null,
            (server, value) => server.Settings.LatencyPercentiles = Parse(value)!),
    ];

    /// <summary>As CONFIG and INFO show a percentile.</summary>
    public static string Show(double percentile) => percentile.ToString("0.######", CultureInfo.InvariantCulture);

    private static double[]? Parse(string text)
    {
        var numbers = new List<double>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number is < 0 or > 100)
            {
                return null;
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static ConfigParameter Limit(string name, long min, Func<KeyValueServer, long> get, Action<KeyValueServer, long> set) =>
        ConfigParameter.Integer(name, min, long.MaxValue, _ => 0, (_, _) => { }) with
        {
            Get = server => get(server).ToString(CultureInfo.InvariantCulture),
            Apply = (server, value) =>
            {
                set(server, long.Parse(value, CultureInfo.InvariantCulture));
                server.SlowLimitsChanged();
            },
        };
}

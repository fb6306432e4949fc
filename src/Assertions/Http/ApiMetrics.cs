using System.Globalization;
using System.Text;

namespace Trefoil.Assertions.Http;

/// <summary>What Prometheus reads: text exposition 0.0.4. Names once published stay.</summary>
internal sealed class ApiMetrics
{
    private long _feeds;

    public RequestMetrics Requests { get; } = new();

    /// <summary>Feeds that are open.</summary>
    public ref long Feeds => ref _feeds;

    /// <summary>All metrics; those of the store are absent until it is open.</summary>
    public string Write(AssertionService? service)
    {
        var text = new StringBuilder();
        if (service is not null)
        {
            Single(text, "trefoil_assertions_claims", "gauge", "Assertions that have a body.", service.Counts.Claims);
            Single(text, "trefoil_assertions_records", "gauge", "Records of all kinds.", service.Counts.Records);
            Single(text, "trefoil_assertions_last_arrival", "gauge", "Number of the newest arrival.", (long)service.LastArrival);
            Single(text, "trefoil_assertions_waiting_records", "gauge", "Records that wait for the disk.", service.Pump.WaitingRecords);
            Single(text, "trefoil_assertions_commits_total", "counter", "Commits, each one sync of the log.", service.Pump.Commits);
            Single(text, "trefoil_assertions_refused_posts_total", "counter", "Posts refused because too much was waiting.", service.Pump.Refused);
        }

        Single(text, "trefoil_assertions_feeds", "gauge", "Feeds that are open.", Interlocked.Read(ref _feeds));
        Requests.Write(text);
        return text.ToString();
    }

    private static void Single(StringBuilder text, string name, string type, string help, long value)
    {
        Head(text, name, type, help);
        text.Append(name).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    internal static void Head(StringBuilder text, string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n').Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
}

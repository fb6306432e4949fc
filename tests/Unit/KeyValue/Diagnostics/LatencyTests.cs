using Trefoil.KeyValue.Diagnostics;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.Diagnostics;

public sealed class LatencyTests
{
    /// <summary>Limits as redis-server 7.0.15 prints them.</summary>
    [Fact]
    public void A_histogram_doubles_at_the_limits_that_redis_prints()
    {
        var histogram = new LatencyHistogram();
        long[] limits = [1, 2, 4, 8, 16, 33, 66, 132, 264, 528, 1056, 2113, 4227, 8454, 16908, 33816, 67633, 135266, 270532, 541065];
        for (var i = 0; i < limits.Length; i++)
        {
            histogram.Record(1000L << i);
        }

        Assert.Equal(limits, histogram.Doubling().Select(step => step.Micros));
        Assert.Equal(Enumerable.Range(1, limits.Length).Select(i => (long)i), histogram.Doubling().Select(step => step.Calls));
    }

    /// <summary>Values as redis-server 7.0.15 printed them in INFO latencystats.</summary>
    [Theory]
    [InlineData(3000, 3007)]
    [InlineData(4000, 4015)]
    [InlineData(12_000, 12_031)]
    [InlineData(18_000, 18_047)]
    [InlineData(24_000, 24_063)]
    [InlineData(44_000, 44_031)]
    [InlineData(1_056_000, 1_056_767)]
    [InlineData(50_100_000, 50_331_647)]
    [InlineData(100_100_000, 100_139_007)]
    [InlineData(2_000_000_000, 1_002_438_655)]
    public void A_percentile_is_the_end_of_its_range(long nanoseconds, long end)
    {
        var histogram = new LatencyHistogram();
        histogram.Record(nanoseconds);
        Assert.Equal(end, histogram.Percentile(50));
    }

    [Fact]
    public void Percentiles_cut_where_they_say()
    {
        var histogram = new LatencyHistogram();
        for (var i = 1; i <= 1000; i++)
        {
            histogram.Record(i * 1000);
        }

        Assert.InRange(histogram.Percentile(50), 500_000, 506_000);
        Assert.InRange(histogram.Percentile(99), 990_000, 1_000_000);
        Assert.InRange(histogram.Percentile(100), 1_000_000, 1_010_000);
    }

    [Fact]
    public void The_worst_of_each_second_is_kept_and_the_newest_160()
    {
        var monitor = new LatencyMonitor { ThresholdMs = 5 };
        monitor.Observe("command", 4, 1000);
        Assert.Null(monitor.Find("command"));
        for (var i = 0; i < 200; i++)
        {
            monitor.Observe("command", 10 + i, i * 1000);
            monitor.Observe("command", 5, (i * 1000) + 500);
        }

        var series = monitor.Find("command")!;
        Assert.Equal(160, series.Samples.Count);
        Assert.Equal(new LatencySample(199, 209), series.Samples[^1]);
        Assert.Equal(209, series.Worst);
        Assert.Equal(1, monitor.ForgetAll());
    }

    [Fact]
    public void Calls_are_counted_under_the_name_of_the_command()
    {
        using var session = new RespSession();
        session.Call("SET a 1");
        session.Call("SET a 1");
        Assert.StartsWith("*2\r\n$3\r\nset\r\n*4\r\n$5\r\ncalls\r\n:2\r\n$14\r\nhistogram_usec\r\n*", session.Call("LATENCY HISTOGRAM set"), StringComparison.Ordinal);
        Assert.Contains("latency_percentiles_usec_set:p50=", session.Call("INFO latencystats"), StringComparison.Ordinal);
        session.Call("CONFIG RESETSTAT");
        Assert.Equal("*0\r\n", session.Call("LATENCY HISTOGRAM set"));
        session.Call("CONFIG SET latency-tracking no");
        session.Call("SET a 1");
        Assert.Equal("*0\r\n", session.Call("LATENCY HISTOGRAM set"));
    }

    [Fact]
    public void A_slow_command_is_noted_drawn_and_explained()
    {
        using var session = new RespSession();
        session.Call("CONFIG SET latency-monitor-threshold 1");
        session.Call("DEBUG SLEEP 0.005");
        Assert.StartsWith("*1\r\n*4\r\n$7\r\ncommand\r\n:", session.Call("LATENCY LATEST"), StringComparison.Ordinal);
        Assert.Contains("command - high ", session.Call("LATENCY GRAPH command"), StringComparison.Ordinal);
        Assert.Contains("SLOWLOG GET", session.Call("LATENCY DOCTOR"), StringComparison.Ordinal);
        Assert.Equal(":1\r\n", session.Call("LATENCY RESET command"));
    }
}

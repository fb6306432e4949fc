using Trefoil.Cluster.Failover.Load;
using Xunit;

namespace Trefoil.Cluster.Failover;

/// <summary>What quorum mode promises, whatever was done to the cluster.</summary>
internal static class Judgement
{
    /// <summary>Ends the load and fails the test if anything acknowledged is missing, anybody saw time go back, or a transaction was seen half done.</summary>
    public static async Task NothingIsLostAsync(FailoverLoad load)
    {
        await load.StopAsync();
        var found = load.Verify();
        Print($"{found.Acknowledged} writes acknowledged, {found.Unknown} unknown, lost: {found.Lost}");
        Assert.True(found.Acknowledged > 0, "nothing was acknowledged");
        Assert.Equal("none", found.Lost.ToString());
        Assert.Equal("none", found.Wrong.ToString());
        Assert.Equal("none", load.Regressions.ToString());
        Assert.Equal("none", load.Torn.ToString());
    }

    /// <summary>Ends the load and fails the test if a register did what no register does.</summary>
    public static async Task IsLinearizableAsync(RegisterLoad registers)
    {
        await registers.StopAsync();
        Print($"{registers.Operations} operations on registers");
        Assert.True(registers.Operations > 100, $"only {registers.Operations} operations on registers");
        Assert.Equal("", registers.Check());
    }

    /// <summary>A bound for times, or a looser one while others use the machine, too: then it is mostly them that are measured. What came out is printed anyway.</summary>
    public static TimeSpan Bound(TimeSpan quiet, TimeSpan busy)
    {
        var load = double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        return load > 4 * Environment.ProcessorCount ? busy : quiet;
    }

    public static void Print(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}

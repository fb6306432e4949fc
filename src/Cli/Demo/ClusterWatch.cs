using System.Globalization;
using Trefoil.Cli.Local;

namespace Trefoil.Cli.Demo;

/// <summary>Asks the nodes again and again and prints what changed.</summary>
internal static class ClusterWatch
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until cancelled.</summary>
    public static async Task FollowAsync(LocalCluster cluster, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        ClusterPicture? before = null;
        while (true)
        {
            var answers = await Task.WhenAll(cluster.Nodes.Select(n => NodeView.AskAsync(LocalCluster.RespOf(n), time, cancellation)));
            var now = ClusterPicture.From([.. answers.Select(a => a.View)], before);
            if (before is not null)
            {
                foreach (var change in ClusterChanges.Between(before, now))
                {
                    var clock = time.GetLocalNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
                    await output.WriteLineAsync($"{clock}  {change}");
                }
            }

            before = now;
            await Task.Delay(Period, time, cancellation);
        }
    }
}

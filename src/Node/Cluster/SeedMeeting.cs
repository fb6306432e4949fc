using Microsoft.Extensions.Logging;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Node.Cluster;

/// <summary>While this node is alone, meets one seed after the other: the same as CLUSTER MEET, until one has worked.</summary>
internal sealed class SeedMeeting : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public SeedMeeting(IReadOnlyList<HostPort> seeds, ConsensusClusterSource source, ILogger log, TimeProvider time) =>
        _running = RunAsync(seeds, source, log, time, _stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private static async Task RunAsync(
        IReadOnlyList<HostPort> seeds, ConsensusClusterSource source, ILogger log, TimeProvider time, CancellationToken stop)
    {
        var said = new Dictionary<HostPort, string>();
        try
        {
            for (var turn = 0; source.Topology.Nodes.Count <= 1; turn++)
            {
                var seed = seeds[turn % seeds.Count];
                var result = await source.MeetAsync(seed.Host, seed.Port, stop);
                if (result is CommandResult.Refused refused && said.GetValueOrDefault(seed) != refused.Error)
                {
                    said[seed] = refused.Error;
                    NodeLog.SeedFailed(log, seed.ToString(), refused.Error);
                }

                await Task.Delay(Pause, time, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
    }
}

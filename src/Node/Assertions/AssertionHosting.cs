using System.Net;
using Microsoft.Extensions.Logging;
using Trefoil.Assertions.Http;
using Trefoil.Assertions.Store;
using Trefoil.Node.Configuration;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Storage.Ordered;

namespace Trefoil.Node.Assertions;

/// <summary>The assertion leaf of a node: its store below <c>db/assertions</c> and <c>wal/assertions</c>, its HTTP port.</summary>
internal static class AssertionHosting
{
    private const string Log = "wal/assertions";
    private const string Directory = "db/assertions";

    /// <summary>Starts it, unless it is off; the failure if it must not be.</summary>
    /// <param name="config">Of the node.</param>
    /// <param name="bind">Where every listener binds.</param>
    /// <param name="log">Of the node.</param>
    /// <param name="disk">The data directory.</param>
    /// <param name="self">This node.</param>
    /// <param name="cluster">The cluster as this node sees it.</param>
    /// <param name="time">The wall clock.</param>
    /// <param name="random">For a new log.</param>
    /// <param name="diskFailed">Must end the process.</param>
    /// <param name="stops">What is to be done at the end, last first.</param>
    /// <param name="cancellation">Of the start.</param>
    public static async Task<StartFailure?> StartAsync(
        NodeConfig config, IPAddress bind, ILogger log, IDisk disk, NodeId self, Func<ClusterView> cluster, TimeProvider time, Prng random,
        Action<IOException> diskFailed, Stack<Func<ValueTask>> stops, CancellationToken cancellation)
    {
        if (config.Assertions == false)
        {
            return null;
        }

        // Before the port: whoever only wants keys, on a machine without RocksDB, gets a node without HTTP.
        var opened = RocksStore.Open(Path.Combine(config.DataDir, Directory));
        if (opened is OrderedOpenResult.LibraryMissing missing)
        {
            if (config.Assertions is null)
            {
                NodeLog.AssertionsOff(log, missing.Refusal);
                return null;
            }

            return StartFailure.Configuration($"assertions = true, but: {missing.Refusal}");
        }

        if (opened is not OrderedOpenResult.Opened { Store: var ordered })
        {
            return StartFailure.Failed(((OrderedOpenResult.Refused)opened).Refusal);
        }

        // The port opens before recovery, which /readyz tells of.
        var api = new AssertionApi(cluster, fault => NodeLog.RequestFaulted(log, fault));
        try
        {
            var listener = await AssertionListener.StartAsync(api, new IPEndPoint(bind, config.ApiPort), cancellation);
            stops.Push(listener.DisposeAsync);
        }
        catch (IOException error)
        {
            ordered.Dispose();
            return StartFailure.Failed(
                $"port {config.ApiPort} (api_port) on {config.Bind} cannot be used: {error.Message}; choose another, or start with assertions = false");
        }

        var began = time.GetTimestamp();
        if (ClockFile.Open(disk, self, time, diskFailed, out var refusal) is not { } clock)
        {
            ordered.Dispose();
            return StartFailure.Failed(refusal);
        }

        var store = AssertionStore.Open(disk, Log, ordered, new AssertionStoreOptions { Salt = (uint)random.Next() });
        if (store is not StoreOpenResult.Opened { Store: var recovered, Report: var report })
        {
            ordered.Dispose();
            return StartFailure.Failed(((StoreOpenResult.Refused)store).Refusal);
        }

        var service = new AssertionService(recovered, self, clock.Read, time, diskFailed);
        var listening = stops.Pop();
        stops.Push(() =>
        {
            service.Dispose();
            return ValueTask.CompletedTask;
        });
        stops.Push(listening);
        api.Open(service);
        NodeLog.AssertionsReady(
            log, new HostPort(config.Bind, config.ApiPort).ToString(), service.Counts.Claims, service.Counts.Records,
            (long)time.GetElapsedTime(began).TotalMilliseconds, report.Replayed, report.TornBytes);
        return null;
    }
}

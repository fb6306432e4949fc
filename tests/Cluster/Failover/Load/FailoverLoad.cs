using System.Net.Sockets;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;

namespace Trefoil.Cluster.Failover.Load;

/// <summary>Clients that write and read in every shard until they are stopped, each on a thread of its own, and all they were told.</summary>
internal sealed class FailoverLoad : IDisposable
{
    private static readonly TimeSpan VerificationPatience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _threads = [];
    private readonly List<LoadClient> _clients = [];
    private readonly List<WriterRecord> _writers = [];
    private readonly ClusterMap _map;
    private readonly Func<Socket> _makeSocket;
    private readonly LoadOptions _options;

    /// <summary>Starts the load. The shards are those of the slot map that the first node to answer shows now, in the order of their slots.</summary>
    public FailoverLoad(IReadOnlyList<HostPort> nodes, LoadOptions options, Func<Socket> makeSocket, HostPort? pinned = null)
    {
        (_options, _makeSocket) = (options, makeSocket);
        _map = new ClusterMap(nodes, makeSocket, options);
        _map.Refresh();
        var owners = Enumerable.Range(0, HashSlot.Count).Select(_map.OwnerOf).ToArray();
        var shards = pinned is { } only ? [only] : owners.OfType<HostPort>().Distinct().ToList();
        Shards = [.. shards.Select((_, i) => new ShardHistory(i))];
        for (var shard = 0; shard < shards.Count; shard++)
        {
            Start(Shards[shard], slot => owners[slot] == shards[shard], pinned);
        }
    }

    public FailoverLoad(IFailoverCluster cluster, LoadOptions options)
        : this(cluster.Addresses, options, cluster.MakeSocket)
    {
    }

    public IReadOnlyList<ShardHistory> Shards { get; }

    /// <summary>Reads that showed less than somebody was told before.</summary>
    public Complaints Regressions { get; } = new();

    /// <summary>Transactions of which half was seen.</summary>
    public Complaints Torn { get; } = new();

    /// <summary>A socket of the network that the tests run in.</summary>
    public static Socket Tcp() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Returns once every shard has acknowledged so many writes that were sent after this call.</summary>
    public async Task WritesAsync(int perShard, TimeSpan deadline)
    {
        var since = System.Diagnostics.Stopwatch.GetTimestamp();
        await Eventually.See(
            "the load runs", $"{perShard} acknowledged writes in every shard",
            () => Task.FromResult(string.Join(' ', Shards.Select(s => s.AcknowledgedSince(since)))),
            seen => seen.Split(' ').All(n => int.Parse(n) >= perShard), deadline);
    }

    /// <summary>Ends the load; returns when every client has.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_threads);
    }

    /// <summary>Reads everything back, over whatever nodes serve it now, which may be other than the pinned.</summary>
    public Verification Verify(Func<Socket>? makeSocket = null)
    {
        using var deadline = new CancellationTokenSource(VerificationPatience);
        using var client = new LoadClient(_map, makeSocket ?? _makeSocket, pinned: null, _options with { ReplyTimeout = TimeSpan.FromSeconds(10) }, deadline.Token);
        return Verification.Of(client, _writers);
    }

    public void Dispose()
    {
        _stop.Cancel();
        Task.WaitAll([.. _threads]);
        _clients.ForEach(client => client.Dispose());
        _stop.Dispose();
    }

    private void Start(ShardHistory history, Func<int, bool> isOfShard, HostPort? pinned)
    {
        var records = new List<WriterRecord>();
        for (var i = 0; records.Count < _options.WritersPerShard; i++)
        {
            var tag = $"{_options.Name}{i}";
            var slot = HashSlot.Of(System.Text.Encoding.ASCII.GetBytes(tag));
            if (isOfShard(slot))
            {
                records.Add(new WriterRecord(tag, slot));
            }
        }

        _writers.AddRange(records);
        foreach (var record in records)
        {
            var writer = new Writer(Client(history, pinned), record, history, Regressions, _options);
            Run(writer.Round);
        }

        for (var i = 0; i < _options.ReadersPerShard; i++)
        {
            var reader = new Reader(Client(history, pinned), records, Regressions, Torn, new Random(i));
            Run(reader.Round);
        }
    }

    private LoadClient Client(ShardHistory history, HostPort? pinned)
    {
        var client = new LoadClient(_map, _makeSocket, pinned, _options, _stop.Token) { Failed = history.Fail };
        _clients.Add(client);
        return client;
    }

    private void Run(Action round) => _threads.Add(Task.Factory.StartNew(
        () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                round();
                _stop.Token.WaitHandle.WaitOne(_options.Pause);
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
}

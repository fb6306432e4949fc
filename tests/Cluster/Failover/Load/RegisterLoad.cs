using System.Globalization;
using System.Net.Sockets;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Harness;
using Trefoil.Primitives;
using Trefoil.Simulator.Linearizability;

namespace Trefoil.Cluster.Failover.Load;

/// <summary>Clients that read and write a few registers of one slot, each write a value of its own, and the history of all they were told.</summary>
internal sealed class RegisterLoad : IDisposable
{
    private const int Registers = 4;
    private static readonly TimeSpan SlowestPause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _threads = [];
    private readonly List<LoadClient> _clients = [];
    private readonly Lock _lock = new();
    private readonly List<(string Key, RegisterOperation Operation)> _operations = []; // under _lock
    private readonly ClusterMap _map;
    private readonly string _tag;
    private readonly int _slot;
    private long _value;

    /// <param name="cluster">Whose slots.</param>
    /// <param name="node">Whose shard: the registers lie in a slot that this node serves now.</param>
    public RegisterLoad(IFailoverCluster cluster, int node)
    {
        _map = new ClusterMap(cluster.Addresses, cluster.MakeSocket, new LoadOptions());
        _map.Refresh();
        for (var i = 0; ; i++)
        {
            _tag = $"register{i}";
            _slot = HashSlot.Of(System.Text.Encoding.ASCII.GetBytes(_tag));
            if (_map.OwnerOf(_slot) == cluster.At(node))
            {
                break;
            }
        }
    }

    /// <summary>Who acknowledged writes, and when.</summary>
    public ShardHistory Writes { get; } = new(0);

    /// <summary>Adds clients that use these sockets; if <paramref name="pinned"/>, they know one node only.</summary>
    public void Start(int clients, Func<Socket> makeSocket, HostPort? pinned = null)
    {
        // Clients of different networks must not teach each other a map: what one reaches the other may not.
        var map = pinned is null ? _map : new ClusterMap([pinned.Value], makeSocket, new LoadOptions());
        for (var i = 0; i < clients; i++)
        {
            var number = _clients.Count;
            var client = new LoadClient(map, makeSocket, pinned, new LoadOptions(), _stop.Token) { Failed = Writes.Fail };
            _clients.Add(client);
            _threads.Add(Task.Factory.StartNew(() => Work(client, number), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
    }

    /// <summary>Returns once so many writes that were sent from now on were acknowledged.</summary>
    public Task WritesAsync(int count, TimeSpan deadline)
    {
        var since = System.Diagnostics.Stopwatch.GetTimestamp();
        return Eventually.See(
            "the registers are written", $"{count} acknowledged writes", () => Task.FromResult(Writes.AcknowledgedSince(since)), seen => seen >= count, deadline);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_threads);
    }

    /// <summary>The registers whose history no single register could have; empty if all is well.</summary>
    public string Check()
    {
        lock (_lock)
        {
            return string.Join('\n', RegisterChecker.CheckKeys(_operations, new CheckLimits()).Select(r => $"{r.Key}: {r.Verdict}"));
        }
    }

    public int Operations
    {
        get
        {
            lock (_lock)
            {
                return _operations.Count;
            }
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        Task.WaitAll([.. _threads]);
        _clients.ForEach(client => client.Dispose());
        _stop.Dispose();
    }

    private void Work(LoadClient client, int number)
    {
        var random = new Random(number);
        while (!_stop.IsCancellationRequested)
        {
            var key = $"{{{_tag}}}:{random.Next(Registers)}";
            if (random.Next(2) == 0)
            {
                Write(client, number, key);
            }
            else
            {
                Read(client, number, key);
            }

            _stop.Token.WaitHandle.WaitOne(random.Next((int)SlowestPause.TotalMilliseconds));
        }
    }

    private void Write(LoadClient client, int number, string key)
    {
        var value = Interlocked.Increment(ref _value);
        var answer = client.Execute(_slot, ["SET", key, value.ToString(CultureInfo.InvariantCulture)]);
        if (answer.Outcome == Outcome.Done)
        {
            Writes.Acknowledge(answer);
        }

        if (answer.Outcome != Outcome.NotDone)
        {
            Add(key, new RegisterOperation(number, RegisterAction.Write, null, value, OutcomeOf(answer), answer.Call, answer.Return));
        }
    }

    private void Read(LoadClient client, int number, string key)
    {
        if (client.Execute(_slot, ["GET", key]) is { Outcome: Outcome.Done } answer)
        {
            long? value = answer.Last.Text is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
            Add(key, new RegisterOperation(number, RegisterAction.Read, null, value, RegisterOutcome.Done, answer.Call, answer.Return));
        }
    }

    private void Add(string key, RegisterOperation operation)
    {
        lock (_lock)
        {
            _operations.Add((key, operation));
        }
    }

    private static RegisterOutcome OutcomeOf(Answer answer) => answer.Outcome == Outcome.Done ? RegisterOutcome.Done : RegisterOutcome.Unknown;
}

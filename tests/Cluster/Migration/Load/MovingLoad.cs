using System.Diagnostics;
using System.Globalization;
using Trefoil.Client;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Xunit;

namespace Trefoil.Cluster.Migration.Load;

/// <summary>
/// Clients that read and write the keys of a <see cref="Stock"/> in slots that move, on threads of their own: some any of them, others (probes) one slot
/// each and without a rest, so that the gaps between their replies are the pauses of that slot.
/// </summary>
internal sealed class MovingLoad : IDisposable
{
    private readonly IFailoverCluster _cluster;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _threads = [];
    private readonly List<MovingClient> _any = [];
    private readonly List<Probe> _probes = [];
    private readonly SlotMap _map;
    private readonly TimeSpan _pause;

    /// <summary>Starts the load on the slots of <paramref name="stock"/>.</summary>
    public MovingLoad(IFailoverCluster cluster, Stock stock, int clients, int probes, TimeSpan pause)
    {
        (_cluster, _pause) = (cluster, pause);
        using var asking = LoadConnection.Open(cluster.At(1), cluster.MakeSocket, new LoadOptions());
        _map = SlotMap.Parse(asking!.Call(["CLUSTER", "SLOTS"])![0], cluster.At(1))!;
        for (var i = 0; i < clients; i++)
        {
            var (client, random) = (Client(), new Random(i));
            var mine = new StockClient(client, stock, random, i, clients);
            _any.Add(client);
            Run(mine.Round, _pause);
        }

        for (var i = 0; i < probes; i++)
        {
            var probe = new Probe(Client(), stock.First + (i * (stock.Slots - 1) / Math.Max(1, probes - 1)), i);
            _probes.Add(probe);
            Run(probe.Round, TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Every error a client was shown, and every reply that was wrong.</summary>
    public Complaints Errors { get; } = new();

    public int Done => Tallies.Sum(t => t.Done);

    public int Moved => Tallies.Sum(t => t.Moved);

    public int MostMovedOfASlot => Tallies.Max(t => t.MostMovedOfASlot);

    public int Asked => Tallies.Sum(t => t.Asked);

    public int TriedAgain => Tallies.Sum(t => t.TriedAgain);

    private IEnumerable<MovingTally> Tallies => _any.Select(c => c.Tally).Concat(_probes.Select(p => p.Client.Tally));

    /// <summary>The 99th percentile of requests sent between two ticks of <see cref="Stopwatch"/>, probes left out.</summary>
    public TimeSpan Percentile99(long from, long to)
    {
        var all = _any.SelectMany(c => c.Tally.Latencies(from, to)).Order().ToList();
        return all.Count == 0 ? TimeSpan.Zero : all[(all.Count - 1) * 99 / 100];
    }

    /// <summary>The longest time in which a probed slot answered nothing.</summary>
    public TimeSpan LongestPause(long from, long to) => _probes.Max(p => p.Client.Tally.LongestGap(from, to));

    /// <summary>Returns once so many more requests were answered.</summary>
    public async Task RequestsAsync(int more, TimeSpan deadline)
    {
        var until = Done + more;
        await Harness.Eventually.See("the load runs", $"{until} requests done", () => Task.FromResult(Done), done => done >= until, deadline);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_threads);
    }

    /// <summary>After the end of the load: what of the probes' acknowledged writes is gone or there twice.</summary>
    public void Verify()
    {
        using var client = Client();
        _probes.ForEach(p => p.Verify(client));
        Assert.True(_probes.TrueForAll(p => p.Written > 0), "a probe wrote nothing");
    }

    public void Dispose()
    {
        _stop.Cancel();
        Task.WaitAll([.. _threads]);
        _any.ForEach(c => c.Dispose());
        _probes.ForEach(p => p.Client.Dispose());
        _stop.Dispose();
    }

    private MovingClient Client() => new(_cluster, _map, new MovingTally(Errors), _stop.Token);

    private void Run(Action round, TimeSpan pause) => _threads.Add(Task.Factory.StartNew(
        () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                round();
                _stop.Token.WaitHandle.WaitOne(pause);
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));

    /// <summary>Appends consecutive numbers to a list, and counts: a record that is applied twice or not at all shows.</summary>
    private sealed class Probe(MovingClient client, int slot, int number)
    {
        private readonly string _list = SlotKeys.Of(slot, $"list{number}");
        private readonly string _counter = SlotKeys.Of(slot, $"counter{number}");

        public MovingClient Client => client;

        public int Written { get; private set; }

        public void Round()
        {
            var isList = Written % 2 == 0;
            var text = Written.ToString(CultureInfo.InvariantCulture);
            var reply = isList ? client.Call(slot, "RPUSH", _list, text) : client.Call(slot, "INCR", _counter);
            if (reply is not null && reply.Integer != (Written / 2) + 1)
            {
                client.Tally.Failed($"slot {slot}: {(isList ? "RPUSH" : "INCR")} number {Written / 2} answered {reply.Integer}");
            }

            Written++;
        }

        public void Verify(MovingClient reader)
        {
            var list = reader.Call(slot, "LRANGE", _list, "0", "-1")?.Items?.Select(i => i.Text) ?? [];
            if (!list.SequenceEqual(Enumerable.Range(0, (Written + 1) / 2).Select(i => (2 * i).ToString(CultureInfo.InvariantCulture))))
            {
                client.Tally.Failed($"slot {slot}: the list is not what was appended");
            }
        }
    }
}

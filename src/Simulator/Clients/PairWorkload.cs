using System.Globalization;
using Trefoil.Wire.Resp;

namespace Trefoil.Simulator.Clients;

/// <summary>MULTI, two SETs of one value, EXEC; and MGET: never half of a transaction, and together they are one register.</summary>
internal sealed class PairWorkload(ClientTraffic traffic) : IWorkload
{
    private const int MostOperations = 100;

    private readonly List<Pair> _pairs = [];
    private readonly Pair?[] _current = new Pair?[TestKeys.Slots];
    private Queue<Pair>? _unread;
    private long _values;

    /// <inheritdoc/>
    public int Weight => 2;

    /// <inheritdoc/>
    public void Act(ClusterClient client, Action done)
    {
        var pair = Pick(traffic.PickSlot(client));
        if (client.Random.Chance(0.5))
        {
            Write(client, pair, done);
        }
        else
        {
            Read(client, pair, TimeSpan.FromSeconds(5), done);
        }
    }

    /// <inheritdoc/>
    public bool Finish(ClusterClient client, Action done)
    {
        _unread ??= new Queue<Pair>(_pairs);
        if (!traffic.TryNext(_unread, each => each.History.Slot, out var pair))
        {
            return false;
        }

        Read(client, pair, ClientTraffic.LastPatience, done);
        return true;
    }

    /// <inheritdoc/>
    public void Judge()
    {
        // With FLUSHALL the register of a pair is emptied at times that nobody knows; its halves are compared all the same.
        foreach (var pair in _pairs.Where(_ => traffic is { IsDurable: true, Flushes: false }))
        {
            pair.History.Judge($"the pair {pair.First}", traffic.World.Counts);
        }
    }

    private Pair Pick(int slot)
    {
        ref var current = ref _current[slot];
        if (current is null || current.History.Operations.Count >= MostOperations)
        {
            var generation = (current?.History.Generation ?? -1) + 1;
            var first = TestKeys.Name(slot, "p", 0, generation);
            current = new Pair(first, TestKeys.Name(slot, "p", 1, generation), new RegisterHistory(slot, first, generation));
            _pairs.Add(current);
        }

        return current;
    }

    private void Write(ClusterClient client, Pair pair, Action done)
    {
        var value = ++_values;
        var text = value.ToString(CultureInfo.InvariantCulture);
        pair.History.Tried(value);
        client.Do(
            new ClientRequest(pair.History.Slot, false, [["MULTI"], ["SET", pair.First, text], ["SET", pair.Second, text], ["EXEC"]]),
            TimeSpan.FromSeconds(5),
            answer =>
            {
                if (answer is { Kind: AnswerKind.Done, Reply.Items: null })
                {
                    throw new OracleViolation($"a transaction on {pair.First} was answered {answer.Reply.Text}");
                }

                pair.History.Wrote(client.Index, value, answer);
                traffic.World.Counts.Add(SimulationCounts.Progress.Transactions, answer.Kind == AnswerKind.Done ? 1 : 0);
                done();
            });
    }

    private static void Read(ClusterClient client, Pair pair, TimeSpan patience, Action done) =>
        client.Do(ClientRequest.Read(pair.History.Slot, "MGET", pair.First, pair.Second), patience, answer =>
        {
            ClientTraffic.Require(answer, patience, pair.First);
            if (answer.Kind == AnswerKind.Done)
            {
                pair.Compare(answer.Reply!);
                pair.History.Read(client.Index, answer, answer.Reply!.Items![0]);
            }

            done();
        });
}

/// <summary>Two keys that are only written together.</summary>
internal sealed record Pair(string First, string Second, RegisterHistory History)
{
    /// <summary>Both show the same.</summary>
    public void Compare(RespReply reply)
    {
        if (reply.Items is not [var first, var second] || first.Text != second.Text)
        {
            throw new OracleViolation($"{First} and {Second} were read as {string.Join(" and ", (reply.Items ?? [reply]).Select(each => each.Text ?? "nothing"))}: half of a transaction");
        }
    }
}

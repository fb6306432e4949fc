using System.Globalization;
using Trefoil.Simulator.Linearizability;

namespace Trefoil.Simulator.Clients;

/// <summary>SET of values that nobody sets twice, and GET: each key's history must be that of one register (correctness.md, 2).</summary>
internal sealed class RegisterWorkload(ClientTraffic traffic) : IWorkload
{
    /// <summary>Operations after which clients go on with a new key, so that a check stays short.</summary>
    private const int MostOperations = 150;

    private const int KeysPerSlot = 2;

    /// <summary>How long a FLUSHALL may take to happen.</summary>
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(30);

    private readonly SortedDictionary<string, RegisterHistory> _histories = new(StringComparer.Ordinal);
    private readonly RegisterHistory?[] _current = new RegisterHistory?[TestKeys.Slots * KeysPerSlot];
    private Queue<RegisterHistory>? _unread;
    private long _values;

    /// <inheritdoc/>
    public int Weight => 6;

    /// <summary>What was told of each key so far, by its name.</summary>
    public IEnumerable<KeyValuePair<string, RegisterHistory>> Histories => _histories;

    /// <inheritdoc/>
    public void Act(ClusterClient client, Action done)
    {
        var history = Pick(traffic.PickSlot(client), client.Random.Chance(0.8) ? 0 : 1 + client.Random.Below(KeysPerSlot - 1));
        switch (client.Random.Below(20))
        {
            case < 9:
                Write(client, history, done);
                break;
            case < 18:
                Read(client, history, TimeSpan.FromSeconds(5), _ => done());
                break;
            default:
                ReadCopy(client, history, done);
                break;
        }
    }

    /// <summary>Some node is emptied at some time from now on: each key may be among what it has.</summary>
    public void Flushed()
    {
        foreach (var history in _histories.Values)
        {
            history.Add(Flush());
        }
    }

    /// <inheritdoc/>
    public bool Finish(ClusterClient client, Action done)
    {
        _unread ??= new Queue<RegisterHistory>(_histories.Values);
        if (!traffic.TryNext(_unread, each => each.Slot, out var history))
        {
            return false;
        }

        Read(client, history, ClientTraffic.LastPatience, _ => done());
        return true;
    }

    /// <inheritdoc/>
    public void Judge()
    {
        foreach (var (key, history) in _histories.Where(_ => traffic.IsDurable))
        {
            history.Judge(key, traffic.World.Counts);
        }
    }

    private RegisterHistory Pick(int slot, int number)
    {
        ref var current = ref _current[(slot * KeysPerSlot) + number];
        if (current is null || current.Operations.Count >= MostOperations)
        {
            current = new RegisterHistory(slot, TestKeys.Name(slot, "r", number, (current?.Generation ?? -1) + 1), (current?.Generation ?? -1) + 1);
            _histories.Add(current.Key, current);
            if (traffic.World.Now - traffic.FlushedAt < FlushLimit)
            {
                current.Add(Flush());
            }
        }

        return current;
    }

    private RegisterOperation Flush()
    {
        var at = (traffic.FlushedAt ?? TimeSpan.Zero).Ticks;
        return new RegisterOperation(-1, RegisterAction.Write, null, null, RegisterOutcome.Unknown, at, at);
    }

    private void Write(ClusterClient client, RegisterHistory history, Action done)
    {
        var value = ++_values;
        history.Tried(value);
        client.Do(ClientRequest.Write(history.Slot, "SET", history.Key, value.ToString(CultureInfo.InvariantCulture)), TimeSpan.FromSeconds(5), answer =>
        {
            history.Wrote(client.Index, value, answer);
            traffic.World.Counts.Add(SimulationCounts.Progress.Acknowledged(traffic.Mode), answer.Kind == AnswerKind.Done ? 1 : 0);
            traffic.World.Counts.Add(SimulationCounts.Progress.Unanswered, answer.Kind == AnswerKind.Unknown ? 1 : 0);
            done();
        });
    }

    private void Read(ClusterClient client, RegisterHistory history, TimeSpan patience, Action<bool> done) =>
        client.Do(ClientRequest.Read(history.Slot, "GET", history.Key), patience, answer =>
        {
            ClientTraffic.Require(answer, patience, history.Key);
            if (answer.Kind == AnswerKind.Done)
            {
                history.Read(client.Index, answer, answer.Reply!);
                traffic.World.Counts.Add(SimulationCounts.Progress.ReadsChecked);
            }

            done(answer.Kind == AnswerKind.Done);
        });

    /// <summary>A copy may be late; what it shows somebody has written.</summary>
    private void ReadCopy(ClusterClient client, RegisterHistory history, Action done)
    {
        var node = traffic.World.Nodes[client.Random.Below(traffic.World.Nodes.Count)];
        client.AskReplica(
            node,
            reply =>
            {
                if (reply is { IsError: false })
                {
                    history.CheckWritten(reply);
                    traffic.World.Counts.Add(SimulationCounts.Progress.CopiesRead);
                }

                done();
            },
            "GET", history.Key);
    }
}

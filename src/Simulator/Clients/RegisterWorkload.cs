using System.Globalization;
using Trefoil.Simulator.Linearizability;
using Trefoil.Wire.Resp;

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
        var history = Pick(traffic.PickSlot(client), client.Random.Below(KeysPerSlot));
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
        foreach (var (key, history) in _histories)
        {
            history.Judge(key, traffic);
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
            history.Wrote(client, value, answer);
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
                history.Read(client, answer, answer.Reply!);
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

/// <summary>What clients were told of one register.</summary>
internal sealed class RegisterHistory(int slot, string key, int generation)
{
    /// <summary>Writes without an answer from which on a check may be given up.</summary>
    private const int ManyUnanswered = 20;

    private static readonly CheckLimits Limits = new() { MostSteps = 3_000_000, MostMemory = 64 << 20 };

    private readonly List<RegisterOperation> _operations = [];
    private readonly SortedSet<long> _tried = [];

    public int Slot => slot;

    public string Key => key;

    public int Generation => generation;

    /// <summary>In the order of their answers.</summary>
    public IReadOnlyList<RegisterOperation> Operations => _operations;

    public void Add(RegisterOperation operation) => _operations.Add(operation);

    /// <summary>A client is about to write this.</summary>
    public void Tried(long value) => _tried.Add(value);

    public void Wrote(ClusterClient client, long value, ClientAnswer answer)
    {
        if (answer.Kind == AnswerKind.Done && answer.Reply!.IsError)
        {
            throw new OracleViolation($"a write of {key} was answered {answer.Reply.Text}");
        }

        if (answer.Kind != AnswerKind.NotDone)
        {
            var outcome = answer.Kind == AnswerKind.Done ? RegisterOutcome.Done : RegisterOutcome.Unknown;
            _operations.Add(new RegisterOperation(client.Index, RegisterAction.Write, null, value, outcome, answer.Called.Ticks, answer.Returned.Ticks));
        }
    }

    public void Read(ClusterClient client, ClientAnswer answer, RespReply reply) =>
        _operations.Add(new RegisterOperation(
            client.Index, RegisterAction.Read, null, CheckWritten(reply), RegisterOutcome.Done, answer.Called.Ticks, answer.Returned.Ticks));

    /// <summary>A value that was read is one that somebody has sent.</summary>
    public long? CheckWritten(RespReply reply)
    {
        if (reply.Kind == '_')
        {
            return null;
        }

        return long.TryParse(reply.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && _tried.Contains(value)
            ? value
            : throw new OracleViolation($"{key} was read as {reply.Text}, which nobody wrote to it");
    }

    /// <summary>One register explains all of it.</summary>
    public void Judge(string name, ClientTraffic traffic)
    {
        if (!traffic.IsDurable || _operations.Count == 0)
        {
            return;
        }

        switch (RegisterChecker.Check(_operations, Limits))
        {
            case Verdict.Violation violation:
                throw new OracleViolation($"{name} is {violation}");
            case Verdict.Undecided undecided when _operations.Count(operation => operation.Outcome == RegisterOutcome.Unknown) < ManyUnanswered:
                throw new OracleViolation($"{name} cannot be judged: {undecided.Limit}");
            case Verdict.Undecided:
                traffic.World.Counts.Add(SimulationCounts.Progress.Undecided);
                break;
            default:
                traffic.World.Counts.Add(SimulationCounts.Progress.HistoriesJudged);
                break;
        }
    }
}

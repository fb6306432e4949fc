using System.Globalization;
using Trefoil.Simulator.Linearizability;
using Trefoil.Wire.Resp;

namespace Trefoil.Simulator.Clients;

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

    public void Wrote(int client, long value, ClientAnswer answer)
    {
        if (answer.Kind == AnswerKind.Done && answer.Reply!.IsError)
        {
            throw new OracleViolation($"a write of {key} was answered {answer.Reply.Text}");
        }

        if (answer.Kind != AnswerKind.NotDone)
        {
            var outcome = answer.Kind == AnswerKind.Done ? RegisterOutcome.Done : RegisterOutcome.Unknown;
            _operations.Add(new RegisterOperation(client, RegisterAction.Write, null, value, outcome, answer.Called.Ticks, answer.Returned.Ticks));
        }
    }

    public void Read(int client, ClientAnswer answer, RespReply reply) =>
        _operations.Add(new RegisterOperation(
            client, RegisterAction.Read, null, CheckWritten(reply), RegisterOutcome.Done, answer.Called.Ticks, answer.Returned.Ticks));

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
    public void Judge(string name, SimulationCounts counts)
    {
        if (_operations.Count == 0)
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
                counts.Add(SimulationCounts.Progress.Undecided);
                break;
            default:
                counts.Add(SimulationCounts.Progress.HistoriesJudged);
                break;
        }
    }
}

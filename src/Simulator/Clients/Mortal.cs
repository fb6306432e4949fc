using Trefoil.Wire.Resp;

namespace Trefoil.Simulator.Clients;

/// <summary>A key of one client's that may have an end, and what it must hold.</summary>
internal sealed class Mortal(int slot, string name)
{
    /// <summary>Between reading the clock and reading it again in the course of a command, in milliseconds.</summary>
    public const long Slack = 1;

    public int Slot => slot;

    public string Name => name;

    /// <summary>Null: nothing, or it is over.</summary>
    public string? Value { get; private set; }

    /// <summary>When it ends, milliseconds since 1970; null: never.</summary>
    public long? DueMs { get; private set; }

    /// <summary>The latest end that this value ever had, null if it once had none: whoever missed what came after goes by that.</summary>
    public long? LatestDueMs { get; private set; }

    /// <summary>A write of it has no answer.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Who answered last.</summary>
    public SimulatedNode? Node { get; set; }

    /// <summary>It holds this, until then.</summary>
    public void Holds(string value, long? dueMs) => (Value, DueMs, LatestDueMs) = (value, dueMs, dueMs);

    /// <summary>What it holds ends then, and no more when it was to before.</summary>
    public void Ends(long? dueMs) => (DueMs, LatestDueMs) = (dueMs, dueMs is { } due && LatestDueMs is { } latest ? Math.Max(due, latest) : null);

    /// <summary>True if the write was done.</summary>
    public bool Told(ClientAnswer answer)
    {
        if (answer is { Kind: AnswerKind.Done, Reply.IsError: true })
        {
            throw new OracleViolation($"a write of {name} was answered {answer.Reply.Text}");
        }

        IsLost |= answer.Kind == AnswerKind.Unknown;
        Node = answer.Node ?? Node;
        return answer.Kind == AnswerKind.Done;
    }

    /// <summary>It was read when its owner's clock showed this, or later.</summary>
    public void Seen(RespReply reply, long wallMs, bool isDurable)
    {
        if (reply.IsError || (isDurable && reply.Text != Value))
        {
            throw new OracleViolation($"{name} was read as {reply.Text}, and {Value ?? "nothing"} was its last value");
        }

        // Where an acknowledged write may be lost with its primary, so may the one that brought the end nearer.
        var due = isDurable ? DueMs : LatestDueMs;
        if (due + Slack < wallMs && reply.Text == Value)
        {
            throw new OracleViolation($"{name} = {Value} was to end at {due}, and its owner showed it at {wallMs} by its own clock");
        }
    }

    /// <summary>Somebody says that it is not there, and no clock of an owner showed more than this until now.</summary>
    public void Gone(string how, long latestMs)
    {
        if (Value is not null && (DueMs is null ? latestMs < long.MaxValue : DueMs - Slack > latestMs))
        {
            throw new OracleViolation(
                $"{how} says that {name} = {Value} is gone, "
                + (DueMs is { } due ? $"which was to end at {due}, and the latest of all clocks shows {latestMs}" : "which has no end"));
        }

        (Value, DueMs, LatestDueMs) = (null, null, null);
    }
}

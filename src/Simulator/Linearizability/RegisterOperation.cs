using System.Globalization;

namespace Trefoil.Simulator.Linearizability;

/// <summary>What a client did to a register.</summary>
public enum RegisterAction
{
    /// <summary>Asked for the value; got <see cref="RegisterOperation.Value"/>.</summary>
    Read,

    /// <summary>Set it to <see cref="RegisterOperation.Value"/>.</summary>
    Write,

    /// <summary>Set it to <see cref="RegisterOperation.Value"/> if it was <see cref="RegisterOperation.Expected"/>.</summary>
    CompareAndSet,
}

/// <summary>What the client was told.</summary>
public enum RegisterOutcome
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>A compare-and-set that found another value and changed nothing.</summary>
    Mismatched,

    /// <summary>No answer: it may have been done, may yet be done at any later time, or never.</summary>
    Unknown,
}

/// <summary>One operation of a history. What surely did not happen (a refused write) is left out of a history.</summary>
/// <param name="Client">Who; only for messages.</param>
/// <param name="Action">What.</param>
/// <param name="Expected">For a compare-and-set, what it asked for; null: no value yet.</param>
/// <param name="Value">Written, or read; null: no value yet.</param>
/// <param name="Outcome">What the client was told.</param>
/// <param name="Call">When it was sent, in any unit that grows; only the order counts.</param>
/// <param name="Return">When the answer came, not before <paramref name="Call"/>; ignored if the outcome is unknown.</param>
public sealed record RegisterOperation(
    int Client, RegisterAction Action, long? Expected, long? Value, RegisterOutcome Outcome, long Call, long Return)
{
    /// <summary>As in <c>client 3 wrote 7 in 120..133</c>.</summary>
    public override string ToString()
    {
        var what = Action switch
        {
            RegisterAction.Read => $"read {Show(Value)}",
            RegisterAction.Write => $"wrote {Show(Value)}",
            _ => $"set {Show(Value)} if {Show(Expected)}" + (Outcome == RegisterOutcome.Mismatched ? ", in vain," : ""),
        };
        return string.Create(CultureInfo.InvariantCulture, $"client {Client} {what} in {Call}..{(Outcome == RegisterOutcome.Unknown ? "?" : Return.ToString(CultureInfo.InvariantCulture))}");
    }

    private static string Show(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "nothing";
}

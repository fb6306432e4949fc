namespace Trefoil.Simulator.Linearizability;

/// <summary>What a register does when the operations come one after the other.</summary>
internal static class RegisterModel
{
    /// <summary>The value after <paramref name="operation"/>; false if a register that holds <paramref name="value"/> would have answered otherwise.</summary>
    public static bool TryStep(long? value, RegisterOperation operation, out long? next)
    {
        next = value;
        switch (operation.Action)
        {
            case RegisterAction.Read:
                return operation.Value == value;
            case RegisterAction.Write:
                next = operation.Value;
                return true;
            default:
                var matches = value == operation.Expected;
                next = matches ? operation.Value : value;
                return operation.Outcome == RegisterOutcome.Unknown || matches == (operation.Outcome == RegisterOutcome.Done);
        }
    }

    /// <summary>The operations that a verdict can depend on.</summary>
    /// <remarks>
    /// A read without an answer says nothing. A write without one, of a value that nobody ever saw, can be put at the end or left out, unless a
    /// compare-and-set could have noticed it: dropping those keeps a history with many lost answers from growing exponentially.
    /// </remarks>
    public static List<RegisterOperation> Relevant(IReadOnlyList<RegisterOperation> history)
    {
        var compares = history.Any(o => o.Action == RegisterAction.CompareAndSet);
        var seen = new SortedSet<long>();
        var emptied = history.Any(o => o is { Action: RegisterAction.Read, Outcome: RegisterOutcome.Done, Value: null });
        foreach (var operation in history)
        {
            if (operation is { Action: RegisterAction.Read, Outcome: RegisterOutcome.Done, Value: { } value })
            {
                seen.Add(value);
            }
        }

        return [.. history.Where(o => o.Outcome != RegisterOutcome.Unknown || (o.Action, compares) switch
        {
            (RegisterAction.Read, _) => false,
            (RegisterAction.Write, false) => o.Value is { } written ? seen.Contains(written) : emptied,
            _ => true,
        })];
    }
}

namespace Trefoil.Simulator.Linearizability;

/// <summary>Decides whether a history of a single register, which held no value at first, is linearizable.</summary>
/// <remarks>
/// Wing and Gong's search with Lowe's memory of configurations, as in Porcupine: take any operation that was called before the first
/// answer still open, see whether the register would have said the same, go on without it; at a dead end take back the last choice.
/// </remarks>
public static class RegisterChecker
{
    /// <summary>Checks one register.</summary>
    public static Verdict Check(IReadOnlyList<RegisterOperation> history, CheckLimits limits)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(limits);
        var relevant = RegisterModel.Relevant(history);
        return relevant.Count > limits.MostOperations
            ? new Verdict.Undecided($"{relevant.Count} operations, and {limits.MostOperations} are the most")
            : new Search(relevant, limits).Run();
    }

    /// <summary>Checks each key by itself, which is the same as checking all together (Herlihy and Wing 1990, locality) and much shorter.</summary>
    /// <returns>The keys that are not shown to be linearizable, in order, each with its verdict.</returns>
    public static IReadOnlyList<(string Key, Verdict Verdict)> CheckKeys(IEnumerable<(string Key, RegisterOperation Operation)> history, CheckLimits limits)
    {
        ArgumentNullException.ThrowIfNull(history);
        var registers = new SortedDictionary<string, List<RegisterOperation>>(StringComparer.Ordinal);
        foreach (var (key, operation) in history)
        {
            if (!registers.TryGetValue(key, out var register))
            {
                registers.Add(key, register = []);
            }

            register.Add(operation);
        }

        return [.. registers.Select(r => (r.Key, Check(r.Value, limits))).Where(r => r.Item2 is not Verdict.Linearizable)];
    }
}

using System.Globalization;
using Trefoil.Simulator.Linearizability;

namespace Trefoil.Unit.Simulator.Linearizability;

/// <summary>Reads a register history as Jepsen logs it: <c>process :invoke/:ok/:fail/:info :read/:write/:cas value</c>, one event a line.</summary>
internal static class JepsenLog
{
    public static List<RegisterOperation> Read(string path)
    {
        var open = new SortedDictionary<int, RegisterOperation>();
        var history = new List<RegisterOperation>();
        var now = 0L;
        foreach (var line in File.ReadLines(path).Where(l => l.StartsWith("INFO  jepsen.util - ", StringComparison.Ordinal)))
        {
            var parts = line["INFO  jepsen.util - ".Length..].Split('\t');
            if (!int.TryParse(parts[0], CultureInfo.InvariantCulture, out var process))
            {
                continue; // what Jepsen did to the network
            }

            now++;
            if (parts[1] == ":invoke")
            {
                open.Add(process, Invoked(process, parts[2], parts[3], now));
                continue;
            }

            var call = open[process];
            open.Remove(process);
            if (Ended(call, parts[1], parts[3], now) is { } operation)
            {
                history.Add(operation);
            }
        }

        history.AddRange(open.Values);
        return history;
    }

    private static RegisterOperation Invoked(int process, string action, string value, long now)
    {
        var numbers = value.Trim('[', ']').Split(' ').Select(Number).ToArray();
        return action switch
        {
            ":read" => new(process, RegisterAction.Read, null, null, RegisterOutcome.Unknown, now, now),
            ":write" => new(process, RegisterAction.Write, null, numbers[0], RegisterOutcome.Unknown, now, now),
            _ => new(process, RegisterAction.CompareAndSet, numbers[0], numbers[1], RegisterOutcome.Unknown, now, now),
        };
    }

    private static RegisterOperation? Ended(RegisterOperation call, string type, string value, long now) => (type, call.Action) switch
    {
        (":ok", RegisterAction.Read) => call with { Outcome = RegisterOutcome.Done, Value = Number(value), Return = now },
        (":ok", _) => call with { Outcome = RegisterOutcome.Done, Return = now },
        (":fail", RegisterAction.CompareAndSet) when value != ":timed-out" => call with { Outcome = RegisterOutcome.Mismatched, Return = now },
        (":fail", RegisterAction.Write) => null,
        _ => call,
    };

    private static long? Number(string text) => text == "nil" ? null : long.Parse(text, CultureInfo.InvariantCulture);
}

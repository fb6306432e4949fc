using System.Globalization;
using System.Text.RegularExpressions;

namespace Trefoil.Simulator.Linearizability;

/// <summary>
/// Reads what Jepsen logs of a single register: <c>INFO  jepsen.util - PROCESS :invoke|:ok|:fail|:info :read|:write|:cas VALUE</c>, one event a line,
/// parts apart by blanks or tabs; a value is a number or <c>nil</c>, of a compare-and-set <c>[expected new]</c>.
/// </summary>
/// <remarks>
/// The line's number is the time, since only the order counts. <c>:info</c> says that the outcome is not known, and so does any
/// <c>:timed-out</c>; <c>:fail</c> says that a write was not done and that a compare-and-set found another value. Lines of other loggers, and
/// of Jepsen's nemesis, are passed over.
/// </remarks>
public static partial class JepsenLog
{
    /// <summary>Reads a log; stops at the first line that it cannot read.</summary>
    public static JepsenLogResult Read(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var open = new SortedDictionary<int, RegisterOperation>();
        var history = new List<RegisterOperation>();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (Step(line, number, open, history) is { } problem)
            {
                return new JepsenLogResult.Unreadable(number, problem);
            }
        }

        history.AddRange(open.Values);
        return new JepsenLogResult.History(history);
    }

    /// <summary>Takes one line in; says what is wrong with it, or null.</summary>
    private static string? Step(string line, int now, SortedDictionary<int, RegisterOperation> open, List<RegisterOperation> history)
    {
        if (EventLine().Match(line) is not { Success: true } parts)
        {
            return string.IsNullOrWhiteSpace(line) || OtherLine().IsMatch(line)
                ? null
                : "expected 'INFO  jepsen.util - PROCESS :invoke|:ok|:fail|:info :read|:write|:cas VALUE'";
        }

        if (!int.TryParse(parts.Groups["process"].ValueSpan, CultureInfo.InvariantCulture, out var process))
        {
            return parts.Groups["process"].Value == ":nemesis" ? null : $"'{parts.Groups["process"].Value}' is no number of a process";
        }

        var (type, value) = (parts.Groups["type"].Value, parts.Groups["value"].Value);
        if (ActionOf(parts.Groups["action"].Value) is not { } action)
        {
            return $"'{parts.Groups["action"].Value}' is none of :read, :write, :cas";
        }

        if (type == ":invoke")
        {
            return Invoked(process, action, value, now) is not { } call ? $"'{value}' is no value of a call: a number, nil, or [expected new]"
                : open.TryAdd(process, call) ? null
                : $"process {process} calls again before its last call ended";
        }

        if (!open.Remove(process, out var called) || called.Action != action)
        {
            return $"process {process} has no such call open";
        }

        return Ended(called, type, value, now, history);
    }

    private static RegisterAction? ActionOf(string word) => word switch
    {
        ":read" => RegisterAction.Read,
        ":write" => RegisterAction.Write,
        ":cas" => RegisterAction.CompareAndSet,
        _ => null,
    };

    private static RegisterOperation? Invoked(int process, RegisterAction action, string text, int now)
    {
        var (expected, value) = (default(long?), default(long?));
        var isRead = action switch
        {
            RegisterAction.Read => true,
            RegisterAction.Write => TryNumber(text, out value),
            _ => PairValue().Match(text) is { Success: true } pair && TryNumber(pair.Groups[1].Value, out expected) && TryNumber(pair.Groups[2].Value, out value),
        };
        return isRead ? new(process, action, expected, value, RegisterOutcome.Unknown, now, now) : null;
    }

    private static string? Ended(RegisterOperation call, string type, string value, int now, List<RegisterOperation> history)
    {
        var ended = call;
        switch (type)
        {
            case ":ok" when call.Action != RegisterAction.Read:
                ended = call with { Outcome = RegisterOutcome.Done, Return = now };
                break;
            case ":ok" when TryNumber(value, out var read):
                ended = call with { Outcome = RegisterOutcome.Done, Value = read, Return = now };
                break;
            case ":ok":
                return $"'{value}' is no value that a read returns: a number, or nil";
            case ":fail" when value == ":timed-out":
            case ":info":
                break;
            case ":fail" when call.Action == RegisterAction.CompareAndSet:
                ended = call with { Outcome = RegisterOutcome.Mismatched, Return = now };
                break;
            case ":fail":
                return null; // It did not happen.
            default:
                return $"'{type}' is none of :invoke, :ok, :fail, :info";
        }

        history.Add(ended);
        return null;
    }

    private static bool TryNumber(string text, out long? number)
    {
        number = long.TryParse(text, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
        return number is not null || text == "nil";
    }

    [GeneratedRegex(@"^INFO\s+jepsen\.util\s+-\s+(?<process>\S+)\s+(?<type>\S+)\s+(?<action>\S+)(?:\s+(?<value>.*?))?\s*$", RegexOptions.ExplicitCapture)]
    private static partial Regex EventLine();

    [GeneratedRegex(@"^(INFO|WARN|ERROR|DEBUG|TRACE)\s+(?!jepsen\.util\s)\S+\s+-\s", RegexOptions.ExplicitCapture)]
    private static partial Regex OtherLine();

    [GeneratedRegex(@"^\[\s*(\S+)\s+(\S+?)\s*\]$")]
    private static partial Regex PairValue();
}

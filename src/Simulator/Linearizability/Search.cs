namespace Trefoil.Simulator.Linearizability;

/// <summary>One run of the search. The calls and returns not yet placed are a linked list in the order of time, threaded through arrays.</summary>
internal sealed class Search
{
    private const int Head = 0; // in front of the first and behind the last

    private readonly IReadOnlyList<RegisterOperation> _operations;
    private readonly CheckLimits _limits;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int[] _returnOf; // of a call: its return; Head if it has none (it may be placed, and need not)
    private readonly int[] _operationAt; // of a call and of a return
    private readonly bool[] _isCall;
    private readonly ulong[] _placed;
    private readonly Stack<(int Call, long? Before)> _order = new();
    private readonly Configurations _configurations;
    private List<RegisterOperation> _longest = [];
    private RegisterOperation? _stuck;
    private int _returnsLeft;

    public Search(IReadOnlyList<RegisterOperation> operations, CheckLimits limits)
    {
        (_operations, _limits) = (operations, limits);
        _placed = new ulong[(operations.Count + 63) / 64];
        _configurations = new Configurations(operations.Count, limits.MostMemory);
        var events = Events(operations);
        (_next, _previous, _returnOf) = (new int[events.Count + 1], new int[events.Count + 1], new int[events.Count + 1]);
        (_operationAt, _isCall) = (new int[events.Count + 1], new bool[events.Count + 1]);
        var callOf = new int[operations.Count];
        for (var node = 1; node <= events.Count; node++)
        {
            var (_, isReturn, operation) = events[node - 1];
            (_operationAt[node], _isCall[node]) = (operation, !isReturn);
            (_previous[node], _next[node - 1]) = (node - 1, node);
            if (isReturn)
            {
                _returnOf[callOf[operation]] = node;
                _returnsLeft++;
            }
            else
            {
                callOf[operation] = node;
            }
        }

        _previous[Head] = events.Count;
    }

    public Verdict Run()
    {
        long? value = null;
        var node = _next[Head];
        for (var steps = 0L; _returnsLeft > 0; steps++)
        {
            if (steps >= _limits.MostSteps || _configurations.IsFull)
            {
                return new Verdict.Undecided(_configurations.IsFull ? $"{_limits.MostMemory} bytes of configurations" : $"{_limits.MostSteps} steps");
            }

            if (_isCall[node])
            {
                node = TryPlace(node, ref value) ? _next[Head] : _next[node];
                continue;
            }

            // Nothing that was called before this return can come next: the last choice was wrong.
            Remember(node);
            if (!_order.TryPop(out var last))
            {
                return new Verdict.Violation(_longest, _stuck!);
            }

            value = last.Before;
            PutBack(last.Call);
            node = _next[last.Call];
        }

        return new Verdict.Linearizable();
    }

    private bool TryPlace(int call, ref long? value)
    {
        var operation = _operationAt[call];
        if (!RegisterModel.TryStep(value, _operations[operation], out var next))
        {
            return false;
        }

        _placed[operation / 64] |= 1UL << (operation % 64);
        if (!_configurations.Add(_placed, next))
        {
            _placed[operation / 64] &= ~(1UL << (operation % 64));
            return false;
        }

        _order.Push((call, value));
        value = next;
        Unlink(call);
        if (_returnOf[call] != Head)
        {
            Unlink(_returnOf[call]);
            _returnsLeft--;
        }

        return true;
    }

    private void PutBack(int call)
    {
        var operation = _operationAt[call];
        _placed[operation / 64] &= ~(1UL << (operation % 64));
        if (_returnOf[call] != Head)
        {
            Link(_returnOf[call]);
            _returnsLeft++;
        }

        Link(call);
    }

    private void Unlink(int node) => (_next[_previous[node]], _previous[_next[node]]) = (_next[node], _previous[node]);

    // A node taken out keeps its neighbours, and nodes come back in the reverse order: Knuth's dancing links.
    private void Link(int node) => (_next[_previous[node]], _previous[_next[node]]) = (node, node);

    private void Remember(int stuckAt)
    {
        if (_stuck is null || _order.Count > _longest.Count)
        {
            _longest = [.. _order.Reverse().Select(placed => _operations[_operationAt[placed.Call]])];
            _stuck = _operations[_operationAt[stuckAt]];
        }
    }

    /// <summary>Calls and returns by time; at the same moment calls first, so that those operations overlap.</summary>
    private static List<(long Time, bool IsReturn, int Operation)> Events(IReadOnlyList<RegisterOperation> operations)
    {
        var events = new List<(long Time, bool IsReturn, int Operation)>(2 * operations.Count);
        for (var i = 0; i < operations.Count; i++)
        {
            events.Add((operations[i].Call, false, i));
            if (operations[i].Outcome != RegisterOutcome.Unknown)
            {
                events.Add((operations[i].Return, true, i));
            }
        }

        events.Sort();
        return events;
    }
}

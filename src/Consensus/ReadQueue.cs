namespace Trefoil.Consensus;

/// <summary>Reads that wait for a quorum to confirm the leader (thesis, 6.4): one heartbeat round serves all that wait.</summary>
internal sealed class ReadQueue(int capacity)
{
    private readonly Queue<(ulong Token, ulong Index, ulong Round)> _started = new();
    private readonly List<ulong> _waiting = [];

    /// <summary>Reads that no round has begun for.</summary>
    public bool HasWaiting => _waiting.Count > 0;

    public bool IsEmpty => _waiting.Count == 0 && _started.Count == 0;

    public bool TryAdd(ulong token)
    {
        if (_waiting.Count + _started.Count >= capacity)
        {
            return false;
        }

        _waiting.Add(token);
        return true;
    }

    /// <summary>A round begins now: all that wait read at <paramref name="index"/> once it is confirmed.</summary>
    public void Start(ulong index, ulong round)
    {
        foreach (var token in _waiting)
        {
            _started.Enqueue((token, index, round));
        }

        _waiting.Clear();
    }

    /// <summary>Moves what <paramref name="round"/> confirms to <paramref name="answers"/>.</summary>
    public void Confirm(ulong round, List<ReadState> answers)
    {
        while (_started.TryPeek(out var first) && first.Round <= round)
        {
            answers.Add(new ReadState(first.Token, first.Index));
            _started.Dequeue();
        }
    }

    /// <summary>Leadership is lost: every read is answered with index 0.</summary>
    public void Fail(List<ReadState> answers)
    {
        foreach (var (token, _, _) in _started)
        {
            answers.Add(new ReadState(token, 0));
        }

        foreach (var token in _waiting)
        {
            answers.Add(new ReadState(token, 0));
        }

        _started.Clear();
        _waiting.Clear();
    }
}

namespace Trefoil.Drivers;

/// <summary>What waits for a core's thread: inputs in order, of which those that are said again may be dropped, and a bell.</summary>
/// <remarks>Any thread posts and rings; one thread takes. What only the newest matters of (a topology, a status) is a field of the driver's, and the bell.</remarks>
/// <param name="maxDroppable">At this many waiting inputs one that may be dropped is.</param>
internal sealed class Inbox<T>(int maxDroppable)
{
    private readonly object _lock = new();
    private readonly Queue<T> _waiting = new();
    private bool _rung;
    private bool _stopped;

    /// <summary>False, and the input dropped, once stopped; or when it may be and too much waits.</summary>
    public bool Post(T input, bool mayDrop = false)
    {
        lock (_lock)
        {
            if (_stopped || (mayDrop && _waiting.Count >= maxDroppable))
            {
                return false;
            }

            _waiting.Enqueue(input);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_lock);
            }

            return true;
        }
    }

    /// <summary>Whoever takes looks at its fields again. Cheap when it was rung already.</summary>
    public void Ring()
    {
        lock (_lock)
        {
            if (!_rung)
            {
                _rung = true;
                Monitor.Pulse(_lock);
            }
        }
    }

    /// <summary>Waits for an input, the bell, or so long (null: for ever); then all that waits is in <paramref name="batch"/>. False once stopped.</summary>
    public bool Take(List<T> batch, TimeSpan? patience)
    {
        batch.Clear();
        lock (_lock)
        {
            while (_waiting.Count == 0 && !_rung && !_stopped)
            {
                if (patience is not { } wait)
                {
                    Monitor.Wait(_lock);
                }
                else if (wait <= TimeSpan.Zero || !Monitor.Wait(_lock, TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds))))
                {
                    break;
                }
            }

            _rung = false;
            while (_waiting.TryDequeue(out var input))
            {
                batch.Add(input);
            }

            return !_stopped;
        }
    }

    /// <summary>Nothing is taken any more.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.Pulse(_lock);
        }
    }
}

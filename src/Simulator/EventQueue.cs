namespace Trefoil.Simulator;

/// <summary>What is still to happen, in order of time; at one time in the order in which it was scheduled.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (long Ticks, long Serial)> _events = new();
    private long _serial;

    public bool IsEmpty => _events.Count == 0;

    public TimeSpan Next => _events.TryPeek(out _, out var when) ? TimeSpan.FromTicks(when.Ticks) : TimeSpan.MaxValue;

    public void At(TimeSpan time, Action action) => _events.Enqueue(action, (time.Ticks, _serial++));

    public Action Take() => _events.Dequeue();
}

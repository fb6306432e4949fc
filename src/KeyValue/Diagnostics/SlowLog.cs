namespace Trefoil.KeyValue.Diagnostics;

/// <summary>A command that took long, as SLOWLOG GET shows it.</summary>
/// <param name="Id">Grows while the process lives.</param>
/// <param name="AtSeconds">When it ended, seconds since 1970.</param>
/// <param name="Micros">How long it ran.</param>
/// <param name="Arguments">Its arguments, clipped, without secrets.</param>
/// <param name="Client">Address of the client.</param>
/// <param name="ClientName">What the client calls itself.</param>
internal sealed record SlowCommand(long Id, long AtSeconds, long Micros, IReadOnlyList<byte[]> Arguments, string Client, string ClientName);

/// <summary>The newest commands that took at least so long. Thread-safe.</summary>
internal sealed class SlowLog
{
    private readonly Lock _lock = new();
    private readonly LinkedList<SlowCommand> _entries = new();
    private long _nextId;

    /// <summary>Microseconds from which a command is kept; negative: none is (slowlog-log-slower-than).</summary>
    public long ThresholdMicros { get; set; } = 10_000;

    /// <summary>Entries at most (slowlog-max-len); a lower number counts from the next entry on.</summary>
    public long MaxLength { get; set; } = 128;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    public bool IsSlow(long micros) => ThresholdMicros >= 0 && micros >= ThresholdMicros;

    public void Add(long atSeconds, long micros, IReadOnlyList<byte[]> arguments, string client, string clientName)
    {
        lock (_lock)
        {
            _entries.AddFirst(new SlowCommand(_nextId++, atSeconds, micros, arguments, client, clientName));
            while (_entries.Count > MaxLength)
            {
                _entries.RemoveLast();
            }
        }
    }

    /// <summary>The newest, at most so many.</summary>
    public IReadOnlyList<SlowCommand> Newest(long count)
    {
        lock (_lock)
        {
            return [.. _entries.Take((int)Math.Min(count, int.MaxValue))];
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
        }
    }
}

namespace Trefoil.KeyValue.Connections;

/// <summary>Commands that wait as if they had not been sent, until somebody lets them look again, or until they have waited long enough. Thread-safe.</summary>
/// <remarks>One that looks and has to wait again keeps its deadline, and what came with it in one piece shares it.</remarks>
internal sealed class ParkedCommands
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<(long Until, long Number), TaskCompletionSource> _parked = [];
    private long _number;

    /// <summary>How long a command waits at most; then it is answered <c>CLUSTERDOWN The cluster is down</c>.</summary>
    public static TimeSpan MaxWait { get; } = TimeSpan.FromSeconds(3);

    /// <summary>What a client's command waits for; null: it has waited long enough.</summary>
    public Task? Park(Connection client, TimeProvider time)
    {
        var now = time.GetTimestamp();
        if (client.ParkedUntil == 0)
        {
            client.ParkedUntil = now + (long)(MaxWait.TotalSeconds * time.TimestampFrequency);
        }

        if (now >= client.ParkedUntil)
        {
            return null;
        }

        var source = new TaskCompletionSource(client.Completions);
        lock (_lock)
        {
            _parked.Add((client.ParkedUntil, _number++), source);
        }

        return source.Task;
    }

    /// <summary>Everybody looks again, in the order in which they came.</summary>
    public void Release() => Release(long.MaxValue);

    /// <summary>Now and then: lets those look again who have waited long enough.</summary>
    public void Tick(long now) => Release(now);

    private void Release(long until)
    {
        var due = new List<TaskCompletionSource>();
        lock (_lock)
        {
            while (_parked.Count > 0 && _parked.First() is var (key, source) && key.Until <= until)
            {
                _parked.Remove(key);
                due.Add(source);
            }
        }

        due.ForEach(static source => source.TrySetResult());
    }
}

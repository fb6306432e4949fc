namespace Trefoil.KeyValue.Diagnostics;

/// <summary>A second in which something took long: the worst of it.</summary>
internal readonly record struct LatencySample(long AtSeconds, long Milliseconds);

/// <summary>What has been observed of one kind of event.</summary>
/// <param name="Samples">The newest, oldest first.</param>
/// <param name="Worst">Milliseconds, of all time.</param>
internal sealed record LatencySeries(IReadOnlyList<LatencySample> Samples, long Worst);

/// <summary>Events that took at least so many milliseconds, by kind, a sample per second, the newest 160 (LATENCY). Thread-safe.</summary>
internal sealed class LatencyMonitor
{
    /// <summary>A command of those that are not marked fast.</summary>
    public const string Command = "command";

    /// <summary>A command that is marked fast.</summary>
    public const string FastCommand = "fast-command";

    /// <summary>Removing keys whose time had come.</summary>
    public const string ExpireCycle = "expire-cycle";

    /// <summary>Removing keys to make room.</summary>
    public const string EvictionCycle = "eviction-cycle";

    private const int MaxSamples = 160;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (List<LatencySample> Samples, long Worst)> _events = new(StringComparer.Ordinal);

    /// <summary>Milliseconds from which an event is noted; 0: none is (latency-monitor-threshold).</summary>
    public long ThresholdMs { get; set; }

    /// <summary>Notes an event if it took long enough.</summary>
    public void Observe(string name, long milliseconds, long nowMs)
    {
        if (ThresholdMs == 0 || milliseconds < ThresholdMs)
        {
            return;
        }

        lock (_lock)
        {
            var (samples, worst) = _events.TryGetValue(name, out var found) ? found : ([], 0);
            var second = nowMs / 1000;
            if (samples.Count > 0 && samples[^1].AtSeconds == second)
            {
                samples[^1] = new LatencySample(second, Math.Max(samples[^1].Milliseconds, milliseconds));
            }
            else
            {
                if (samples.Count == MaxSamples)
                {
                    samples.RemoveAt(0);
                }

                samples.Add(new LatencySample(second, milliseconds));
            }

            _events[name] = (samples, Math.Max(worst, milliseconds));
        }
    }

    /// <summary>Every kind that was noted, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, LatencySeries>> All()
    {
        lock (_lock)
        {
            return [.. _events.Select(pair => KeyValuePair.Create(pair.Key, new LatencySeries([.. pair.Value.Samples], pair.Value.Worst)))];
        }
    }

    /// <summary>What was noted of one kind, or null.</summary>
    public LatencySeries? Find(string name)
    {
        lock (_lock)
        {
            return _events.TryGetValue(name, out var found) ? new LatencySeries([.. found.Samples], found.Worst) : null;
        }
    }

    /// <summary>Forgets one kind; false if it was not there.</summary>
    public bool Forget(string name)
    {
        lock (_lock)
        {
            return _events.Remove(name);
        }
    }

    /// <summary>Forgets everything; returns how many kinds there were.</summary>
    public int ForgetAll()
    {
        lock (_lock)
        {
            var count = _events.Count;
            _events.Clear();
            return count;
        }
    }
}

using Trefoil.KeyValue.Commands;

namespace Trefoil.KeyValue.Connections;

/// <summary>CLIENT PAUSE: commands, or only those that may change something, wait as if they had not been sent. Thread-safe.</summary>
internal sealed class ClientPause(TimeProvider time) : IDisposable
{
    /// <summary>Longest that a timer takes; when it rings and the pause is not over it is wound up again.</summary>
    private const long MaxTimerMs = uint.MaxValue - 1;

    private readonly Lock _lock = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private ITimer? _timer;
    private volatile bool _on;
    private bool _all;
    private long _untilMs;

    /// <summary>Whether one is under way: the only thing a command pays for.</summary>
    public bool IsOn => _on;

    /// <summary>Pauses until then. One that is under way grows: it ends at the later time, and once it is for all it stays so.</summary>
    public void Begin(bool all, long untilMs, long nowMs)
    {
        lock (_lock)
        {
            _all = all || (_on && _all);
            _untilMs = _on ? Math.Max(_untilMs, untilMs) : untilMs;
            _on = _untilMs > nowMs;
            _timer?.Dispose();
            _timer = _on ? time.CreateTimer(_ => Ring(), null, Left(nowMs), Timeout.InfiniteTimeSpan) : null;
        }

        if (!_on)
        {
            End();
        }
    }

    /// <summary>Everybody goes on, in the order in which they came.</summary>
    public void End()
    {
        TaskCompletionSource[] waiting;
        lock (_lock)
        {
            _on = _all = false;
            _timer?.Dispose();
            _timer = null;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var source in waiting)
        {
            source.TrySetResult();
        }
    }

    /// <summary>What the command must wait for before it is looked at again; null if it may run. Monitors and the cluster's own commands are never paused.</summary>
    public Task? Obstacle(CommandContext context, CommandSpec spec)
    {
        if (context.Client.IsMonitor || spec.Name.StartsWith("trefoil.", StringComparison.Ordinal))
        {
            return null;
        }

        lock (_lock)
        {
            if (!_on || !(_all || MayChange(context, spec)))
            {
                return null;
            }

            var source = new TaskCompletionSource(context.Client.Completions);
            _waiting.Add(source);
            return source.Task;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => End();

    private static bool MayChange(CommandContext context, CommandSpec spec) =>
        spec.IsReplicated
        || (spec.Name == "exec" && context.Client.Transaction?.Commands.Any(queued => queued.Spec.IsReplicated) == true);

    private void Ring()
    {
        lock (_lock)
        {
            var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (_on && _untilMs > nowMs)
            {
                _timer!.Change(Left(nowMs), Timeout.InfiniteTimeSpan);
                return;
            }
        }

        End();
    }

    private TimeSpan Left(long nowMs) => TimeSpan.FromMilliseconds(Math.Min(_untilMs - nowMs, MaxTimerMs));
}

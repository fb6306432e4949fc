using Trefoil.Simulator;

namespace Trefoil.Cli.Simulate;

/// <summary>Runs seeds on a few threads, each seed as a whole on one of them, and hands the results out in the order of the seeds.</summary>
/// <remarks>
/// A slow seed holds back those after it, at most <see cref="Ahead"/> per thread. The threads are in the background: a seed of many hours
/// need not end before the process can.
/// </remarks>
internal sealed class SeedThreads : IDisposable
{
    private const int Ahead = 64;

    private readonly Func<ulong, SeedOutcome> _run;
    private readonly ulong _first;
    private readonly SeedOutcome?[] _done;
    private readonly SemaphoreSlim _free;
    private readonly SemaphoreSlim[] _ready;
    private readonly Lock _lock = new();
    private int _next;
    private volatile bool _stopped;

    public SeedThreads(ulong first, int count, int threads, Func<ulong, SeedOutcome> run)
    {
        (_run, _first, _done) = (run, first, new SeedOutcome?[count]);
        _free = new SemaphoreSlim(threads * Ahead);
        _ready = [.. Enumerable.Range(0, count).Select(_ => new SemaphoreSlim(0))];
        for (var i = 0; i < Math.Min(threads, count); i++)
        {
            new Thread(Work) { IsBackground = true, Name = $"seeds {i}" }.Start();
        }
    }

    /// <summary>The results; ends early when cancelled.</summary>
    public IEnumerable<SeedOutcome> Results(CancellationToken cancellation)
    {
        for (var i = 0; i < _done.Length; i++)
        {
            if (!IsReady(i, cancellation))
            {
                yield break;
            }

            var outcome = _done[i]!;
            _done[i] = null;
            _free.Release();
            yield return outcome;
        }
    }

    /// <summary>No further seed is begun.</summary>
    public void Dispose() => _stopped = true;

    /// <summary>Waits for one; what is done counts, also when somebody has interrupted meanwhile.</summary>
    private bool IsReady(int seed, CancellationToken cancellation)
    {
        try
        {
            _ready[seed].Wait(cancellation);
            return true;
        }
        catch (OperationCanceledException)
        {
            return _ready[seed].Wait(0, CancellationToken.None);
        }
    }

    private void Work()
    {
        while (!_stopped)
        {
            _free.Wait();
            int mine;
            lock (_lock)
            {
                mine = _next++;
            }

            if (mine >= _done.Length)
            {
                _free.Release();
                return;
            }

            _done[mine] = _run(_first + (ulong)mine);
            _ready[mine].Release();
        }
    }
}

/// <summary>How one seed ended.</summary>
/// <param name="Result">The run.</param>
/// <param name="SecondHash">The trace of its second run; null when there was none.</param>
internal sealed record SeedOutcome(SimulationResult Result, ulong? SecondHash)
{
    /// <summary>What was wrong with it; null for nothing.</summary>
    public string? Failure => Result.Failure
        ?? (SecondHash is { } second && second != Result.TraceHash
            ? $"seed {Result.Seed}: its trace was {Result.TraceHash:x16} and, when it ran again, {second:x16}: something draws from the world outside."
            : null);
}

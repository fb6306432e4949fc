using System.Collections.Concurrent;

namespace Trefoil.KeyValue.Persistence;

/// <summary>Threads that apply what recovery reads, each the batches that were given to it, in their order.</summary>
/// <remarks>
/// Slots share nothing, so whoever gives all of a slot to one worker keeps its order. The reader of the files is a thread of its own: it reads,
/// checks sums and cuts into batches while the workers make entries of them. A thread starts with its first batch.
/// </remarks>
internal sealed class ReplayWorkers : IDisposable
{
    private const int MaxWorkers = 4;

    /// <summary>Batches that may wait for one worker; the reader waits beyond it.</summary>
    private const int MaxWaiting = 8;

    private readonly BlockingCollection<Action>[] _queues;
    private readonly Thread?[] _threads;
    private readonly bool _inPlace;
    private volatile Exception? _fault;

    /// <param name="inPlace">No threads: whoever posts a batch applies it.</param>
    public ReplayWorkers(bool inPlace)
    {
        _inPlace = inPlace;
        Count = inPlace ? 1 : Math.Clamp(Environment.ProcessorCount, 1, MaxWorkers);
        _queues = [.. Enumerable.Range(0, Count).Select(_ => new BlockingCollection<Action>(MaxWaiting))];
        _threads = new Thread?[Count];
    }

    /// <summary>Workers, numbered from 0.</summary>
    public int Count { get; }

    /// <summary>Gives a batch to a worker; waits while it has too many.</summary>
    public void Post(int worker, Action batch)
    {
        if (_inPlace)
        {
            batch();
            return;
        }

        if (_threads[worker] is null)
        {
            _threads[worker] = new Thread(() => Run(_queues[worker])) { IsBackground = true, Name = "kv-replay" };
            _threads[worker]!.Start();
        }

        _queues[worker].Add(batch);
    }

    /// <summary>As <see cref="Post"/>, for the last batch of a worker: if it is also the first, it is not worth a thread.</summary>
    public void PostLast(int worker, Action batch)
    {
        if (_threads[worker] is null)
        {
            batch();
        }
        else
        {
            Post(worker, batch);
        }
    }

    /// <summary>Returns once everything posted so far is done.</summary>
    public void Drain()
    {
        using var done = new CountdownEvent(Count);
        for (var worker = 0; worker < Count; worker++)
        {
            PostLast(worker, () => done.Signal());
        }

        done.Wait();
        if (_fault is { } fault)
        {
            throw new InvalidOperationException("A batch of recovery failed.", fault);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (queue, thread) in _queues.Zip(_threads))
        {
            queue.CompleteAdding();
            thread?.Join();
            queue.Dispose();
        }
    }

    private void Run(BlockingCollection<Action> queue)
    {
        foreach (var batch in queue.GetConsumingEnumerable())
        {
            try
            {
                batch();
            }
#pragma warning disable CA1031 // Told to whoever drains: the start fails with it.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                _fault ??= fault;
            }
        }
    }
}

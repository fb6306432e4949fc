using Trefoil.Sharding;

namespace Trefoil.Drivers.Control;

/// <summary>The thread on which those who asked the control plane go on.</summary>
/// <remarks>
/// What follows an answer may take a slot's lock, for as long as a client's command holds it, so it has no place on the control thread. The thread
/// pool could take it too, but hands one piece of work over with some ten context switches: a tenth of what a topology command costs.
/// Whatever follows an answer must be short, and must not wait for another answer without yielding.
/// </remarks>
internal sealed class AnswerThread : IDisposable
{
    private readonly object _lock = new();
    private readonly Queue<(TaskCompletionSource<CommandResult> To, CommandResult Result)> _queue = new(); // Bounded by who waits.
    private readonly Thread _thread;
    private bool _stopped;

    public AnswerThread() => _thread = new Thread(Run) { IsBackground = true, Name = "answers" };

    public void Start() => _thread.Start();

    /// <summary>Any thread. Answers at once where there is no thread to do it: before the start and after the end.</summary>
    public void Answer(TaskCompletionSource<CommandResult> to, CommandResult result)
    {
        lock (_lock)
        {
            if (!_stopped && _thread.IsAlive)
            {
                _queue.Enqueue((to, result));
                if (_queue.Count == 1)
                {
                    Monitor.Pulse(_lock);
                }

                return;
            }
        }

        to.TrySetResult(result);
    }

    /// <summary>Ends the thread once everything was answered.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.Pulse(_lock);
        }
    }

    private void Run()
    {
        while (true)
        {
            (TaskCompletionSource<CommandResult> To, CommandResult Result) next;
            lock (_lock)
            {
                while (!_queue.TryDequeue(out next))
                {
                    if (_stopped)
                    {
                        return;
                    }

                    Monitor.Wait(_lock);
                }
            }

            next.To.TrySetResult(next.Result);
        }
    }
}

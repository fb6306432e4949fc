using Trefoil.Storage;

namespace Trefoil.KeyValue.Persistence;

/// <summary>The thread that waits for the disk, so that nobody who runs commands has to: syncs by policy, begins segments, deletes old ones.</summary>
internal sealed class KeyLogThread : IDisposable
{
    private static readonly TimeSpan SyncEvery = TimeSpan.FromSeconds(1);

    private readonly KeyLog _log;
    private readonly TimeProvider _time;
    private readonly Action<IOException> _fatal;
    private readonly AutoResetEvent _wanted = new(false);
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <summary>Starts it; <paramref name="fatal"/> is told of a failing disk and must end the process.</summary>
    public KeyLogThread(KeyLog log, TimeProvider time, Action<IOException> fatal)
    {
        (_log, _time, _fatal) = (log, time, fatal);
        log.Wanted = () => _wanted.Set();
        _thread = new Thread(Run) { IsBackground = true, Name = "kv-log" };
        _thread.Start();
    }

    /// <summary>Syncs that took longer than the second between them (INFO's aof_delayed_fsync).</summary>
    public long DelayedSyncs { get; private set; }

    /// <summary>Ends the thread; what it is doing is finished.</summary>
    public void Dispose()
    {
        _stopping = true;
        _wanted.Set();
        _thread.Join();
        _wanted.Dispose();
    }

    private void Run()
    {
        var synced = _time.GetTimestamp();
        try
        {
            while (!_stopping)
            {
                _wanted.WaitOne(SyncEvery);
                var due = _log.Policy == SyncPolicy.EverySecond && _time.GetElapsedTime(synced) >= SyncEvery;
                if (due)
                {
                    synced = _time.GetTimestamp();
                }

                while (_log.Begin(due) is { } task)
                {
                    Perform(task);
                    due = false;
                }
            }
        }
        catch (IOException failure)
        {
            _fatal(failure);
        }
    }

    private void Perform(WalTask task)
    {
        var started = _time.GetTimestamp();
        task.Run();
        _log.End(task);
        DelayedSyncs += _time.GetElapsedTime(started) > SyncEvery ? 1 : 0;
    }
}

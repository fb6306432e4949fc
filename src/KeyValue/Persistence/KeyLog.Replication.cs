namespace Trefoil.KeyValue.Persistence;

/// <summary>What the other members of the shard hold of the log, and what they have still to get.</summary>
internal sealed partial class KeyLog
{
    private ulong _acked = ulong.MaxValue;
    private volatile bool _following;

    /// <summary>Told, on any thread, that records were handed to the kernel or became durable: cheap, it only sets a flag.</summary>
    public Action? Appended { get; set; }

    /// <summary>Records come from another node: nothing is recorded here.</summary>
    public bool IsFollowing => _following;

    /// <summary>Enough members hold records up to here; <see cref="ulong.MaxValue"/>: nobody asks for that.</summary>
    public ulong AckedLsn
    {
        get
        {
            lock (_gate)
            {
                return _acked;
            }
        }
    }

    /// <summary>From any thread: enough members hold records up to here. May go down, when the shard begins to ask for more.</summary>
    public void Acked(ulong lsn)
    {
        lock (_gate)
        {
            if (_acked == lsn)
            {
                return;
            }

            _acked = lsn;
            Release();
            TellReleased();
        }

        Released();
    }

    /// <summary>Nothing is recorded from here on. The caller holds every slot's lock, so that no change is under way.</summary>
    public void Follow()
    {
        lock (_gate)
        {
            _following = true;
            _acked = ulong.MaxValue;
            Release();
        }
    }

    private void Grown() => Appended?.Invoke();
}

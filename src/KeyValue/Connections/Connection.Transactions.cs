using Trefoil.KeyValue.Commands.Transactions;
using Trefoil.KeyValue.Store;

namespace Trefoil.KeyValue.Connections;

/// <summary>MULTI and WATCH.</summary>
public sealed partial class Connection
{
    private List<KeyWatch>? _watches;

    /// <summary>What was queued since MULTI; null outside of one.</summary>
    internal Transaction? Transaction { get; set; }

    /// <summary>An EXEC under way, which may be waiting; null otherwise.</summary>
    internal TransactionRun? Running { get; set; }

    /// <summary>Under the key's slot lock.</summary>
    internal void AddWatch(KeyWatch watch)
    {
        _watches ??= [];
        foreach (var known in _watches)
        {
            if (known.Slot == watch.Slot && known.Key.SequenceEqual(watch.Key))
            {
                return;
            }
        }

        _watches.Add(watch);
        Context.Store.Table(watch.Slot).Watch(watch);
    }

    /// <summary>Watches nothing any more; takes the locks of the slots.</summary>
    internal void DropWatches()
    {
        foreach (var watch in _watches ?? [])
        {
            var table = Context.Store.Table(watch.Slot);
            lock (table)
            {
                table.Unwatch(watch);
            }
        }

        _watches = null;
    }

    /// <summary>True if a watched key is known to have changed; takes no lock.</summary>
    internal bool HasBrokenWatch => _watches?.Exists(watch => watch.IsBroken) == true;

    /// <summary>True if a watched key has changed; takes the locks of their slots, since that has expired meanwhile has.</summary>
    internal bool IsWatchBroken(long nowMs)
    {
        foreach (var watch in _watches ?? [])
        {
            var table = Context.Store.Table(watch.Slot);
            lock (table)
            {
                table.Contains(watch.Key, nowMs);
            }
        }

        return HasBrokenWatch;
    }
}

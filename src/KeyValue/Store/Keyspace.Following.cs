using Trefoil.Primitives;

namespace Trefoil.KeyValue.Store;

/// <summary>A store that another node's records are applied to.</summary>
public sealed partial class Keyspace
{
    /// <summary>
    /// Another node's records are applied here, and nothing else changes anything: keys do not expire, they only hide. Constant while somebody
    /// holds a slot's lock.
    /// </summary>
    internal bool IsFollowing => Log is { IsFollowing: true };

    /// <summary>From here on nothing is recorded, and nothing changes but by records; returns once every command that runs has ended.</summary>
    /// <remarks>All tables come into being, so that nobody can be working on one whose lock was not taken.</remarks>
    internal void Follow()
    {
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            Monitor.Enter(Table(slot));
        }

        Log!.Follow();
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            Monitor.Exit(Table(slot));
        }
    }

    /// <summary>Returns once every command that is running now has ended.</summary>
    internal void Settle() => CountSettled();
}

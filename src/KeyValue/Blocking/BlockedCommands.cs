using System.Collections.Concurrent;

namespace Trefoil.KeyValue.Blocking;

/// <summary>All commands of this node that wait. Thread-safe.</summary>
internal sealed class BlockedCommands
{
    private readonly ConcurrentDictionary<BlockedCommand, bool> _waiting = new();

    /// <summary>How many of them will end by themselves.</summary>
    public int WithTimeout => _waiting.Keys.Count(blocked => blocked.HasTimeout);

    public void Add(BlockedCommand blocked) => _waiting[blocked] = true;

    public void Remove(BlockedCommand blocked) => _waiting.TryRemove(blocked, out _);

    /// <summary>This node is a replica now: who waits for something that only a primary says is sent away, as by Redis. Pops are sent on by <see cref="DropMoved"/>.</summary>
    public void EndWaits()
    {
        foreach (var (blocked, _) in _waiting)
        {
            if (blocked is not BlockedPop)
            {
                blocked.End(static reply => reply.Error("UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)"u8));
            }
        }
    }

    /// <summary>Sends those on whose slot is no longer served here. To be called now and then; takes locks of slots.</summary>
    public void DropMoved()
    {
        foreach (var (blocked, _) in _waiting)
        {
            if (blocked.Redirection() is { } error)
            {
                blocked.End(reply => reply.Error(error));
            }
        }
    }
}

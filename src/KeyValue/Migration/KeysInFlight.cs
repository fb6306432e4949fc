using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.SlotMigration;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Migration;

/// <summary>The keys that are on their way to another node, and whoever waits for them. Thread-safe.</summary>
/// <remarks>
/// A key is added, asked about and taken out under its slot's lock, so whoever holds that lock sees the truth. Waiters are woken whenever a
/// key lands, and look again: there are few of them, for few milliseconds.
/// </remarks>
internal sealed class KeysInFlight
{
    private readonly Lock _lock = new();
    private readonly HashSet<byte[]> _keys = new(ByteComparer.Instance);
    private TaskCompletionSource? _landing;
    private int _count;

    /// <summary>Whether there is any: the one thing that every command pays for.</summary>
    public bool Any => Volatile.Read(ref _count) > 0;

    /// <summary>False if the key is in flight already.</summary>
    public bool Add(byte[] key)
    {
        lock (_lock)
        {
            var added = _keys.Add(key);
            _count = _keys.Count;
            return added;
        }
    }

    /// <summary>Whether this key is.</summary>
    public bool Contains(ReadOnlySpan<byte> key)
    {
        lock (_lock)
        {
            return _keys.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(key);
        }
    }

    /// <summary>Whether a key of these slots, which ascend, is.</summary>
    public bool AnyIn(IReadOnlyList<SlotRange> slots)
    {
        lock (_lock)
        {
            return _keys.Any(key => slots.Contains(HashSlot.Of(key)));
        }
    }

    /// <summary>The fate of these keys is decided: wakes all who wait.</summary>
    public void Land(IEnumerable<byte[]> keys)
    {
        TaskCompletionSource? landing;
        lock (_lock)
        {
            _keys.ExceptWith(keys);
            _count = _keys.Count;
            (landing, _landing) = (_landing, null);
        }

        landing?.SetResult();
    }

    /// <summary>What a command must wait for before it looks again; null if it may run. <paramref name="context"/> has its arguments.</summary>
    public Task? Obstacle(CommandContext context, CommandSpec spec)
    {
        if (context.Slot < 0)
        {
            // Without a key and yet a write: FLUSHALL and its like touch every key there is.
            return spec.Has(CommandFlags.Write) ? Landing(always: true) : null;
        }

        var keys = context.Keys;
        keys.Clear();
        KeyExtractor.TryFind(spec, context, 0, keys);
        lock (_lock)
        {
            var inFlight = _keys.GetAlternateLookup<ReadOnlySpan<byte>>();
            foreach (var (position, _) in keys)
            {
                if (inFlight.Contains(context[position]))
                {
                    return Landing(always: false);
                }
            }
        }

        return null;
    }

    private Task? Landing(bool always)
    {
        lock (_lock)
        {
            if (always && _count == 0)
            {
                return null;
            }

            _landing ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _landing.Task;
        }
    }
}

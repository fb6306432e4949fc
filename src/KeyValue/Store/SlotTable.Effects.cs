using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>Every mutator records what it made true; <see cref="Apply"/> makes it true again.</summary>
public sealed partial class SlotTable
{
    /// <summary>The newest record of the log that touched this slot: a reply that depends on the slot may not overtake it.</summary>
    public ulong LastLsn { get; internal set; }

    /// <summary>
    /// Makes one recorded effect true. An effect that finds nothing to act on (a field of a hash that is gone by a later snapshot) does
    /// nothing. False for a kind that this version does not know.
    /// </summary>
    internal bool Apply(ref EffectReader effect)
    {
        switch (effect.Kind)
        {
            case EffectKind.SetString:
                var expireAtMs = effect.Number();
                SetString(effect.Key, effect.Bytes(), expireAtMs);
                return true;
            case EffectKind.SetInteger:
                expireAtMs = effect.Number();
                SetInteger(effect.Key, effect.Number(), expireAtMs);
                return true;
            case EffectKind.WriteRange:
                var offset = (int)effect.Number();
                WriteRange(effect.Key, offset, effect.Bytes(), Replay);
                return true;
            case EffectKind.SetExpiry:
                SetExpiry(effect.Key, effect.Number(), Replay);
                return true;
            case EffectKind.Remove:
                Remove(effect.Key, Replay);
                return true;
            case EffectKind.Restore:
                return ApplyRestore(ref effect);
            case EffectKind.ClearSlot:
                RemoveAll();
                return true;
            case EffectKind.Rename:
                Rename(effect.Key, effect.Bytes(), Replay);
                return true;
            case EffectKind.Copy:
                Copy(effect.Bytes(), effect.Key, Replay);
                return true;
            default:
                return effect.Kind switch
                {
                    < EffectKind.PushHead => ApplyToHash(ref effect),
                    < EffectKind.AddMember => ApplyToList(ref effect),
                    < EffectKind.SetScore => ApplyToSet(ref effect),
                    _ => ApplyToSortedSet(ref effect),
                };
        }
    }

    /// <summary>Takes an entry of a snapshot as it is, in the place of one of the same key; its access clock, if the snapshot had it.</summary>
    internal void Load(object entry, uint? clock)
    {
        var key = KeyedValue.KeyOf(entry);
        var hash = KeyHash.Of(key);
        Put(hash, _index.Find(hash, key), entry);
        KeyedValue.SetClock(entry, clock ?? _owner.Clock.Initial);
    }

    private bool ApplyToHash(ref EffectReader effect)
    {
        var hash = Find(effect.Key, Replay).Hash;
        switch (effect.Kind)
        {
            case EffectKind.SetField:
                var field = effect.Bytes();
                SetField(effect.Key, hash, field, effect.Bytes());
                return true;
            case EffectKind.RemoveField:
                field = effect.Bytes();
                _ = hash is not null && RemoveField(hash, field);
                return true;
            default:
                return false;
        }
    }

    /// <summary>While effects are applied no key expires: when one had, the log says so.</summary>
    private const long Replay = long.MinValue;

    private void Record(EffectKind kind, ReadOnlySpan<byte> key)
    {
        if (Begin(kind, key) is not null)
        {
            End();
        }
    }

    private void Record(EffectKind kind, ReadOnlySpan<byte> key, long number)
    {
        if (Begin(kind, key) is { } effect)
        {
            effect.Number(number);
            End();
        }
    }

    private void Record(EffectKind kind, ReadOnlySpan<byte> key, long number, long second)
    {
        if (Begin(kind, key) is { } effect)
        {
            effect.Number(number);
            effect.Number(second);
            End();
        }
    }

    private void Record(EffectKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> bytes)
    {
        if (Begin(kind, key) is { } effect)
        {
            effect.Bytes(bytes);
            End();
        }
    }

    private void Record(EffectKind kind, ReadOnlySpan<byte> key, long number, ReadOnlySpan<byte> bytes)
    {
        if (Begin(kind, key) is { } effect)
        {
            effect.Number(number);
            effect.Bytes(bytes);
            End();
        }
    }

    private void Record(EffectKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> second)
    {
        if (Begin(kind, key) is { } effect)
        {
            effect.Bytes(bytes);
            effect.Bytes(second);
            End();
        }
    }

    /// <summary>The writer of this effect's arguments, to be followed by <see cref="End"/>; null while nothing is recorded.</summary>
    private EffectWriter? Begin(EffectKind kind, ReadOnlySpan<byte> key)
    {
        Changed(key);
        if (_owner.Log is not { IsFollowing: false } log || _isImporting)
        {
            return null;
        }

        LastLsn = log.Enter();
        log.Effects.Begin(_slot, kind, key);
        return log.Effects;
    }

    /// <summary>Tells those who watch the key or wait for it.</summary>
    private void Changed(ReadOnlySpan<byte> key)
    {
        if (_watches is not null)
        {
            BreakWatches(key);
        }

        _waits?.Changed(key);
    }

    private void End() => _owner.Log!.Exit();
}

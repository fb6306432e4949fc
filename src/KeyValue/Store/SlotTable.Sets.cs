using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>Changes inside sets. An empty set does not exist.</summary>
public sealed partial class SlotTable
{
    /// <summary>
    /// Adds a member to the set at <paramref name="key"/>, which is created (and given to <paramref name="set"/>) if the key does not exist;
    /// false if the member was there.
    /// </summary>
    /// <remarks>The key holds a set or nothing: the caller has looked.</remarks>
    internal bool AddMember(ReadOnlySpan<byte> key, ref SetValue? set, ReadOnlySpan<byte> member)
    {
        if (set is null)
        {
            Record(EffectKind.AddMember, key, member);
            set = new SetValue(key.ToArray());
            set.Add(member);
            Put(KeyHash.Of(key), default, set);
            return true;
        }

        var before = set.Bytes;
        if (!set.Add(member))
        {
            return false;
        }

        Record(EffectKind.AddMember, key, member);
        Bytes += set.Bytes - before;
        return true;
    }

    /// <summary>Removes a member; with the last one goes the key. False if there was no such member.</summary>
    internal bool RemoveMember(SetValue set, ReadOnlySpan<byte> member)
    {
        var before = set.Bytes;
        if (!set.Remove(member))
        {
            return false;
        }

        Record(EffectKind.RemoveMember, set.Key, member);
        Bytes += set.Bytes - before;
        if (set.Count == 0)
        {
            TakeValue(set);
        }

        return true;
    }

    private bool ApplyToSet(ref EffectReader effect)
    {
        var set = Find(effect.Key, Replay).Set;
        switch (effect.Kind)
        {
            case EffectKind.AddMember:
                AddMember(effect.Key, ref set, effect.Bytes());
                return true;
            case EffectKind.RemoveMember:
                var member = effect.Bytes();
                _ = set is not null && RemoveMember(set, member);
                return true;
            default:
                return false;
        }
    }
}

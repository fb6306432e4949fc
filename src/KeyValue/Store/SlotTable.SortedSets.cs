using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>Changes inside sorted sets. An empty sorted set does not exist.</summary>
public sealed partial class SlotTable
{
    /// <summary>
    /// Gives a member of the sorted set at <paramref name="key"/> a score (no NaN); the set is created (and given to <paramref name="set"/>) if
    /// the key does not exist. True if the member is new.
    /// </summary>
    /// <remarks>The key holds a sorted set or nothing: the caller has looked. The member may not lie in the set itself.</remarks>
    internal bool SetScore(ReadOnlySpan<byte> key, ref SortedSetValue? set, ReadOnlySpan<byte> member, double score)
    {
        Record(EffectKind.SetScore, key, BitConverter.DoubleToInt64Bits(score), member);
        if (set is null)
        {
            set = new SortedSetValue(key.ToArray());
            set.Set(member, score);
            Put(KeyHash.Of(key), default, set);
            return true;
        }

        var before = set.Bytes;
        var created = set.Set(member, score);
        Bytes += set.Bytes - before;
        return created;
    }

    /// <summary>Removes a member; with the last one goes the key. False if there was no such member.</summary>
    internal bool RemoveScore(SortedSetValue set, ReadOnlySpan<byte> member)
    {
        var before = set.Bytes;
        if (!set.Remove(member))
        {
            return false;
        }

        Record(EffectKind.RemoveScore, set.Key, member);
        Bytes += set.Bytes - before;
        if (set.Count == 0)
        {
            TakeValue(set);
        }

        return true;
    }

    /// <summary>Removes <paramref name="count"/> members from a rank on; with the last one goes the key.</summary>
    internal void RemoveRanks(SortedSetValue set, int rank, int count)
    {
        if (count <= 0)
        {
            return;
        }

        Record(EffectKind.RemoveRanks, set.Key, rank, count);
        if (count == set.Count)
        {
            TakeValue(set);
            return;
        }

        var before = set.Bytes;
        set.RemoveRange(rank, count);
        Bytes += set.Bytes - before;
    }

    private bool ApplyToSortedSet(ref EffectReader effect)
    {
        var set = Find(effect.Key, Replay).SortedSet;
        switch (effect.Kind)
        {
            case EffectKind.SetScore:
                var score = BitConverter.Int64BitsToDouble(effect.Number());
                SetScore(effect.Key, ref set, effect.Bytes(), score);
                return true;
            case EffectKind.RemoveScore:
                var member = effect.Bytes();
                _ = set is not null && RemoveScore(set, member);
                return true;
            case EffectKind.RemoveRanks:
                var (rank, count) = (effect.Number(), effect.Number());
                if (set is not null && IsWithin(rank, count, set.Count))
                {
                    RemoveRanks(set, (int)rank, (int)count);
                }

                return true;
            default:
                return false;
        }
    }
}

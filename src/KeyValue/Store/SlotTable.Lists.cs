using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>Changes inside lists. An empty list does not exist.</summary>
public sealed partial class SlotTable
{
    /// <summary>Puts an element at an end of the list at <paramref name="key"/>, which is created if the key does not exist; returns the list.</summary>
    /// <remarks>The key holds a list or nothing: the caller has looked. The element may not lie in the list itself.</remarks>
    internal ListValue Push(ReadOnlySpan<byte> key, ListValue? list, ReadOnlySpan<byte> element, bool atHead)
    {
        Record(atHead ? EffectKind.PushHead : EffectKind.PushTail, key, element);
        if (list is null)
        {
            list = new ListValue(key.ToArray());
            list.Insert(0, element);
            Put(KeyHash.Of(key), default, list);
            return list;
        }

        var before = list.Bytes;
        list.Insert(atHead ? 0 : list.Count, element);
        Bytes += list.Bytes - before;
        return list;
    }

    /// <summary>Puts an element before the one at <paramref name="index"/>, which exists.</summary>
    internal void InsertElement(ListValue list, int index, ReadOnlySpan<byte> element)
    {
        Record(EffectKind.InsertElement, list.Key, index, element);
        var before = list.Bytes;
        list.Insert(index, element);
        Bytes += list.Bytes - before;
    }

    /// <summary>Puts another element in the place of the one at <paramref name="index"/>.</summary>
    internal void SetElement(ListValue list, int index, ReadOnlySpan<byte> element)
    {
        Record(EffectKind.SetElement, list.Key, index, element);
        var before = list.Bytes;
        list.Replace(index, element);
        Bytes += list.Bytes - before;
    }

    /// <summary>Removes <paramref name="count"/> elements from <paramref name="index"/> on; with the last one goes the key.</summary>
    internal void RemoveElements(ListValue list, int index, int count)
    {
        if (count <= 0)
        {
            return;
        }

        Record(EffectKind.RemoveElements, list.Key, index, count);
        if (count == list.Count)
        {
            TakeValue(list);
            return;
        }

        var before = list.Bytes;
        list.RemoveRange(index, count);
        Bytes += list.Bytes - before;
    }

    private bool ApplyToList(ref EffectReader effect)
    {
        var list = Find(effect.Key, Replay).List;
        switch (effect.Kind)
        {
            case EffectKind.PushHead:
                Push(effect.Key, list, effect.Bytes(), atHead: true);
                return true;
            case EffectKind.PushTail:
                Push(effect.Key, list, effect.Bytes(), atHead: false);
                return true;
            case EffectKind.RemoveElements:
                var (first, count) = (effect.Number(), effect.Number());
                if (list is not null && IsWithin(first, count, list.Count))
                {
                    RemoveElements(list, (int)first, (int)count);
                }

                return true;
            case EffectKind.SetElement:
                first = effect.Number();
                var element = effect.Bytes();
                if (list is not null && IsWithin(first, 1, list.Count))
                {
                    SetElement(list, (int)first, element);
                }

                return true;
            case EffectKind.InsertElement:
                first = effect.Number();
                element = effect.Bytes();
                if (list is not null && IsWithin(first, 1, list.Count))
                {
                    InsertElement(list, (int)first, element);
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Removes the key of a value that has become, or is about to become, empty.</summary>
    private void TakeValue(KeyedValue value) => Take(_index.Find(KeyHash.Of(value.Key), value.Key));

    private static bool IsWithin(long first, long count, int all) => first >= 0 && count >= 0 && first <= all && count <= all - first;
}

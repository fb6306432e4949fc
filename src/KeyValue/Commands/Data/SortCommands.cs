using Trefoil.KeyValue.Store;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Commands.Data;

/// <summary>SORT, SORT_RO: the elements of a list, set or sorted set by number or by bytes, answered or stored as a list.</summary>
internal static class SortCommands
{
    public static void Sort(CommandContext context) => Sort(context, mayStore: true);

    public static void SortReadOnly(CommandContext context) => Sort(context, mayStore: false);

    private static void Sort(CommandContext context, bool mayStore)
    {
        if (!SortOptions.TryParse(context, mayStore, out var options))
        {
            return;
        }

        var entry = context.Read();
        if (entry is { Exists: true, List: null, Set: null, SortedSet: null })
        {
            context.Reply.Error(DataErrors.WrongType);
            return;
        }

        if (options is { KeepsOrder: true, Store: > 0 } && entry.Set is not null)
        {
            // A set has no order, so what is stored gets one.
            options.KeepsOrder = false;
            options.IsAlphabetic = true;
        }

        var elements = Elements(entry, options);
        if (!options.KeepsOrder && !TryOrder(elements, options))
        {
            context.Reply.Error("ERR One or more scores can't be converted into double"u8);
            return;
        }

        var from = (int)Math.Min(options.Skip, elements.Length);
        var count = elements.Length - from;
        count = options.Limit < 0 ? count : (int)Math.Min(options.Limit, count);
        if (options.Store > 0)
        {
            Store(context, context[options.Store], elements.AsSpan(from, count));
            return;
        }

        context.Reply.Array(count);
        foreach (var element in elements.AsSpan(from, count))
        {
            context.Reply.Bulk(element.Bytes.Span);
        }
    }

    private static Element[] Elements(KeyEntry entry, in SortOptions options)
    {
        var found = new ElementList(entry.List?.Count ?? entry.Set?.Count ?? entry.SortedSet?.Count ?? 0);
        if (entry.List is { } list && list.Count > 0)
        {
            var backwards = options is { KeepsOrder: true, Descends: true };
            for (var elements = list.From(backwards ? list.Count - 1 : 0, !backwards); elements.MoveNext();)
            {
                found.Add(elements.Current);
            }
        }
        else if (entry.Set is { } set)
        {
            foreach (var member in set)
            {
                found.Add(member);
            }
        }
        else if (entry.SortedSet is { } sorted)
        {
            var reverse = options is { KeepsOrder: true, Descends: true };
            for (var members = sorted.Range(reverse ? sorted.Count - 1 : 0, sorted.Count, reverse); members.MoveNext();)
            {
                found.Add(members.Current.Member);
            }
        }

        return found.Close();
    }

    private static bool TryOrder(Element[] elements, in SortOptions options)
    {
        if (!options.IsAlphabetic)
        {
            for (var i = 0; i < elements.Length; i++)
            {
                if (!DoubleText.TryParseWeight(elements[i].Bytes.Span, out elements[i].Weight))
                {
                    return false;
                }
            }
        }

        // Equal numbers by their bytes, as in Redis: the result does not depend on the way of sorting.
        Array.Sort(elements, static (left, right) => left.Weight.CompareTo(right.Weight) is var order and not 0
            ? order
            : left.Bytes.Span.SequenceCompareTo(right.Bytes.Span));
        if (options.Descends)
        {
            Array.Reverse(elements);
        }

        return true;
    }

    private static void Store(CommandContext context, ReadOnlySpan<byte> key, ReadOnlySpan<Element> elements)
    {
        var table = context.Table();
        table.Remove(key, context.NowMs);
        ListValue? list = null;
        foreach (var element in elements)
        {
            list = table.Push(key, list, element.Bytes.Span, atHead: false);
        }

        context.Reply.Integer(elements.Length);
    }

    /// <summary>An element's bytes, and its number unless bytes decide.</summary>
    private struct Element
    {
        public ReadOnlyMemory<byte> Bytes;
        public double Weight;
    }

    /// <summary>Copies of elements, one behind the other in one array: what they were read from may be replaced by the result.</summary>
    private sealed class ElementList(int count)
    {
        private readonly (int At, int Length)[] _places = new (int, int)[count];
        private byte[] _bytes = new byte[Math.Max(256, count * 8)];
        private int _count;
        private int _end;

        public void Add(ReadOnlySpan<byte> element)
        {
            if (_bytes.Length - _end < element.Length)
            {
                Array.Resize(ref _bytes, checked(Math.Max(_bytes.Length, element.Length) * 2));
            }

            element.CopyTo(_bytes.AsSpan(_end));
            _places[_count++] = (_end, element.Length);
            _end += element.Length;
        }

        public Element[] Close()
        {
            var elements = new Element[_count];
            for (var i = 0; i < _count; i++)
            {
                elements[i].Bytes = _bytes.AsMemory(_places[i].At, _places[i].Length);
            }

            return elements;
        }
    }
}

using Trefoil.Assertions.Model;
using Trefoil.Storage.Ordered;

namespace Trefoil.Assertions.Store;

/// <summary>A place in the tree of concepts.</summary>
/// <param name="Path">Its whole path; of a scheme, with the two slashes.</param>
/// <param name="HasOwn">Claims have it as their subject.</param>
/// <param name="HasBelow">There are concepts below it.</param>
public readonly record struct Concept(Utf8Text Path, bool HasOwn, bool HasBelow);

/// <summary>The tree of concepts: a walk that jumps over what is below each place, so that its cost is in what it lists.</summary>
public sealed partial class AssertionReader
{
    /// <summary>What is directly below a path (empty: the roots), in the order of the index, after the place <paramref name="after"/> (empty: from the first).</summary>
    public IReadOnlyList<Concept> Concepts(Utf8Text path, Utf8Text after, int limit)
    {
        var concepts = new List<Concept>();
        var (from, to) = Below(path.Span);
        var depth = from.Length - 1;
        using var cursor = _snapshot.Scan(from, to);
        using var probe = _snapshot.Scan([StoreKeys.Subjects], [StoreKeys.Subjects + 1]);
        if (!after.IsEmpty)
        {
            SkipOver(cursor, after.Span, own: Exists(probe, after.Span, 0));
        }

        while (concepts.Count < limit && cursor.MoveNext())
        {
            var subject = cursor.Key[1..^StoreKeys.SubjectTail];
            subject = subject[..subject.IndexOf((byte)0)];
            var (length, own) = Place(subject, depth);
            var place = subject[..length];

            // A place with claims of its own was met at them already: its paths below come later, behind siblings like a-b.
            var met = !own && Exists(probe, place, 0);
            if (!met)
            {
                concepts.Add(new Concept(Utf8Text.Checked(place.ToArray()), own, !own || Exists(probe, place, (byte)'/')));
            }

            SkipOver(cursor, place, own);
        }

        return concepts;
    }

    /// <summary>How many claims a path and what is below it have; at most <paramref name="limit"/> are counted.</summary>
    public int CountUnder(Utf8Text path, int limit)
    {
        var selection = KeySelection.Under(path);
        var count = selection.IncludesSelf ? Count(StoreKeys.PathStart(_key, path.Span, 0), StoreKeys.PathStart(_end, path.Span, 1), limit) : 0;
        var (from, to) = Below(path.Span);
        return count + Count(from, to, limit - count);
    }

    /// <summary>Length of the place below the depth that a subject lies in, and whether it is the subject itself.</summary>
    private static (int Length, bool Own) Place(ReadOnlySpan<byte> subject, int depth)
    {
        ConceptPath.TryCreate(Utf8Text.Checked(subject.ToArray()), out var path);
        if (depth < path.RootLength)
        {
            return (path.RootLength, false);
        }

        var slash = subject[depth..].IndexOf((byte)'/');
        return slash < 0 ? (subject.Length, true) : (depth + slash, false);
    }

    /// <summary>To the first key behind the claims of a place, or behind all that is below it.</summary>
    private void SkipOver(OrderedCursor cursor, ReadOnlySpan<byte> place, bool own) => cursor.Seek(
        own ? StoreKeys.PathStart(_key, place, 1)
        : place[^1] == (byte)'/' ? StoreKeys.PathStart(_key, place[..^1], '/' + 1)
        : StoreKeys.PathStart(_key, place, '/' + 1));

    private bool Exists(OrderedCursor probe, ReadOnlySpan<byte> place, byte next)
    {
        var prefix = StoreKeys.PathStart(_end, place, next);
        probe.Seek(prefix);
        return probe.MoveNext() && probe.Key.StartsWith(prefix);
    }

    private int Count(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, int limit)
    {
        using var cursor = _snapshot.Scan(from, to);
        var count = 0;
        while (count < limit && cursor.MoveNext())
        {
            count++;
        }

        return count;
    }
}

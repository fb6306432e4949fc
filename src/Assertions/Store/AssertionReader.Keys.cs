using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Storage.Ordered;

namespace Trefoil.Assertions.Store;

/// <summary>Queries by subject, prefix and predicate: walks over the index of subjects, from key to key.</summary>
public sealed partial class AssertionReader
{
    /// <summary>The claims of one subject and predicate, oldest first.</summary>
    public KeyCandidates Candidates(ConceptPath subject, Utf8Text predicate, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfZero(predicate.Length, nameof(predicate));
        return Keys(KeySelection.Of(subject, predicate), after: null, maxKeys: 1, limit).Keys is [var found]
            ? found
            : new KeyCandidates(new ClaimKey(subject, predicate), [], IsComplete: true);
    }

    /// <summary>Keys of a selection above <paramref name="after"/>, each with its claims.</summary>
    /// <param name="selection">Which.</param>
    /// <param name="after">The last key of the page before; null to begin.</param>
    /// <param name="maxKeys">How many keys at most.</param>
    /// <param name="maxClaims">How many claims of one key at most; a page ends with the key that brings it to as many in all.</param>
    public KeyPage Keys(KeySelection selection, ClaimKey? after, int maxKeys, int maxClaims)
    {
        ArgumentNullException.ThrowIfNull(selection);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxKeys);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxClaims);
        var page = new PageInProgress(selection.Predicate, maxKeys, maxClaims);
        var path = selection.Path.Span;
        if (selection.IncludesSelf)
        {
            Walk(StoreKeys.PathStart(_key, path, 0).ToArray(), StoreKeys.PathStart(_end, path, 1).ToArray(), after, page);
        }

        // Paths like a/b-c stand between a/b and a/b/c: what is below is a range of its own.
        if (selection.IncludesBelow && !page.HasMore)
        {
            var (from, to) = Below(path);
            Walk(from, to, after, page);
        }

        return new KeyPage(page.Keys, page.HasMore);
    }

    /// <summary>Where the paths below a path begin and end in the index.</summary>
    private (byte[] From, byte[] To) Below(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
        {
            return ([StoreKeys.Subjects], [StoreKeys.Subjects + 1]);
        }

        path = path[^1] == (byte)'/' ? path[..^1] : path;
        return (StoreKeys.PathStart(_key, path, (byte)'/').ToArray(), StoreKeys.PathStart(_end, path, '/' + 1).ToArray());
    }

    private void Walk(byte[] from, byte[] to, ClaimKey? after, PageInProgress page)
    {
        ReadOnlySpan<byte> start = from;
        if (after is { } last && StoreKeys.SubjectStart(_key, last.Subject.Span, last.Predicate.Span, 1) is var resume && resume.SequenceCompareTo(from) > 0)
        {
            start = resume;
        }

        if (start.SequenceCompareTo(to) >= 0)
        {
            return;
        }

        using var cursor = _snapshot.Scan(start, to);
        var stands = cursor.MoveNext();
        while (stands && !page.HasMore)
        {
            var names = cursor.Key[1..^StoreKeys.SubjectTail];
            var subject = names[..names.IndexOf((byte)0)];
            var predicate = names[(subject.Length + 1)..];
            var order = page.Predicate.IsEmpty ? 0 : predicate.SequenceCompareTo(page.Predicate.Span);
            if (order != 0)
            {
                cursor.Seek(order < 0 ? StoreKeys.SubjectStart(_key, subject, page.Predicate.Span, 0) : StoreKeys.PathStart(_key, subject, 1));
                stands = cursor.MoveNext();
            }
            else if (page.IsFull)
            {
                page.HasMore = true;
            }
            else
            {
                stands = Take(cursor, names.ToArray(), subject.Length, page);
            }
        }
    }

    /// <summary>Takes the claims of the key that the cursor stands at, and leaves it at the next key; false if there is none.</summary>
    private bool Take(OrderedCursor cursor, byte[] names, int subjectLength, PageInProgress page)
    {
        var claims = new List<ClaimState>();
        var (stands, complete) = (true, true);
        while (stands && cursor.Key[1..^StoreKeys.SubjectTail].SequenceEqual(names))
        {
            if (claims.Count == page.MaxClaims)
            {
                cursor.Seek(StoreKeys.SubjectStart(_key, names.AsSpan(0, subjectLength), names.AsSpan(subjectLength + 1), 1));
                (stands, complete) = (cursor.MoveNext(), false);
                break;
            }

            if (State(AssertionId.Read(cursor.Key[^AssertionId.Size..])) is { } state)
            {
                claims.Add(state);
            }

            stands = cursor.MoveNext();
        }

        page.Add(new KeyCandidates(KeyOf(names, subjectLength), claims, complete));
        return stands;
    }

    private static ClaimKey KeyOf(byte[] names, int subjectLength)
    {
        ConceptPath.TryCreate(Utf8Text.Checked(names.AsMemory(0, subjectLength)), out var subject);
        return new ClaimKey(subject, Utf8Text.Checked(names.AsMemory(subjectLength + 1)));
    }

    private sealed class PageInProgress(Utf8Text predicate, int maxKeys, int maxClaims)
    {
        private int _claims;

        public Utf8Text Predicate => predicate;

        public int MaxClaims => maxClaims;

        public List<KeyCandidates> Keys { get; } = [];

        public bool IsFull => Keys.Count == maxKeys || _claims >= maxClaims;

        public bool HasMore { get; set; }

        public void Add(KeyCandidates key)
        {
            Keys.Add(key);
            _claims += key.Claims.Count;
        }
    }
}

using Trefoil.Primitives;

namespace Trefoil.KeyValue.Values;

/// <summary>Finds entries by key: extendible hashing (Fagin et al. 1979) over <see cref="HashPage"/>s, ordered by hash.</summary>
/// <remarks>
/// A full page splits in two and the directory doubles when it must, so growing never rehashes the whole table: the longest step is one
/// page of <see cref="PageLimit"/> entries, plus copying the directory's references. The first bits of the hash choose the page and pages
/// are sorted inside, so walking the index walks the hashes in ascending order. That order is the whole of SCAN's guarantee: a cursor means
/// "everything below this hash was returned", and no growth can move an entry across it.
/// A mutable struct, embedded in its owner to save a dereference on every lookup: never copy it.
/// </remarks>
internal struct HashIndex
{
    /// <summary>Entries per page before it splits.</summary>
    public const int PageLimit = 256;

    /// <summary>Directory bits at most; beyond that (4 billion entries, or hashes that collide on purpose) pages grow instead.</summary>
    private const int DepthLimit = 24;

    private HashPage? _root;
    private HashPage[]? _directory;
    private int _depth;

    /// <summary>Number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Heap bytes of the index: pages and directory, without the entries.</summary>
    public long Bytes { get; private set; }

    /// <summary>Where an entry sits; void after the next insertion or removal.</summary>
    public readonly record struct Location(HashPage? Page, int Position)
    {
        public bool Found => Page is not null;

        public object Entry
        {
            get => Page!.Entries[Position]!;
            set => Page!.Entries[Position] = value;
        }
    }

    public readonly Location Find(uint hash, ReadOnlySpan<byte> key)
    {
        var page = PageOf(hash);
        if (page is null)
        {
            return default;
        }

        for (var i = page.LowerBound(hash); i < page.Count && page.Hashes[i] == hash; i++)
        {
            if (KeyedValue.KeyOf(page.Entries[i]!).SequenceEqual(key))
            {
                return new Location(page, i);
            }
        }

        return default;
    }

    /// <summary>The first entry with this hash, whatever its key.</summary>
    public readonly Location FindFirst(uint hash)
    {
        var page = PageOf(hash);
        var position = page?.LowerBound(hash) ?? 0;
        return page is not null && position < page.Count && page.Hashes[position] == hash ? new Location(page, position) : default;
    }

    /// <summary>Adds an entry whose key is not in the index yet.</summary>
    public void Insert(uint hash, object entry)
    {
        var page = PageOf(hash) ?? First();
        while (page.Count >= PageLimit && page.Depth < DepthLimit)
        {
            Split(page, hash);
            page = PageOf(hash)!;
        }

        var before = page.Bytes;
        page.Insert(hash, entry);
        Bytes += page.Bytes - before;
        Count++;
    }

    public void Remove(Location location)
    {
        var before = location.Page!.Bytes;
        location.Page.RemoveAt(location.Position);
        Bytes += location.Page.Bytes - before;
        if (--Count == 0)
        {
            this = default;
        }
    }

    /// <summary>
    /// Appends to <paramref name="found"/> the entries from hash <paramref name="from"/> on, at least <paramref name="count"/> if there are
    /// so many (all that share the last one's hash are taken, because a cursor cannot point between them).
    /// Returns the hash to go on from, which is 2³² at the end.
    /// </summary>
    public readonly ulong Collect(ulong from, int count, List<object> found)
    {
        while (from <= uint.MaxValue)
        {
            var page = PageOf((uint)from);
            if (page is null)
            {
                break;
            }

            var end = (from | (uint.MaxValue >> page.Depth)) + 1;
            for (var i = page.LowerBound((uint)from); i < page.Count; i++)
            {
                if (found.Count >= count && page.Hashes[i] != from - 1)
                {
                    return page.Hashes[i];
                }

                found.Add(page.Entries[i]!);
                from = page.Hashes[i] + 1UL;
            }

            from = end;
        }

        return 1UL << 32;
    }

    /// <summary>An entry at random: nearly uniform, since a uniform hash picks the page and the position inside is drawn.</summary>
    public readonly object Random(Prng random)
    {
        var page = RandomPage(random);
        return page.Entries[random.Below(page.Count)]!;
    }

    /// <summary>A page that is not empty, drawn by a uniform hash; the index is not empty.</summary>
    public readonly HashPage RandomPage(Prng random)
    {
        while (true)
        {
            var page = PageOf((uint)random.Next())!;
            if (page.Count > 0)
            {
                return page;
            }
        }
    }

    /// <summary>Entries with exactly this hash (there is seldom more than one).</summary>
    public readonly void CollectEqual(uint hash, List<object> found)
    {
        var page = PageOf(hash);
        for (var i = page?.LowerBound(hash) ?? 0; page is not null && i < page.Count && page.Hashes[i] == hash; i++)
        {
            found.Add(page.Entries[i]!);
        }
    }

    private readonly HashPage? PageOf(uint hash) => _directory is null ? _root : _directory[(int)((ulong)hash >> (32 - _depth))];

    private HashPage First()
    {
        _root = new HashPage(0, HashPage.CapacityFor(1));
        Bytes += _root.Bytes;
        return _root;
    }

    private void Split(HashPage page, uint hash)
    {
        if (_directory is null)
        {
            _directory = [page];
            _root = null;
            Bytes += HeapSize.OfArray(IntPtr.Size);
        }

        if (page.Depth == _depth)
        {
            DoubleDirectory();
        }

        var (low, high) = page.Split();
        Bytes += low.Bytes + high.Bytes - page.Bytes;
        var span = 1 << (_depth - page.Depth);
        var first = (int)((ulong)hash >> (32 - _depth)) & ~(span - 1);
        _directory.AsSpan(first, span / 2).Fill(low);
        _directory.AsSpan(first + (span / 2), span / 2).Fill(high);
    }

    private void DoubleDirectory()
    {
        var doubled = new HashPage[_directory!.Length * 2];
        for (var i = 0; i < doubled.Length; i++)
        {
            doubled[i] = _directory[i >> 1];
        }

        Bytes += (long)_directory.Length * IntPtr.Size;
        _directory = doubled;
        _depth++;
    }
}

using Trefoil.Primitives;

namespace Trefoil.Storage.Ordered;

/// <summary>Walks over the pairs of a scan. One thread; disposed before its store.</summary>
public abstract class OrderedCursor : IDisposable
{
    /// <summary>The key it stands at; valid until the next <see cref="MoveNext"/>.</summary>
    public abstract ReadOnlySpan<byte> Key { get; }

    /// <summary>The value it stands at; valid until the next <see cref="MoveNext"/>.</summary>
    public abstract ReadOnlySpan<byte> Value { get; }

    /// <summary>Goes to the next pair; false at the end.</summary>
    /// <exception cref="OrderedStoreFailure">The disk failed, or what is stored is damaged.</exception>
    public abstract bool MoveNext();

    /// <summary>Goes on as a scan that began here would: the next pair is the first at or above the key, in reverse the last below it.</summary>
    /// <param name="key">Within the bounds of the scan.</param>
    public abstract void Seek(ReadOnlySpan<byte> key);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>A store as it was at one moment. Any thread; disposed before its store.</summary>
public abstract class OrderedSnapshot : IOrderedReader, IDisposable
{
    /// <inheritdoc/>
    public abstract bool TryGet(ReadOnlySpan<byte> key, ByteWriter value);

    /// <inheritdoc/>
    public abstract bool Contains(ReadOnlySpan<byte> key);

    /// <inheritdoc/>
    public abstract OrderedCursor Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool reverse = false);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

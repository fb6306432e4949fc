using System.Buffers;
using Trefoil.KeyValue.Connections;

namespace Trefoil.KeyValue.Transport;

/// <summary>The bytes of a connection that have not run yet, contiguous and pooled; an idle connection holds none.</summary>
internal sealed class QueryBuffer : IDisposable
{
    private const int MinBytes = 512;

    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>Bytes held.</summary>
    public int Length => _end - _start;

    public void Append(ReadOnlySequence<byte> bytes, long needed)
    {
        var room = Reserve((int)bytes.Length, needed);
        bytes.CopyTo(room);
        _end += (int)bytes.Length;
    }

    public void Append(ReadOnlySpan<byte> bytes, long needed)
    {
        bytes.CopyTo(Reserve(bytes.Length, needed));
        _end += bytes.Length;
    }

    /// <summary>Runs what is complete; gives the buffer back once it is empty.</summary>
    public LoopState Run(Connection client)
    {
        var state = client.Loop.Run(_bytes, ref _start, _end);
        if (_start == _end && state == LoopState.Hungry)
        {
            Dispose();
        }

        Report(client);
        return state;
    }

    /// <summary>Shows CLIENT LIST what is held.</summary>
    public void Report(Connection client)
    {
        client.QueryBytes = Length;
        client.QueryCapacity = _bytes.Length;
    }

    /// <summary>Room for at least <paramref name="count"/> bytes at the end; after it say <see cref="Added"/>.</summary>
    public Span<byte> Reserve(int count, long needed)
    {
        if (_bytes.Length - _end < count)
        {
            // A bulk whose length is known gets its whole room at once, but only once some of it has arrived, and at most four times what has:
            // a client cannot make us reserve half a gigabyte by announcing one.
            var wanted = Math.Max(Length + count, Math.Min(needed, 4L * (Length + count)));
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(wanted, MinBytes), Array.MaxLength));
            _bytes.AsSpan(_start, Length).CopyTo(larger);
            var length = Length;
            Dispose();
            (_bytes, _end) = (larger, length);
        }

        return _bytes.AsSpan(_end);
    }

    /// <summary><paramref name="count"/> bytes were put into what <see cref="Reserve"/> gave.</summary>
    public void Added(int count) => _end += count;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = [];
        _start = _end = 0;
    }
}

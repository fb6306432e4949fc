using Trefoil.Primitives;

namespace Trefoil.Migration;

/// <summary>The stream of one attempt at its source: made, cut into messages, kept until the target has it.</summary>
/// <remarks>Offsets: <see cref="Acked"/> ≤ next to send ≤ <see cref="End"/>. Pieces never change once cut: what is sent again is what was sent.</remarks>
internal sealed class OutgoingStream
{
    private const int KeptBytes = 4 << 20;
    private readonly List<Piece> _pieces = []; // A queue whose head is _first: sent again from any place.
    private ByteWriter _fresh = new(4096);
    private int _first;
    private int _next;

    /// <summary>Where new bytes go; they are cut into pieces by <see cref="Cut"/>.</summary>
    public ByteWriter Fresh => _fresh;

    /// <summary>Everything before it is at the target.</summary>
    public long Acked { get; private set; }

    /// <summary>Behind the last byte made.</summary>
    public long End { get; private set; }

    /// <summary>Bytes kept.</summary>
    public long Unacked => End + _fresh.Length - Acked;

    /// <summary>Something was sent and not acknowledged.</summary>
    public bool InFlight => _next > _first;

    /// <summary>Something is to be sent.</summary>
    public bool Pending => _next < _pieces.Count;

    /// <summary>Makes pieces of what is fresh.</summary>
    public void Cut(int maxBytes)
    {
        var bytes = _fresh.WrittenMemory;
        for (var from = 0; from < bytes.Length; from += maxBytes)
        {
            var piece = bytes[from..Math.Min(from + maxBytes, bytes.Length)].ToArray();
            _pieces.Add(new Piece(End, piece));
            End += piece.Length;
        }

        if (bytes.Length > KeptBytes)
        {
            _fresh = new ByteWriter(4096); // One large slot must not cost its size for ever.
        }

        _fresh.Clear();
    }

    /// <summary>The next piece to send.</summary>
    public Piece Take() => _pieces[_next++];

    /// <summary>The target has everything before <paramref name="offset"/>. False: it said nothing new, or nonsense.</summary>
    public bool Ack(long offset)
    {
        if (offset <= Acked || offset > End)
        {
            return false;
        }

        Acked = offset;
        while (_first < _pieces.Count && _pieces[_first].End <= offset)
        {
            _pieces[_first++] = default;
        }

        _next = Math.Max(_next, _first);
        if (_first > 1024 && _first > _pieces.Count / 2)
        {
            _pieces.RemoveRange(0, _first);
            (_first, _next) = (0, _next - _first);
        }

        return true;
    }

    /// <summary>Send again what is not acknowledged.</summary>
    public void Rewind() => _next = _first;

    /// <summary>One message's worth.</summary>
    public readonly record struct Piece(long Offset, ReadOnlyMemory<byte> Bytes)
    {
        public long End => Offset + Bytes.Length;
    }
}

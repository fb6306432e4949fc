namespace Trefoil.Wire.Rdb;

/// <summary>The containers that Redis writes as one string.</summary>
internal enum PackedForm : byte
{
    Ziplist,
    Listpack,
    Intset,
    Zipmap,
}

/// <summary>Walks a packed container from front to back and checks, on the way, everything a reader from the other end would rely on.</summary>
internal ref struct PackedReader
{
    private readonly PackedForm _form;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _declared;
    private int _at;
    private int _previous;
    private int _count;
    private long _last;

    public PackedReader(PackedForm form, ReadOnlySpan<byte> bytes)
    {
        _form = form;
        _bytes = bytes;
        Malformed = !(form switch
        {
            PackedForm.Ziplist => Ziplist.TryOpen(bytes, out _at, out _declared),
            PackedForm.Listpack => Listpack.TryOpen(bytes, out _at, out _declared),
            PackedForm.Intset => Intset.TryOpen(bytes, out _at, out _declared),
            _ => Zipmap.TryOpen(bytes, out _at, out _declared),
        });
    }

    /// <summary>A count that says "walk and see".</summary>
    public const int Unknown = -1;

    public bool Malformed { get; private set; }

    public readonly string Name => _form switch
    {
        PackedForm.Ziplist => "ziplist",
        PackedForm.Listpack => "listpack",
        PackedForm.Intset => "intset",
        _ => "zipmap",
    };

    /// <summary>The next element, a text or a number; false at the end and when the container turns out to be malformed.</summary>
    public bool TryNext(out ReadOnlySpan<byte> text, out long number, out bool isNumber)
    {
        text = default;
        (number, isNumber) = (0, false);
        if (Malformed)
        {
            return false;
        }

        if (AtEnd())
        {
            Malformed = _declared != Unknown && _declared != _count;
            return false;
        }

        _count++;
        var first = _count == 1;
        var good = _form switch
        {
            PackedForm.Ziplist => Ziplist.TryEntry(_bytes, ref _at, ref _previous, out text, out number, out isNumber),
            PackedForm.Listpack => Listpack.TryEntry(_bytes, ref _at, out text, out number, out isNumber),
            PackedForm.Intset => Intset.TryEntry(_bytes, ref _at, out number, out isNumber) && (first || number > _last),
            _ => Zipmap.TryEntry(_bytes, ref _at, isValue: (_count & 1) == 0, out text),
        };
        _last = number;
        Malformed = !good;
        return good;
    }

    private readonly bool AtEnd() => _form == PackedForm.Intset ? _at == _bytes.Length : _at == _bytes.Length - 1;
}

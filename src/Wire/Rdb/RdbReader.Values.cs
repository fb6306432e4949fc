using System.Buffers.Binary;

namespace Trefoil.Wire.Rdb;

/// <summary>Values: begin with the type byte, then take elements until there are no more.</summary>
/// <remarks>
/// <code>
/// if (reader.TryBegin(type, out var kind))
///     String:    TryNext once
///     List, Set: while (reader.TryNext(out var element)) ...
///     Hash:      while (reader.TryNextField(out var field, out var value)) ...
///     SortedSet: while (reader.TryNextMember(out var member, out var score)) ...
/// reader.Failure is what went wrong, if anything did
/// </code>
/// Whatever the type byte says (thirteen forms, most of them packed), the caller sees one of these five.
/// </remarks>
public ref partial struct RdbReader
{
    /// <summary>Begins a value whose type byte is <paramref name="type"/>.</summary>
    public bool TryBegin(byte type, out RdbKind kind)
    {
        (_type, _left, _inPacked) = (type, 0, false);
        switch (type)
        {
            case RdbType.String:
                kind = RdbKind.String;
                _left = 1;
                return Failure is null;
            case RdbType.List or RdbType.Set or RdbType.ListQuicklist or RdbType.ListQuicklist2:
                kind = type == RdbType.Set ? RdbKind.Set : RdbKind.List;
                return TryElements(1, 1);
            case RdbType.Hash:
                kind = RdbKind.Hash;
                return TryElements(2, 2);
            case RdbType.SortedSet or RdbType.SortedSetText:
                kind = RdbKind.SortedSet;
                return TryElements(1, type == RdbType.SortedSet ? 9UL : 2);
            case RdbType.ListZiplist:
                kind = RdbKind.List;
                return TryPacked(PackedForm.Ziplist);
            case RdbType.SetIntset or RdbType.SetListpack:
                kind = RdbKind.Set;
                return TryPacked(type == RdbType.SetIntset ? PackedForm.Intset : PackedForm.Listpack);
            case RdbType.HashZipmap or RdbType.HashZiplist or RdbType.HashListpack:
                kind = RdbKind.Hash;
                return TryPacked(type == RdbType.HashZipmap ? PackedForm.Zipmap : type == RdbType.HashZiplist ? PackedForm.Ziplist : PackedForm.Listpack);
            case RdbType.SortedSetZiplist or RdbType.SortedSetListpack:
                kind = RdbKind.SortedSet;
                return TryPacked(type == RdbType.SortedSetZiplist ? PackedForm.Ziplist : PackedForm.Listpack);
            default:
                kind = default;
                return Fail(NameOfRefused(type), Math.Max(0, Offset - 1));
        }
    }

    /// <summary>The next element of a list or set, or the string; false at the end and on failure.</summary>
    public bool TryNext(out ReadOnlySpan<byte> element)
    {
        element = default;
        while (true)
        {
            if (_inPacked)
            {
                if (TryPackedElement(out element, out var number, out var isNumber))
                {
                    return !isNumber || Digits(number, out element);
                }

                // The end of this node, and of the value unless it has more of them.
            }

            if (_left == 0)
            {
                return false;
            }

            _left--;
            var plain = _type != RdbType.ListQuicklist;
            if (_type == RdbType.ListQuicklist2 && !TryNode(out plain))
            {
                return false;
            }

            if (plain)
            {
                return TryString(out element);
            }

            if (!TryPacked(_type == RdbType.ListQuicklist ? PackedForm.Ziplist : PackedForm.Listpack))
            {
                return false;
            }
        }
    }

    /// <summary>The next field of a hash with its value; false at the end and on failure.</summary>
    public bool TryNextField(out ReadOnlySpan<byte> field, out ReadOnlySpan<byte> value)
    {
        value = default;
        return TryFirst(out field) && (TryNext(out value) || Fail("a field without a value"));
    }

    /// <summary>The next member of a sorted set with its score, which is never NaN; false at the end and on failure.</summary>
    public bool TryNextMember(out ReadOnlySpan<byte> member, out double score)
    {
        score = 0;
        return TryFirst(out member) && TryScore(out score) && (!double.IsNaN(score) || Fail("a score that is not a number"));
    }

    /// <summary>An element that must outlive the reading of the next one.</summary>
    private bool TryFirst(out ReadOnlySpan<byte> element)
    {
        if (!TryNext(out element))
        {
            return false;
        }

        if (_first.Length < element.Length)
        {
            _first = new byte[Math.Max(element.Length, 64)];
        }

        element.CopyTo(_first);
        element = _first.AsSpan(0, element.Length);
        return true;
    }

    private bool TryScore(out double score)
    {
        score = 0;
        if (_inPacked)
        {
            if (!TryPackedElement(out var text, out var number, out var isNumber))
            {
                return Fail("a member without a score");
            }

            score = number;
            return isNumber || RdbScore.TryParse(text, out score) || Fail("a score that is not a number");
        }

        if (_type == RdbType.SortedSet)
        {
            var has = TryRaw(8, out var bytes);
            score = has ? BinaryPrimitives.ReadDoubleLittleEndian(bytes) : 0;
            return has;
        }

        if (!TryByte(out var length))
        {
            return false;
        }

        switch (length)
        {
            case 253:
                score = double.NaN;
                return true;
            case 254:
                score = double.PositiveInfinity;
                return true;
            case 255:
                score = double.NegativeInfinity;
                return true;
            default:
                return TryRaw(length, out var digits) && (RdbScore.TryParse(digits, out score) || Fail("a score that is not a number"));
        }
    }

    /// <summary>A count of elements, each of <paramref name="leastBytes"/> bytes at least.</summary>
    private bool TryElements(ulong stringsEach, ulong leastBytes)
    {
        if (!TryCount(out var count))
        {
            return false;
        }

        _left = count > (ulong)Remaining / leastBytes ? 0 : count * stringsEach;
        return count <= (ulong)Remaining / leastBytes || Fail("more elements than fit in what is left");
    }

    private bool TryNode(out bool plain)
    {
        const ulong Plain = 1;
        const ulong Packed = 2;
        plain = false;
        if (!TryCount(out var container))
        {
            return false;
        }

        plain = container == Plain;
        return plain || container == Packed || Fail("a list node of unknown form");
    }

    private bool TryPacked(PackedForm form)
    {
        _packedAt = Offset;
        if (!TryString(out var bytes))
        {
            return false;
        }

        _packed = new PackedReader(form, bytes);
        _inPacked = true;
        return !_packed.Malformed || Fail($"a {_packed.Name} that is malformed", _packedAt);
    }

    private bool TryPackedElement(out ReadOnlySpan<byte> text, out long number, out bool isNumber)
    {
        if (_packed.TryNext(out text, out number, out isNumber))
        {
            return true;
        }

        _inPacked = false;
        if (_packed.Malformed)
        {
            Fail($"a {_packed.Name} that is malformed", _packedAt);
        }

        return false;
    }

    private static string NameOfRefused(byte type) => type switch
    {
        6 or 7 => "a value of a module, which this server does not read",
        15 or 19 or 21 => "a stream, which this server does not read",
        _ => $"a value of unknown type {type}",
    };
}

using System.Buffers.Binary;

namespace Trefoil.KeyValue.Values;

/// <summary>Members with scores in one array, in the order of (score, member), found by walking: the small form of a sorted set.</summary>
/// <remarks>
/// <code>[member length + 65 · width][score: integer 2, integer 4 or double 8][member] ...</code>
/// Whole numbers, which most scores are, take a quarter or half of the room. A mutable struct, embedded in its owner: never copy it.
/// </remarks>
internal struct PackedScores
{
    /// <summary>Lengths that a member can have (0..<see cref="SortedSetValue.PackedLength"/>): what is beyond says how wide the score is.</summary>
    private const int Lengths = SortedSetValue.PackedLength + 1;

    private byte[]? _bytes;

    /// <summary>Number of members.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes in use, which is also the offset behind the last member.</summary>
    public int End { get; private set; }

    /// <summary>Heap bytes of the array.</summary>
    public readonly long Bytes => _bytes is null ? 0 : HeapSize.OfArray(_bytes.Length);

    public readonly ReadOnlySpan<byte> MemberAt(int offset) => _bytes.AsSpan(offset + HeadOf(offset), _bytes![offset] % Lengths);

    public readonly double ScoreAt(int offset) => (_bytes![offset] / Lengths) switch
    {
        0 => BinaryPrimitives.ReadInt16LittleEndian(_bytes.AsSpan(offset + 1)),
        1 => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(offset + 1)),
        _ => BinaryPrimitives.ReadDoubleLittleEndian(_bytes.AsSpan(offset + 1)),
    };

    public readonly int Next(int offset) => offset + HeadOf(offset) + (_bytes![offset] % Lengths);

    /// <summary>The offset of the member at a rank.</summary>
    public readonly int OffsetOf(int rank)
    {
        var offset = 0;
        for (; rank > 0; rank--)
        {
            offset = Next(offset);
        }

        return offset;
    }

    /// <summary>The offset of a member, -1 if it is not here.</summary>
    public readonly int Find(ReadOnlySpan<byte> member)
    {
        for (var offset = 0; offset < End; offset = Next(offset))
        {
            if (MemberAt(offset).SequenceEqual(member))
            {
                return offset;
            }
        }

        return -1;
    }

    /// <summary>The rank of the first member that does not lie before the bound, and its offset.</summary>
    public readonly int RankOf(in ScoreBound bound, out int offset)
    {
        var rank = 0;
        for (offset = 0; offset < End && bound.IsAbove(ScoreAt(offset), MemberAt(offset)); offset = Next(offset))
        {
            rank++;
        }

        return rank;
    }

    /// <summary>Puts in a member that is not here.</summary>
    public void Insert(double score, ReadOnlySpan<byte> member)
    {
        RankOf(ScoreBound.At(score, member), out var offset);
        var width = WidthOf(score);
        var head = 1 + SizeOf(width);
        var size = head + member.Length;
        var tail = End - offset;
        Reserve(size);
        _bytes.AsSpan(offset, tail).CopyTo(_bytes.AsSpan(offset + size));
        _bytes![offset] = (byte)(member.Length + (Lengths * width));
        var place = _bytes.AsSpan(offset + 1);
        switch (width)
        {
            case 0:
                BinaryPrimitives.WriteInt16LittleEndian(place, (short)score);
                break;
            case 1:
                BinaryPrimitives.WriteInt32LittleEndian(place, (int)score);
                break;
            default:
                BinaryPrimitives.WriteDoubleLittleEndian(place, score);
                break;
        }

        member.CopyTo(_bytes.AsSpan(offset + head));
        Count++;
    }

    /// <summary>Takes out <paramref name="count"/> members from an offset on.</summary>
    public void Remove(int offset, int count)
    {
        var end = offset;
        for (var i = 0; i < count; i++)
        {
            end = Next(end);
        }

        _bytes.AsSpan(end, End - end).CopyTo(_bytes.AsSpan(offset));
        End -= end - offset;
        Count -= count;
        if (End < _bytes!.Length / 2)
        {
            Array.Resize(ref _bytes, End);
        }
    }

    private static int WidthOf(double score) => IsExactly((short)score, score) ? 0 : IsExactly((int)score, score) ? 1 : 2;

    private static bool IsExactly(int whole, double score) => BitConverter.DoubleToInt64Bits(whole) == BitConverter.DoubleToInt64Bits(score);

    private static int SizeOf(int width) => sizeof(short) << width;

    private readonly int HeadOf(int offset) => 1 + SizeOf(_bytes![offset] / Lengths);

    private void Reserve(int more)
    {
        var needed = End + more;
        if (_bytes is null || needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, needed + (End >> 4));
        }

        End = needed;
    }
}

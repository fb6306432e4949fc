using System.Buffers.Binary;

namespace Trefoil.KeyValue.Values;

/// <summary>Members with scores in one array, in the order of (score, member), found by walking: the small form of a sorted set.</summary>
/// <remarks>
/// <code>[member length, +128 if the score is wide][score: int 4 or double 8][member] ...</code>
/// Whole numbers, which most scores are, take half the room. A mutable struct, embedded in its owner: never copy it.
/// </remarks>
internal struct PackedScores
{
    private const byte Wide = 128;

    private byte[]? _bytes;

    /// <summary>Number of members.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes in use, which is also the offset behind the last member.</summary>
    public int End { get; private set; }

    /// <summary>Heap bytes of the array.</summary>
    public readonly long Bytes => _bytes is null ? 0 : HeapSize.OfArray(_bytes.Length);

    public readonly ReadOnlySpan<byte> MemberAt(int offset) => _bytes.AsSpan(offset + HeadOf(offset), _bytes![offset] & ~Wide);

    public readonly double ScoreAt(int offset) => (_bytes![offset] & Wide) != 0
        ? BinaryPrimitives.ReadDoubleLittleEndian(_bytes.AsSpan(offset + 1))
        : BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(offset + 1));

    public readonly int Next(int offset) => offset + HeadOf(offset) + (_bytes![offset] & ~Wide);

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
        var narrow = (int)score;
        var wide = BitConverter.DoubleToInt64Bits(narrow) != BitConverter.DoubleToInt64Bits(score);
        var head = wide ? 1 + sizeof(double) : 1 + sizeof(int);
        var size = head + member.Length;
        var tail = End - offset;
        Reserve(size);
        _bytes.AsSpan(offset, tail).CopyTo(_bytes.AsSpan(offset + size));
        _bytes![offset] = (byte)(member.Length | (wide ? Wide : 0));
        if (wide)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(_bytes.AsSpan(offset + 1), score);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(offset + 1), narrow);
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

    private readonly int HeadOf(int offset) => (_bytes![offset] & Wide) != 0 ? 1 + sizeof(double) : 1 + sizeof(int);

    private void Reserve(int more)
    {
        var needed = End + more;
        if (_bytes is null || needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, needed + (End >> 3));
        }

        End = needed;
    }
}

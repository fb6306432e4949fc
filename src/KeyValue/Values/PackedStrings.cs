using System.Buffers.Binary;

namespace Trefoil.KeyValue.Values;

/// <summary>Byte strings one after the other in one array, walked in both directions: a chunk of a list, a small set.</summary>
/// <remarks>
/// <code>[length 1; 255: 4 bytes more][bytes][4 bytes more, if 255][length 1] ...</code>
/// The length stands at both ends, so that the last is found as fast as the first. Places are offsets; an offset is valid until the next
/// mutation. A mutable struct, embedded in its owner to save an object: never copy it.
/// </remarks>
internal struct PackedStrings
{
    private const int LongLength = 255;

    /// <summary>Bytes of slack at most; never so many that a full chunk of a list keeps more than this for nothing.</summary>
    private const int SlackLimit = 256;

    private byte[]? _bytes;

    /// <summary>Number of strings.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes in use, which is also the offset behind the last string.</summary>
    public int End { get; private set; }

    /// <summary>Heap bytes of the array.</summary>
    public readonly long Bytes => _bytes is null ? 0 : HeapSize.OfArray(_bytes.Length);

    /// <summary>Bytes that a string of this length takes.</summary>
    public static int SizeOf(int length) => length < LongLength ? length + 2 : checked(length + 2 + (2 * sizeof(int)));

    /// <summary>The string at an offset; valid until the next mutation.</summary>
    public readonly ReadOnlySpan<byte> At(int offset)
    {
        int length = _bytes![offset];
        return length < LongLength
            ? _bytes.AsSpan(offset + 1, length)
            : _bytes.AsSpan(offset + 1 + sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(offset + 1)));
    }

    /// <summary>The offset of the string behind this one, or <see cref="End"/>.</summary>
    public readonly int Next(int offset) => offset + SizeOf(At(offset).Length);

    /// <summary>The offset of the string before this offset, which is not 0.</summary>
    public readonly int Previous(int offset)
    {
        int length = _bytes![offset - 1];
        return offset - SizeOf(length < LongLength ? length : BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(offset - 1 - sizeof(int))));
    }

    /// <summary>The offset of the string at a position (0..<see cref="Count"/>), walked to from the nearer end.</summary>
    public readonly int OffsetOf(int position)
    {
        if (position > Count / 2)
        {
            var back = End;
            for (var i = Count; i > position; i--)
            {
                back = Previous(back);
            }

            return back;
        }

        var offset = 0;
        for (; position > 0; position--)
        {
            offset = Next(offset);
        }

        return offset;
    }

    /// <summary>The offset of the first string equal to <paramref name="text"/>, -1 if there is none.</summary>
    public readonly int Find(ReadOnlySpan<byte> text)
    {
        for (var offset = 0; offset < End; offset = Next(offset))
        {
            if (At(offset).SequenceEqual(text))
            {
                return offset;
            }
        }

        return -1;
    }

    /// <summary>Puts a string before the one at <paramref name="offset"/>; it may not lie in this array.</summary>
    public void Insert(int offset, ReadOnlySpan<byte> text)
    {
        var size = SizeOf(text.Length);
        var tail = End - offset;
        Reserve(size);
        _bytes.AsSpan(offset, tail).CopyTo(_bytes.AsSpan(offset + size));
        Write(_bytes.AsSpan(offset, size), text);
        Count++;
    }

    /// <summary>Takes out <paramref name="count"/> strings from an offset on.</summary>
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

    /// <summary>Puts another string in the place of the one at <paramref name="offset"/>.</summary>
    public void Replace(int offset, ReadOnlySpan<byte> text)
    {
        if (At(offset).Length == text.Length)
        {
            Write(_bytes.AsSpan(offset), text);
            return;
        }

        Remove(offset, 1);
        Insert(offset, text);
    }

    /// <summary>Cuts off everything from a position on and returns it.</summary>
    public PackedStrings Split(int position)
    {
        var offset = OffsetOf(position);
        var rest = new PackedStrings { _bytes = _bytes.AsSpan(offset, End - offset).ToArray(), End = End - offset, Count = Count - position };
        _bytes = _bytes.AsSpan(0, offset).ToArray();
        End = offset;
        Count = position;
        return rest;
    }

    private static void Write(Span<byte> into, ReadOnlySpan<byte> text)
    {
        var head = (byte)Math.Min(text.Length, LongLength);
        var at = 1;
        into[0] = head;
        if (head == LongLength)
        {
            BinaryPrimitives.WriteInt32LittleEndian(into[1..], text.Length);
            at += sizeof(int);
        }

        text.CopyTo(into[at..]);
        at += text.Length;
        if (head == LongLength)
        {
            BinaryPrimitives.WriteInt32LittleEndian(into[at..], text.Length);
            at += sizeof(int);
        }

        into[at] = head;
    }

    private void Reserve(int more)
    {
        var needed = checked(End + more);
        if (_bytes is null || needed > _bytes.Length)
        {
            // The first string is given its own size: many lists and sets never get a second. Later a sixteenth more: slack is what a key
            // takes more than in Redis, and moving 8 KiB costs less than it saves.
            var slack = _bytes is null ? 0 : Math.Min(needed >> 4, SlackLimit);
            Array.Resize(ref _bytes, Math.Min(needed + slack, Array.MaxLength));
        }

        End = needed;
    }
}

using System.Buffers.Binary;

namespace Trefoil.KeyValue.Values;

/// <summary>Sorted integers in one array, two, four or eight bytes each as the widest needs: Redis' intset.</summary>
/// <remarks>A mutable struct, embedded in its owner: never copy it. An integer once widened stays so.</remarks>
internal struct IntegerSet
{
    private byte[]? _bytes;
    private int _width;

    /// <summary>Number of integers.</summary>
    public int Count { get; private set; }

    /// <summary>Heap bytes of the array.</summary>
    public readonly long Bytes => _bytes is null ? 0 : HeapSize.OfArray(_bytes.Length);

    /// <summary>The integer at a position, in ascending order.</summary>
    public readonly long this[int position]
    {
        get
        {
            var at = _bytes.AsSpan(position * _width);
            return _width switch
            {
                sizeof(short) => BinaryPrimitives.ReadInt16LittleEndian(at),
                sizeof(int) => BinaryPrimitives.ReadInt32LittleEndian(at),
                _ => BinaryPrimitives.ReadInt64LittleEndian(at),
            };
        }
    }

    public readonly bool Contains(long value)
    {
        var position = LowerBound(value);
        return position < Count && this[position] == value;
    }

    /// <summary>Adds an integer; false if it was there.</summary>
    public bool Add(long value)
    {
        var position = LowerBound(value);
        if (position < Count && this[position] == value)
        {
            return false;
        }

        Widen(WidthOf(value));
        var needed = (Count + 1) * _width;
        if (_bytes is null || needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, needed + (Count / 8 * _width));
        }

        var at = position * _width;
        _bytes.AsSpan(at, (Count * _width) - at).CopyTo(_bytes.AsSpan(at + _width));
        Count++;
        Write(position, value);
        return true;
    }

    /// <summary>Removes an integer; false if there was none.</summary>
    public bool Remove(long value)
    {
        var position = LowerBound(value);
        if (position == Count || this[position] != value)
        {
            return false;
        }

        var at = (position + 1) * _width;
        _bytes.AsSpan(at, (Count * _width) - at).CopyTo(_bytes.AsSpan(at - _width));
        Count--;
        if (Count * _width < _bytes!.Length / 2)
        {
            Array.Resize(ref _bytes, Count * _width);
        }

        return true;
    }

    private static int WidthOf(long value) => value == (short)value ? sizeof(short) : value == (int)value ? sizeof(int) : sizeof(long);

    private readonly int LowerBound(long value)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (this[middle] < value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private readonly void Write(int position, long value)
    {
        var at = _bytes.AsSpan(position * _width);
        switch (_width)
        {
            case sizeof(short):
                BinaryPrimitives.WriteInt16LittleEndian(at, (short)value);
                break;
            case sizeof(int):
                BinaryPrimitives.WriteInt32LittleEndian(at, (int)value);
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(at, value);
                break;
        }
    }

    private void Widen(int width)
    {
        if (width <= _width)
        {
            return;
        }

        var narrow = this;
        _width = width;
        _bytes = Count == 0 ? null : new byte[Count * width];
        for (var i = 0; i < Count; i++)
        {
            Write(i, narrow[i]);
        }
    }
}

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Trefoil.Storage.Ordered;

/// <summary>Changes that are applied together, later ones over earlier ones. Reuse it with <see cref="Clear"/>: nothing is allocated per change.</summary>
/// <remarks>
/// It is kept in RocksDB's own form (sequence u64, count u32, then per change a kind, a varint length and the key, and for a put a varint
/// length and the value; the form of its log, stable since LevelDB), so a batch crosses into the library in one call, not in one per key.
/// </remarks>
public sealed class OrderedBatch
{
    internal const byte PutKind = 1;
    internal const byte DeleteKind = 0;
    private const int HeaderSize = 12;
    private const int MarkerSize = 1 + 1 + 1 + sizeof(ulong); // a put of eight bytes under the empty key
    private const int Start = MarkerSize + HeaderSize;
    private const int KeptBytes = 16 << 20;
    private byte[] _buffer = new byte[4096];
    private int _length = Start;

    /// <summary>Changes so far.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that the changes take.</summary>
    public int Bytes => _length - Start;

    /// <summary>With this batch the store contains the log up to here; not 0 and above the store's, or 0 to leave that as it is.</summary>
    public ulong AppliedLsn { get; set; }

    /// <summary>
    /// The changes in RocksDB's form, behind the marker (the store's own pair, under the empty key that callers cannot use) if there is one. Room
    /// for it is kept before the changes; without it the header moves up.
    /// </summary>
    internal ReadOnlySpan<byte> Representation
    {
        get
        {
            var marked = AppliedLsn != 0;
            var bytes = _buffer.AsSpan(0, _length)[(marked ? 0 : MarkerSize)..];
            bytes[..sizeof(ulong)].Clear();
            BinaryPrimitives.WriteInt32LittleEndian(bytes[sizeof(ulong)..], Count + (marked ? 1 : 0));
            if (marked)
            {
                (bytes[HeaderSize], bytes[HeaderSize + 1], bytes[HeaderSize + 2]) = (PutKind, 0, sizeof(ulong));
                BinaryPrimitives.WriteUInt64LittleEndian(bytes[(HeaderSize + 3)..], AppliedLsn);
            }

            return bytes;
        }
    }

    /// <summary>Gives the key this value. An empty value is a value.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => value.CopyTo(Put(key, value.Length));

    /// <summary>Gives the key a value of this length and returns where to write it, before the next change.</summary>
    public Span<byte> Put(ReadOnlySpan<byte> key, int valueLength)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length, nameof(key));
        ArgumentOutOfRangeException.ThrowIfNegative(valueLength);
        return Add(PutKind, key, valueLength);
    }

    /// <summary>Takes the key's value away, if there is one.</summary>
    public void Delete(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length, nameof(key));
        Add(DeleteKind, key, -1);
    }

    /// <summary>Adds the changes of another batch behind these.</summary>
    public void Append(OrderedBatch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Reserve(other.Bytes);
        other._buffer.AsSpan(Start, other.Bytes).CopyTo(_buffer.AsSpan(_length));
        _length += other.Bytes;
        Count += other.Count;
    }

    /// <summary>Forgets all changes and the LSN.</summary>
    public void Clear()
    {
        (_length, Count, AppliedLsn) = (Start, 0, 0);
        if (_buffer.Length > KeptBytes)
        {
            _buffer = new byte[4096];
        }
    }

    /// <summary>Batches come in the order of the log; anything else is misuse.</summary>
    internal void ThrowUnlessAfter(ulong appliedLsn)
    {
        if (AppliedLsn != 0 && AppliedLsn <= appliedLsn)
        {
            throw new InvalidOperationException($"The batch goes up to LSN {AppliedLsn}, and the store has applied {appliedLsn} already.");
        }
    }

    /// <summary>The changes, in order.</summary>
    internal Reader Read() => new(_buffer.AsSpan(Start, _length - Start));

    private Span<byte> Add(byte kind, ReadOnlySpan<byte> key, int valueLength)
    {
        var size = 1L + VarintSize(key.Length) + key.Length + (valueLength < 0 ? 0 : VarintSize(valueLength) + valueLength);
        Reserve(size);
        _buffer[_length++] = kind;
        Varint(key.Length);
        key.CopyTo(_buffer.AsSpan(_length));
        _length += key.Length;
        Count++;
        if (valueLength < 0)
        {
            return default;
        }

        Varint(valueLength);
        var value = _buffer.AsSpan(_length, valueLength);
        _length += valueLength;
        return value;
    }

    private void Reserve(long size)
    {
        if (_buffer.Length - _length < size)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(_length + size, Array.MaxLength, nameof(size));
            Array.Resize(ref _buffer, (int)Math.Min(Math.Max(2L * _buffer.Length, _length + size), Array.MaxLength));
        }
    }

    private static int VarintSize(int value) => (Math.Max(1, 32 - BitOperations.LeadingZeroCount((uint)value)) + 6) / 7;

    private void Varint(int value)
    {
        var rest = (uint)value;
        for (; rest >= 0x80; rest >>= 7)
        {
            _buffer[_length++] = (byte)(rest | 0x80);
        }

        _buffer[_length++] = (byte)rest;
    }

    /// <summary>Walks over the changes of a batch.</summary>
    [SuppressMessage("Performance", "CA1815", Justification = "nobody compares readers")]
    internal ref struct Reader(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public bool IsDelete { get; private set; }

        public ReadOnlySpan<byte> Key { get; private set; }

        public ReadOnlySpan<byte> Value { get; private set; }

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            IsDelete = _rest[0] == DeleteKind;
            _rest = _rest[1..];
            Key = Take();
            Value = IsDelete ? default : Take();
            return true;
        }

        private ReadOnlySpan<byte> Take()
        {
            var (length, shift, at) = (0, 0, 0);
            for (byte next = 0x80; next >= 0x80; shift += 7)
            {
                next = _rest[at++];
                length |= (next & 0x7F) << shift;
            }

            var taken = _rest.Slice(at, length);
            _rest = _rest[(at + length)..];
            return taken;
        }
    }
}

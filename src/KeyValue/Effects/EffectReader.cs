using Trefoil.Primitives;

namespace Trefoil.KeyValue.Effects;

/// <summary>Reads what <see cref="EffectWriter"/> wrote, effect by effect.</summary>
/// <remarks>A checksum vouches for the record, so what does not fit is a format of another version: <see cref="Failed"/> says so, nothing throws.</remarks>
internal ref struct EffectReader
{
    private ByteReader _bytes;

    public EffectReader(ReadOnlySpan<byte> record)
    {
        _bytes = new ByteReader(record);
        var slot = _bytes.UInt16();
        IsClearAll = slot == ushort.MaxValue && _bytes.Remaining == 0;
        Slot = slot;
        Failed = _bytes.Failed || (!IsClearAll && slot >= HashSlot.Count);
    }

    /// <summary>Every slot lost its keys: there is no effect to read.</summary>
    public bool IsClearAll { get; }

    /// <summary>The slot of the effects.</summary>
    public int Slot { get; }

    public EffectKind Kind { get; private set; }

    /// <summary>The key of the effect; valid as long as the record.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    /// <summary>True once something did not fit.</summary>
    public bool Failed { get; private set; }

    /// <summary>Steps to the next effect; the arguments of the one before must have been read. False at the end or after a failure.</summary>
    public bool Next()
    {
        Failed |= _bytes.Failed;
        if (Failed || _bytes.Remaining == 0)
        {
            return false;
        }

        Kind = (EffectKind)_bytes.Byte();
        if (_bytes.Varint() is var length and > 0)
        {
            Key = _bytes.Raw((int)Math.Min(length - 1, int.MaxValue));
        }

        Failed |= _bytes.Failed;
        return !Failed;
    }

    public long Number() => (long)_bytes.UInt64();

    public ReadOnlySpan<byte> Bytes() => _bytes.Bytes(int.MaxValue);
}

using Trefoil.Primitives;

namespace Trefoil.KeyValue.Effects;

/// <summary>Writes one record: what one command changed in one slot.</summary>
/// <remarks>
/// <code>
/// record = [slot 2, or 65535: every slot lost its keys][effect] ...
/// effect = [kind 1][key: 0 the same as before, else varint length + 1, bytes][arguments]
/// </code>
/// Arguments are numbers (8 bytes) and bytes (varint length first), as <see cref="EffectKind"/> lists them. The key is written once per run
/// of effects on it, so HSET of a hundred fields repeats nothing.
/// </remarks>
internal sealed class EffectWriter
{
    private const int KeptBytes = 1 << 20;
    private const ushort AllSlots = ushort.MaxValue;
    private ByteWriter _bytes = new(512);
    private int _slot;
    private (int At, int Length) _key;

    /// <summary>True if nothing was written since <see cref="Clear"/>.</summary>
    public bool IsEmpty => _bytes.Length == 0;

    /// <summary>Length of the record so far.</summary>
    public int Length => _bytes.Length;

    /// <summary>The record; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.Written;

    /// <summary>Begins an effect; its arguments follow.</summary>
    public void Begin(int slot, EffectKind kind, ReadOnlySpan<byte> key)
    {
        if (IsEmpty)
        {
            _slot = slot;
            _bytes.UInt16((ushort)slot);
        }
        else if (slot != _slot)
        {
            throw new InvalidOperationException($"A record of slot {_slot} cannot take an effect in slot {slot}.");
        }

        _bytes.Byte((byte)kind);
        if (_key.Length > 0 && _bytes.Written.Slice(_key.At, _key.Length).SequenceEqual(key))
        {
            _bytes.Byte(0);
            return;
        }

        _bytes.Varint((ulong)key.Length + 1);
        _key = (_bytes.Length, key.Length);
        _bytes.Raw(key);
    }

    public void Number(long value) => _bytes.UInt64((ulong)value);

    public void Bytes(ReadOnlySpan<byte> value) => _bytes.Bytes(value);

    /// <summary>Every slot lost its keys.</summary>
    public void ClearAll() => _bytes.UInt16(AllSlots);

    /// <summary>Ready for the next record.</summary>
    public void Clear()
    {
        if (_bytes.Length > KeptBytes)
        {
            _bytes = new ByteWriter(512);
        }

        _bytes.Clear();
        _key = default;
    }
}

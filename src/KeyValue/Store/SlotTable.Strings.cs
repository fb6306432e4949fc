using Trefoil.KeyValue.Effects;
using Trefoil.KeyValue.Values;

namespace Trefoil.KeyValue.Store;

/// <summary>Strings whose form is not what SET would give them. The form shows in OBJECT ENCODING only; the log does not keep it, nor does Redis.</summary>
public sealed partial class SlotTable
{
    /// <summary>As <see cref="SetString"/>, but a text stays a text though it may look like an integer: what INCRBYFLOAT leaves.</summary>
    internal void SetText(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long expireAtMs)
    {
        Record(EffectKind.SetString, key, expireAtMs, value);
        var hash = KeyHash.Of(key);
        Put(hash, _index.Find(hash, key), StringEntry.Create(key, value, expireAtMs));
    }

    /// <summary>As <see cref="SetText"/>, for bytes that are no text: what BITOP leaves.</summary>
    internal void SetRaw(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long expireAtMs)
    {
        Record(EffectKind.SetString, key, expireAtMs, value);
        var hash = KeyHash.Of(key);
        var entry = StringEntry.CreateZeroed(key, value.Length, expireAtMs);
        value.CopyTo(StringEntry.ValueOf(entry));
        Put(hash, _index.Find(hash, key), entry);
    }

    /// <summary>The string that is there, and stays what it is, counts as written in parts from now on.</summary>
    internal void MakeRaw(ReadOnlySpan<byte> key, long nowMs)
    {
        var hash = KeyHash.Of(key);
        var found = Locate(hash, key, nowMs);
        if (!found.Found || found.Entry is not byte[] entry)
        {
            return;
        }

        if (StringEntry.IsInteger(entry))
        {
            Span<byte> digits = stackalloc byte[IntegerText.MaxLength];
            var text = new KeyEntry(entry).Text(digits);
            entry = StringEntry.Create(key, text, StringEntry.ExpiryOf(entry));
            Put(hash, found, entry);
        }

        StringEntry.MarkInParts(entry);
    }
}

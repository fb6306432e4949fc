using Trefoil.KeyValue.Store;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Blocking;

/// <summary>What a blocking pop takes from the first key that holds something.</summary>
internal abstract class Taking
{
    /// <summary>The key that gets what is taken; null if the client does.</summary>
    public virtual byte[]? Target => null;

    /// <summary>Whether the key, which exists, holds the right type.</summary>
    public abstract bool Fits(KeyEntry entry);

    /// <summary>Takes from a key that fits, and writes the reply; the slot's lock is held.</summary>
    public abstract void Take(SlotTable table, ReadOnlySpan<byte> key, KeyEntry entry, RespWriter reply, long nowMs);

    /// <summary>The reply where nothing is there and waiting is not possible.</summary>
    public virtual void Nothing(RespWriter reply) => reply.NullArray();
}

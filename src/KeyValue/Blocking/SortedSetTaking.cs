using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Store;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Blocking;

/// <summary>The lowest or highest member with its key and score (BZPOPMIN, BZPOPMAX), or up to <paramref name="count"/> as an array (BZMPOP).</summary>
internal sealed class SortedSetTaking(bool lowest, long? count = null) : Taking
{
    /// <inheritdoc/>
    public override bool Fits(KeyEntry entry) => entry.SortedSet is not null;

    /// <inheritdoc/>
    public override void Take(SlotTable table, ReadOnlySpan<byte> key, KeyEntry entry, RespWriter reply, long nowMs)
    {
        var set = entry.SortedSet!;
        reply.Array(count is null ? 3 : 2);
        reply.Bulk(key);
        var taken = (int)Math.Min(count ?? 1, set.Count);
        if (count is not null)
        {
            reply.Array(taken);
        }

        SortedSetPops.Take(table, reply, set, taken, lowest, nested: count is not null);
    }
}

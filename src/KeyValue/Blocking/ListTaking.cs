using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Store;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Blocking;

/// <summary>One element of a list with its key (BLPOP, BRPOP), or up to <paramref name="count"/> as an array (BLMPOP).</summary>
internal sealed class ListTaking(bool fromHead, long? count = null) : Taking
{
    /// <inheritdoc/>
    public override bool Fits(KeyEntry entry) => entry.List is not null;

    /// <inheritdoc/>
    public override void Take(SlotTable table, ReadOnlySpan<byte> key, KeyEntry entry, RespWriter reply, long nowMs)
    {
        reply.Array(2);
        reply.Bulk(key);
        if (count is { } many)
        {
            ListPops.Take(table, reply, entry.List!, many, fromHead);
        }
        else
        {
            ListPops.TakeOne(table, reply, entry.List!, fromHead);
        }
    }
}

/// <summary>One element of a list, put into another one (BLMOVE, BRPOPLPUSH).</summary>
internal sealed class MoveTaking(byte[] target, bool fromHead, bool toHead) : Taking
{
    /// <inheritdoc/>
    public override byte[] Target => target;

    /// <inheritdoc/>
    public override bool Fits(KeyEntry entry) => entry.List is not null;

    /// <inheritdoc/>
    public override void Take(SlotTable table, ReadOnlySpan<byte> key, KeyEntry entry, RespWriter reply, long nowMs) =>
        ListPops.Move(table, reply, entry.List!, target, fromHead, toHead, nowMs);

    /// <inheritdoc/>
    public override void Nothing(RespWriter reply) => reply.Null();
}

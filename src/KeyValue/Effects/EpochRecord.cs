using Trefoil.Primitives;

namespace Trefoil.KeyValue.Effects;

/// <summary>The record with which a primary begins an epoch: <c>[65534 u16][cluster 16][epoch u64]</c>. It changes no key.</summary>
internal static class EpochRecord
{
    /// <summary>Stands where other records name their slot.</summary>
    private const ushort NoSlot = 65534;

    /// <summary>The record's bytes.</summary>
    public static byte[] Of(ClusterId cluster, ulong epoch)
    {
        var writer = new ByteWriter(sizeof(ushort) + ClusterId.Size + sizeof(ulong));
        writer.UInt16(NoSlot);
        writer.Cluster(cluster);
        writer.UInt64(epoch);
        return writer.ToArray();
    }

    /// <summary>False for a record of any other kind.</summary>
    public static bool TryRead(ReadOnlySpan<byte> record, out ClusterId cluster, out ulong epoch)
    {
        var reader = new ByteReader(record);
        var slot = reader.UInt16();
        (cluster, epoch) = (reader.Cluster(), reader.UInt64());
        return slot == NoSlot && reader.Ended;
    }
}

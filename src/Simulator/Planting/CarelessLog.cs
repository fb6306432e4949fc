using Trefoil.Primitives;
using Trefoil.Replication;

namespace Trefoil.Simulator.Planting;

/// <summary>A copy's log that takes records wrongly.</summary>
internal sealed class CarelessLog(IReplicatedLog log, Action<byte[]> taken, Func<byte[], byte[]> taking) : IReplicatedLog
{
    public ulong FirstLsn => log.FirstLsn;

    public ulong LastLsn => log.LastLsn;

    public ulong DurableLsn => log.DurableLsn;

    public ulong ConsistentLsn => log.ConsistentLsn;

    public EpochHistory History => log.History;

    public LogCursor Read(LogCursor from, int maxBytes, ByteWriter target) => log.Read(from, maxBytes, target);

    public ulong BeginEpoch(ClusterId cluster, ulong epoch) => log.BeginEpoch(cluster, epoch);

    public void Follow() => log.Follow();

    public bool Append(ulong lsn, ReadOnlySpan<byte> record)
    {
        var known = log.Append(lsn, taking(record.ToArray()));
        taken(record.ToArray());
        return known;
    }

    public void Commit() => log.Commit();

    public bool MakeDurable() => log.MakeDurable();

    public void MakeSnapshot(ulong transfer) => log.MakeSnapshot(transfer);

    public int ReadSnapshot(ulong transfer, long offset, int maxBytes, ByteWriter target) => log.ReadSnapshot(transfer, offset, maxBytes, target);

    public void DropSnapshot(ulong transfer) => log.DropSnapshot(transfer);

    public void Receive(ulong transfer, long offset, ReadOnlySpan<byte> part) => log.Receive(transfer, offset, part);

    public void Install(ulong transfer) => log.Install(transfer);
}

using Trefoil.Primitives;
using Trefoil.Replication;

namespace Trefoil.Simulator.Shards;

/// <summary>Another log under the same contract: what stands between a core and it overrides what it is about.</summary>
internal abstract class PassingLog(IReplicatedLog log) : IReplicatedLog
{
    public ulong FirstLsn => log.FirstLsn;

    public ulong LastLsn => log.LastLsn;

    public ulong DurableLsn => log.DurableLsn;

    public ulong ConsistentLsn => log.ConsistentLsn;

    public EpochHistory History => log.History;

    public LogCursor Read(LogCursor from, int maxBytes, ByteWriter target) => log.Read(from, maxBytes, target);

    public virtual ulong BeginEpoch(ClusterId cluster, ulong epoch) => log.BeginEpoch(cluster, epoch);

    public void Follow() => log.Follow();

    public virtual bool Append(ulong lsn, ReadOnlySpan<byte> record) => log.Append(lsn, record);

    public void Commit() => log.Commit();

    public bool MakeDurable() => log.MakeDurable();

    public void MakeSnapshot(ulong transfer) => log.MakeSnapshot(transfer);

    public int ReadSnapshot(ulong transfer, long offset, int maxBytes, ByteWriter target) => log.ReadSnapshot(transfer, offset, maxBytes, target);

    public void DropSnapshot(ulong transfer) => log.DropSnapshot(transfer);

    public void Receive(ulong transfer, long offset, ReadOnlySpan<byte> part) => log.Receive(transfer, offset, part);

    public virtual void Install(ulong transfer) => log.Install(transfer);
}

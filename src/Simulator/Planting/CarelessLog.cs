using Trefoil.Replication;
using Trefoil.Simulator.Shards;

namespace Trefoil.Simulator.Planting;

/// <summary>A copy's log that takes records wrongly.</summary>
internal sealed class CarelessLog(IReplicatedLog log, Action<byte[]> taken, Func<byte[], byte[]> taking) : PassingLog(log)
{
    public override bool Append(ulong lsn, ReadOnlySpan<byte> record)
    {
        var known = base.Append(lsn, taking(record.ToArray()));
        taken(record.ToArray());
        return known;
    }
}

using Trefoil.Sharding;

namespace Trefoil.Replication;

/// <summary>How many of a replica set must hold a record (correctness.md, 1). The primary's own copy counts as one.</summary>
public static class RequiredAcks
{
    /// <summary>Asynchronous 0, Quorum ⌊n/2⌋ + 1, Synchronous n.</summary>
    public static int Of(ReplicationMode mode, int members) => ShardRecord.Required(mode, members);

    /// <summary>How many members an election must fence so that at least one of them holds whatever was acknowledged; 0: none is sure to.</summary>
    public static int ToFence(ReplicationMode mode, int members) => ShardRecord.ToFence(mode, members);
}

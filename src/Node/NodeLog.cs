using Microsoft.Extensions.Logging;

namespace Trefoil.Node;

/// <summary>The whole log vocabulary of a node. Ids and names once published stay.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(1, LogLevel.Information, "trefoil {Version} node {NodeId} of cluster '{ClusterName}', data in {DataDir}")]
    public static partial void Starting(ILogger log, string version, string nodeId, string clusterName, string dataDir);

    [LoggerMessage(2, LogLevel.Information, "ready: RESP {Resp}, RPC {Rpc}, SWIM {Swim}")]
    public static partial void Ready(ILogger log, string resp, string rpc, string swim);

    [LoggerMessage(3, LogLevel.Information, "recovered: topology version {Version}, raft entries {Entries}, torn bytes dropped {TornBytes}")]
    public static partial void Recovered(ILogger log, ulong version, int entries, long tornBytes);

    [LoggerMessage(5, LogLevel.Warning, "cluster file: {Warning}")]
    public static partial void ClusterFileWarning(ILogger log, string warning);

    [LoggerMessage(4, LogLevel.Information, "stopping")]
    public static partial void Stopping(ILogger log);

    [LoggerMessage(6, LogLevel.Information, "recovered {Keys} keys in {Milliseconds} ms: {SnapshotKeys} from the snapshot ({SnapshotBytes} bytes, LSN {Lsn}), "
        + "{Records} log records ({LogBytes} bytes), torn bytes dropped {TornBytes}")]
    public static partial void KeysRecovered(
        ILogger log, long keys, long milliseconds, long snapshotKeys, long snapshotBytes, ulong lsn, long records, long logBytes, long tornBytes);

    [LoggerMessage(7, LogLevel.Warning, "keys: the log ended in an unfinished write, {TornBytes} bytes at {TornAt} dropped; no reply had left for it unless appendfsync allows that")]
    public static partial void KeyLogTorn(ILogger log, long tornBytes, string tornAt);

    [LoggerMessage(8, LogLevel.Error, "keys: a command failed inside and its connection was closed")]
    public static partial void CommandFaulted(ILogger log, Exception fault);

    [LoggerMessage(13, LogLevel.Information, "memory: the heap is limited to {Megabytes} MiB (0: by the machine alone)")]
    public static partial void HeapLimited(ILogger log, long megabytes);

    [LoggerMessage(14, LogLevel.Warning, "memory: the heap cannot be limited to {Megabytes} MiB, {Committed} MiB are in use")]
    public static partial void HeapLimitRefused(ILogger log, long megabytes, long committed);

    [LoggerMessage(10, LogLevel.Information, "control: {What}: {Detail}")]
    public static partial void Control(ILogger log, string what, string detail);

    [LoggerMessage(15, LogLevel.Information, "replication: {What}: {Detail}")]
    public static partial void Replica(ILogger log, string what, string detail);

    [LoggerMessage(17, LogLevel.Information, "migration: {What}: {Detail}")]
    public static partial void Migration(ILogger log, string what, string detail);

    [LoggerMessage(16, LogLevel.Critical, "replication: this node can follow no further, stopping: {Reason}")]
    public static partial void CannotFollow(ILogger log, string reason);

    [LoggerMessage(11, LogLevel.Warning, "control: the loop took {Milliseconds} ms (slow disk or starved processor)")]
    public static partial void Late(ILogger log, double milliseconds);

    [LoggerMessage(12, LogLevel.Critical, "disk failure, stopping now so that nothing unsynced is taken for durable: {Message}")]
    public static partial void DiskFailed(ILogger log, string message);

    [LoggerMessage(18, LogLevel.Error, "replication_ack is 'durable', but this node has no log (appendonly = false): it acknowledges nothing. CONFIG SET replication-ack received, or start it with a log")]
    public static partial void NothingDurable(ILogger log);

    [LoggerMessage(20, LogLevel.Information, "membership: {What} {NodeId} at {Address}")]
    public static partial void Member(ILogger log, string what, string nodeId, string address);

    [LoggerMessage(21, LogLevel.Warning, "membership: {Address} belongs to cluster '{Name}', not to ours")]
    public static partial void ForeignCluster(ILogger log, string address, string name);

    [LoggerMessage(22, LogLevel.Warning, "slot {Slot}: its owner {Owner} is down and was not asked; giving it to {NewOwner}; keys it held there stay behind")]
    public static partial void SlotTaken(ILogger log, int slot, string owner, string newOwner);

    [LoggerMessage(40, LogLevel.Warning, "assertions are off: {Reason} (assertions = false says the same in silence, assertions = true refuses to start)")]
    public static partial void AssertionsOff(ILogger log, string reason);

    [LoggerMessage(41, LogLevel.Information, "assertions: HTTP {Api}, {Claims} claims and {Records} records back in {Milliseconds} ms, {Replayed} of them from the log, torn bytes dropped {TornBytes}")]
    public static partial void AssertionsReady(ILogger log, string api, long claims, long records, long milliseconds, long replayed, long tornBytes);

    [LoggerMessage(42, LogLevel.Error, "assertions: a request failed inside and was answered with 500")]
    public static partial void RequestFaulted(ILogger log, Exception fault);

    [LoggerMessage(30, LogLevel.Warning, "seed {Address}: {Problem}")]
    public static partial void SeedFailed(ILogger log, string address, string problem);
}

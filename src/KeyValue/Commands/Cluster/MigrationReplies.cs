using System.Globalization;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Cluster;

/// <summary>CLUSTER GETSLOTMIGRATIONS: the migrations that this node's shard is an end of, the newest first.</summary>
/// <remarks>
/// Valkey 9's fields in its order and, where it has one, its name of a state; ours come behind. What the topology says every member of the shard shows;
/// how far it is only the primary that works on it.
/// </remarks>
internal static class MigrationReplies
{
    /// <summary>What the message of a migration says that was ended by CANCELSLOTMIGRATIONS: its state is then "cancelled", not "failed".</summary>
    public const string Cancelled = "cancelled by CLUSTER CANCELSLOTMIGRATIONS";

    private const int Fields = 20;

    public static void All(CommandContext context)
    {
        var topology = context.Cluster.Topology;
        var shard = topology.Find(context.Cluster.Self)?.ShardId;
        var records = topology.Migrations.Where(record => record.Source == shard || record.Target == shard).Reverse().ToList();
        context.Reply.Array(records.Count);
        foreach (var record in records)
        {
            Write(context, record, isExport: record.Source == shard);
        }
    }

    private static void Write(CommandContext context, MigrationRecord record, bool isExport)
    {
        var (reply, topology, progress) = (context.Reply, context.Cluster.Topology, context.Server.Moves.Find(record.Id));
        var counts = progress ?? context.Server.Moves.FindEnded(record.Id);
        var (sent, acked) = (counts?.BytesSent ?? 0, counts?.BytesAcked ?? 0);
        reply.Map(Fields);
        Text(reply, "name", record.Id.ToString());
        Text(reply, "operation", isExport ? "EXPORT" : "IMPORT");
        Text(reply, "slot_ranges", string.Join(' ', record.Ranges.Select(range => string.Create(CultureInfo.InvariantCulture, $"{range.Start}-{range.End}"))));
        Text(reply, "target_node", PrimaryOf(topology, record.Target, record.TargetNode));
        Text(reply, "source_node", PrimaryOf(topology, record.Source, record.SourceNode));
        Number(reply, "create_time", record.CreatedMs / 1000);
        Number(reply, "last_update_time", record.ChangedMs / 1000);
        Number(reply, "last_ack_time", counts?.LastHeard is { } heard ? context.Server.Moves.UnixMsOf(heard) / 1000 : 0);
        Text(reply, "state", StateOf(record, progress));
        Text(reply, "message", record.Message);
        Number(reply, "cow_size", 0);
        Number(reply, "remaining_repl_size", isExport && record.State == MigrationState.Running ? Math.Max(0, sent - acked) : 0);
        Number(reply, "attempt", record.Attempt);
        Text(reply, "phase", PhaseOf(record, progress));
        Number(reply, "slots_total", record.SlotCount);
        Number(reply, "slots_copied", record.State == MigrationState.Completed ? record.SlotCount : counts?.SlotsCopied ?? 0);
        Number(reply, "bytes_sent", sent);
        Number(reply, "bytes_acked", acked);
        Number(reply, "longest_pause_ms", (long)(counts?.LongestFreeze ?? TimeSpan.Zero).TotalMilliseconds);
        Number(reply, "clean", record.IsClean ? 1 : 0);
    }

    private static string PrimaryOf(Topology topology, NodeId shard, NodeId last) => NodeRecord.RespIdOf(topology.FindShard(shard)?.Primary ?? last);

    private static string StateOf(MigrationRecord record, MigrationProgress? progress) => record.State switch
    {
        MigrationState.Completed => "success",
        MigrationState.Aborted => record.Message == Cancelled ? "cancelled" : "failed",
        _ => progress?.Phase switch
        {
            MigrationPhase.Copying => progress.Role == MigrationRole.Export ? "snapshotting" : "waiting-for-paused",
            MigrationPhase.CatchingUp => progress.Role == MigrationRole.Export ? "waiting-to-pause" : "waiting-for-paused",
            MigrationPhase.Frozen => "failover-paused",
            MigrationPhase.Completing => "failover-requested",
            _ => "connecting",
        },
    };

    private static string PhaseOf(MigrationRecord record, MigrationProgress? progress) => progress?.Phase switch
    {
        MigrationPhase.Waiting => "waiting",
        MigrationPhase.Copying => "copying",
        MigrationPhase.CatchingUp => "catching-up",
        MigrationPhase.Frozen => "frozen",
        MigrationPhase.Completing => "completing",
        MigrationPhase.Cleaning => "cleaning",
        _ => record.IsClean ? "done" : record.State == MigrationState.Running ? "waiting" : "cleaning",
    };

    private static void Text(RespWriter reply, string name, string value)
    {
        reply.Bulk(name);
        reply.Bulk(value);
    }

    private static void Number(RespWriter reply, string name, long value)
    {
        reply.Bulk(name);
        reply.Integer(value);
    }
}

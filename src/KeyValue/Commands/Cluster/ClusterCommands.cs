using System.Text;
using Trefoil.KeyValue.Cluster;
using Trefoil.KeyValue.Commands.Session;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Cluster;

/// <summary>CLUSTER: what it asks. What it changes is in <see cref="ClusterChanges"/>.</summary>
internal static class ClusterCommands
{
    public static IEnumerable<CommandBinding> Bindings =>
    [
        .. ClusterChanges.Bindings,
        .. ReplicaCommands.Bindings,
        .. MigrationCommands.Bindings,
        new("cluster|info", ClusterReplies.Info),
        new("cluster|nodes", ClusterReplies.Nodes),
        new("cluster|slots", ClusterReplies.Slots),
        new("cluster|shards", ClusterReplies.Shards),
        new("cluster|links", ClusterReplies.Links),
        new("cluster|myid", context => context.Reply.Bulk(ClusterReplies.Myself(context).RespId)),
        new("cluster|myshardid", context => context.Reply.Bulk(NodeRecord.RespIdOf(ClusterReplies.Myself(context).ShardId))),
        new("cluster|keyslot", context => context.Reply.Integer(HashSlot.Of(context[2]))),
        new("cluster|countkeysinslot", CountKeysInSlot),
        new("cluster|getkeysinslot", GetKeysInSlot),
        new("cluster|count-failure-reports", CountFailureReports),
        new("cluster|saveconfig", context => context.Reply.Ok()),
        new("cluster|help", context => HelpText.Write(context, ClusterHelp.Lines)),
        new("trefoil.peer", Peer),
    ];

    /// <summary>The member whose 40 digits are argument <paramref name="index"/>; otherwise replies that there is none.</summary>
    public static NodeRecord? Member(CommandContext context, int index, string complaint = "Unknown node")
    {
        var id = Encoding.Latin1.GetString(context[index]);
        if (context.Cluster.Topology.FindByRespId(id) is { } node)
        {
            return node;
        }

        context.Reply.Error(Encoding.Latin1.GetBytes($"ERR {complaint} {id}"));
        return null;
    }

    private static void CountKeysInSlot(CommandContext context)
    {
        if (Number(context, 2) is { } slot)
        {
            if (slot is < 0 or >= HashSlot.Count)
            {
                context.Reply.Error("ERR Invalid slot"u8);
            }
            else
            {
                context.Reply.Integer(context.Store.IsHidden((int)slot) ? 0 : context.Store.CountIn((int)slot));
            }
        }
    }

    private static void GetKeysInSlot(CommandContext context)
    {
        if (Number(context, 2) is not { } slot || Number(context, 3) is not { } count)
        {
            return;
        }

        if (slot is < 0 or >= HashSlot.Count || count < 0)
        {
            context.Reply.Error("ERR Invalid slot or number of keys"u8);
            return;
        }

        List<byte[]> keys;
        var table = context.Store.Table((int)slot);
        lock (table)
        {
            keys = context.Store.IsHidden((int)slot) ? [] : table.Keys((int)Math.Min(count, int.MaxValue));
        }

        context.Reply.Array(keys.Count);
        foreach (var key in keys)
        {
            context.Reply.Bulk(key);
        }
    }

    /// <summary>SWIM spreads one suspicion and not reports per witness: 1 while a node is suspected or dead.</summary>
    private static void CountFailureReports(CommandContext context)
    {
        if (Member(context, 2) is { } node)
        {
            context.Reply.Integer(context.Cluster.HealthOf(node.Id).State is NodeLiveness.Suspect or NodeLiveness.Dead ? 1 : 0);
        }
    }

    private static void Peer(CommandContext context)
    {
        var fields = context.Cluster.Describe().Fields;
        context.Reply.Array(fields.Count * 2);
        foreach (var (name, value) in fields)
        {
            context.Reply.Bulk(name);
            context.Reply.Bulk(value);
        }
    }

    private static long? Number(CommandContext context, int index)
    {
        if (RespNumber.TryParse(context[index], out var value))
        {
            return value;
        }

        context.Reply.Error("ERR value is not an integer or out of range"u8);
        return null;
    }
}

/// <summary>CLUSTER HELP.</summary>
internal static class ClusterHelp
{
    public static readonly string[] Lines =
    [
        "CLUSTER <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "ADDSLOTS <slot> [<slot> ...]", "    Assign slots to current node.",
        "ADDSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]", "    Assign slots which are between <start-slot> and <end-slot> to current node.",
        "BUMPEPOCH", "    Advance the cluster config epoch.",
        "CANCELSLOTMIGRATIONS", "    End all migrations of slots away from this node that have not completed.",
        "COUNT-FAILURE-REPORTS <node-id>", "    Return number of failure reports for <node-id>.",
        "COUNTKEYSINSLOT <slot>", "    Return the number of keys in <slot>.",
        "DELSLOTS <slot> [<slot> ...]", "    Delete slots information from current node.",
        "DELSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]", "    Delete slots information which are between <start-slot> and <end-slot> from current node.",
        "FORGET <node-id>", "    Remove a node from the cluster.",
        "GETKEYSINSLOT <slot> <count>", "    Return key names stored by current node in a slot.",
        "GETSLOTMIGRATIONS", "    Return the running and the recent migrations of slots from and to this node.",
        "FLUSHSLOTS", "    Delete current node own slots information.",
        "INFO", "    Return information about the cluster.",
        "KEYSLOT <key>", "    Return the hash slot for <key>.",
        "MEET <ip> <port> [<bus-port>]", "    Connect nodes into a working cluster.",
        "MIGRATESLOTS SLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...] NODE <node-id> [SLOTSRANGE ... NODE <node-id> ...]",
        "    Move slots of this node with their keys to other nodes, each group at once.",
        "MYID", "    Return the node id.",
        "MYSHARDID", "    Return the node's shard id.",
        "NODES", "    Return cluster configuration seen by node. Output format:", "    <id> <ip:port> <flags> <master> <pings> <pongs> <epoch> <link> <slot> ...",
        "RESET [HARD|SOFT]", "    Reset current node (default: soft).",
        "SET-CONFIG-EPOCH <epoch>", "    Set config epoch of current node.",
        "SETSLOT <slot> (IMPORTING <node-id>|MIGRATING <node-id>|STABLE|NODE <node-id>)", "    Set slot state.",
        "REPLICAS <node-id>", "    Return <node-id> replicas.",
        "SAVECONFIG", "    Force saving cluster configuration on disk.",
        "SLOTS", "    Return information about slots range mappings. Each range is made of:", "    start, end, master and replicas IP addresses, ports and ids",
        "SHARDS", "    Return information about slot range mappings and the nodes associated with them.",
        "LINKS", "    Return information about all network links between this node and its peers.", "    Output format is an array where each array element is a map containing attributes of a link",
        "HELP", "    Prints this help.",
    ];
}

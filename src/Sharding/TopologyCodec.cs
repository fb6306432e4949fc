using System.Diagnostics.CodeAnalysis;
using System.Text;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>The bytes of a topology and of its parts. Fields are only ever appended, behind a higher format number.</summary>
internal static class TopologyCodec
{
    public const int MaxKeyBytes = 128;
    public const int MaxValueBytes = 4096;
    public const int MaxRemoved = 1024;

    /// <summary>Without marks and shards, as the first versions wrote it.</summary>
    private const byte Format = 1;

    /// <summary>As <see cref="Format"/>, then at least one mark, still without shards.</summary>
    private const byte FormatWithMarks = 2;

    /// <summary>As <see cref="Format"/>, then the shards, then the marks, if any.</summary>
    private const byte FormatWithShards = 3;

    /// <summary>As <see cref="FormatWithShards"/>, then the migrations: what is written now.</summary>
    private const byte FormatWithMigrations = 4;

    public static void Write(ByteWriter writer, Topology topology)
    {
        writer.Byte(FormatWithMigrations);
        writer.Varint(topology.Version);
        writer.Cluster(topology.ClusterId);
        writer.Text(topology.ClusterName);
        writer.Varint(topology.CurrentEpoch);
        writer.Varint(topology.NextMemberId);
        writer.Varint((ulong)topology.Members.Length);
        foreach (var node in topology.Members)
        {
            WriteNode(writer, node);
        }

        WriteSlots(writer, topology.Slots);
        writer.Varint((ulong)topology.Removed.Count);
        foreach (var removed in topology.Removed)
        {
            writer.Node(removed.Id);
            writer.UInt64((ulong)removed.AtMs);
        }

        writer.Varint((ulong)topology.Settings.Count);
        foreach (var (key, value) in topology.Settings)
        {
            writer.Text(key);
            writer.Text(value);
        }

        writer.Varint((ulong)topology.Shards.Count);
        foreach (var shard in topology.Shards)
        {
            WriteShard(writer, shard);
        }

        WriteMarks(writer, topology.Marks);
        MigrationRecordCodec.WriteRecords(writer, topology.Migrations);
    }

    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out Topology? topology)
    {
        topology = null;
        var format = reader.Byte();
        if (format is < Format or > FormatWithMigrations)
        {
            reader.Fail();
            return false;
        }

        var read = new Topology
        {
            Version = reader.Varint(),
            ClusterId = reader.Cluster(),
            ClusterName = reader.Text(Topology.MaxNameBytes),
            CurrentEpoch = reader.Varint(),
            NextMemberId = reader.Varint(),
            Members = ReadNodes(ref reader),
        };
        read = read with { Slots = ReadSlots(ref reader, read.Members.Length) };
        read = read with { Removed = ReadRemoved(ref reader) };
        read = read with { Settings = ReadSettings(ref reader) };
        read = format >= FormatWithShards ? read with { Shards = ReadShards(ref reader) } : ShardRules.Alone(read);
        if (format != Format)
        {
            read = read with { Marks = ReadMarks(ref reader, atLeastOne: format == FormatWithMarks) };
        }

        if (format == FormatWithMigrations)
        {
            read = read with { Migrations = MigrationRecordCodec.ReadRecords(ref reader) };
        }

        if (reader.Failed || !IsConsistent(read))
        {
            reader.Fail();
            return false;
        }

        topology = read;
        return true;
    }

    public static void WriteNode(ByteWriter writer, NodeRecord node)
    {
        writer.Node(node.Id);
        writer.Varint(node.MemberId);
        WriteEndpoints(writer, node.Endpoints);
        writer.Varint(node.ConfigEpoch);
        writer.Node(node.PrimaryId);
        writer.Text(node.Zone);
        writer.Node(node.ShardId);
    }

    public static NodeRecord ReadNode(ref ByteReader reader)
    {
        var node = new NodeRecord
        {
            Id = reader.Node(),
            MemberId = reader.Varint(),
            Endpoints = ReadEndpoints(ref reader),
            ConfigEpoch = reader.Varint(),
            PrimaryId = reader.Node(),
            Zone = reader.Text(NodeRecord.MaxZoneBytes),
            ShardId = reader.Node(),
        };
        if (node.Problem() is not null)
        {
            reader.Fail();
        }

        return node;
    }

    public static void WriteEndpoints(ByteWriter writer, NodeEndpoints endpoints)
    {
        writer.Text(endpoints.Host);
        writer.Text(endpoints.Hostname);
        writer.UInt16((ushort)endpoints.RespPort);
        writer.UInt16((ushort)endpoints.ApiPort);
        writer.UInt16((ushort)endpoints.GatewayPort);
        writer.UInt16((ushort)endpoints.RpcPort);
        writer.UInt16((ushort)endpoints.SwimPort);
        writer.UInt16((ushort)endpoints.LineProtocolPort);
    }

    public static NodeEndpoints ReadEndpoints(ref ByteReader reader) => new(
        reader.Text(NodeEndpoints.MaxHostBytes),
        reader.Text(NodeEndpoints.MaxHostBytes),
        reader.UInt16(),
        reader.UInt16(),
        reader.UInt16(),
        reader.UInt16(),
        reader.UInt16(),
        reader.UInt16());

    /// <summary>Pairs (owner, run length) until 16384 slots are told: a fresh cluster of three costs ten bytes.</summary>
    private static void WriteSlots(ByteWriter writer, SlotMap slots)
    {
        for (var start = 0; start < HashSlot.Count;)
        {
            var end = slots.EndOfRun(start);
            writer.Varint(slots[start]);
            writer.Varint((ulong)(end - start));
            start = end;
        }
    }

    private static SlotMap ReadSlots(ref ByteReader reader, int nodes)
    {
        var owners = new ushort[HashSlot.Count];
        for (var start = 0; start < HashSlot.Count && !reader.Failed;)
        {
            var owner = (ushort)reader.Count(nodes);
            var length = reader.Count(HashSlot.Count - start);
            if (length == 0)
            {
                reader.Fail();
            }

            owners.AsSpan(start, length).Fill(owner);
            start += length;
        }

        return SlotMap.Of(owners, nodes);
    }

    private static NodeRecord[] ReadNodes(ref ByteReader reader)
    {
        var nodes = new List<NodeRecord>();
        for (var left = reader.Count(Topology.MaxNodes); left > 0 && !reader.Failed; left--)
        {
            nodes.Add(ReadNode(ref reader));
        }

        return [.. nodes];
    }

    private static List<RemovedNode> ReadRemoved(ref ByteReader reader)
    {
        var removed = new List<RemovedNode>();
        for (var left = reader.Count(MaxRemoved); left > 0 && !reader.Failed; left--)
        {
            removed.Add(new RemovedNode(reader.Node(), (long)reader.UInt64()));
        }

        return removed;
    }

    private static List<Setting> ReadSettings(ref ByteReader reader)
    {
        var settings = new List<Setting>();
        for (var left = reader.Count(Topology.MaxSettings); left > 0 && !reader.Failed; left--)
        {
            settings.Add(new Setting(reader.Text(MaxKeyBytes), reader.Text(MaxValueBytes)));
        }

        return settings;
    }

    private static void WriteMarks(ByteWriter writer, SlotMarks marks)
    {
        writer.Varint((ulong)marks.Count);
        foreach (var mark in marks)
        {
            WriteMark(writer, mark);
        }
    }

    public static void WriteMark(ByteWriter writer, SlotMark mark)
    {
        writer.UInt16((ushort)mark.Slot);
        writer.Node(mark.Holder);
        writer.Byte((byte)mark.Kind);
        writer.Node(mark.Peer);
    }

    public static SlotMark ReadMark(ref ByteReader reader) => new(
        reader.UInt16(), reader.Node(), reader.Bool() ? SlotMarkKind.Importing : SlotMarkKind.Migrating, reader.Node());

    private static void WriteShard(ByteWriter writer, ShardRecord shard)
    {
        writer.Node(shard.Id);
        writer.Node(shard.Primary);
        writer.Varint(shard.Epoch);
        writer.Bool(shard.IsElecting);
        if (shard.IsElecting)
        {
            writer.Node(shard.Candidate);
            writer.Bool(shard.IsForced);
        }

        writer.Varint(shard.ConfigVersion);
        WriteReplicaSet(writer, shard.ReplicaSet);
        writer.Byte((byte)shard.Mode);
    }

    private static List<ShardRecord> ReadShards(ref ByteReader reader)
    {
        var shards = new List<ShardRecord>();
        for (var left = reader.Count(Topology.MaxNodes); left > 0 && !reader.Failed; left--)
        {
            var (id, primary, epoch, isElecting) = (reader.Node(), reader.Node(), reader.Varint(), reader.Bool());
            shards.Add(new ShardRecord
            {
                Id = id,
                Primary = primary,
                Epoch = epoch,
                IsElecting = isElecting,
                Candidate = isElecting ? reader.Node() : NodeId.None,
                IsForced = isElecting && reader.Bool(),
                ConfigVersion = reader.Varint(),
                ReplicaSet = ReadReplicaSet(ref reader),
                Mode = ReadMode(ref reader),
            });
        }

        return shards;
    }

    public static void WriteReplicaSet(ByteWriter writer, IReadOnlyList<NodeId> set)
    {
        writer.Varint((ulong)set.Count);
        foreach (var member in set)
        {
            writer.Node(member);
        }
    }

    public static NodeId[] ReadReplicaSet(ref ByteReader reader)
    {
        var set = new List<NodeId>();
        for (var left = reader.Count(ShardRecord.MaxMembers); left > 0 && !reader.Failed; left--)
        {
            set.Add(reader.Node());
        }

        return [.. set];
    }

    public static ReplicationMode ReadMode(ref ByteReader reader)
    {
        var mode = (ReplicationMode)reader.Byte();
        if (mode > ReplicationMode.Synchronous)
        {
            reader.Fail();
        }

        return mode;
    }

    /// <summary>Strictly ascending: equal topologies have equal bytes.</summary>
    private static SlotMarks ReadMarks(ref ByteReader reader, bool atLeastOne)
    {
        var marks = SlotMarks.None;
        var last = default(SlotMark);
        var left = reader.Count(SlotMarks.Max);
        if (left == 0 && atLeastOne)
        {
            reader.Fail();
        }

        for (; left > 0 && !reader.Failed; left--)
        {
            var mark = ReadMark(ref reader);
            if (mark.Slot >= HashSlot.Count || (marks.Count > 0 && mark <= last))
            {
                reader.Fail();
                break;
            }

            marks = marks.With(mark);
            last = mark;
        }

        return marks;
    }

    /// <summary>What the state machine always keeps; bytes that say otherwise are not one of its snapshots.</summary>
    private static bool IsConsistent(Topology topology)
    {
        var members = new SortedSet<ulong>();
        for (var i = 0; i < topology.Members.Length; i++)
        {
            var node = topology.Members[i];
            if ((i > 0 && topology.Members[i - 1].Id >= node.Id)
                || node.MemberId == 0 || node.MemberId >= topology.NextMemberId || !members.Add(node.MemberId)
                || node.ConfigEpoch > topology.CurrentEpoch)
            {
                return false;
            }
        }

        foreach (var mark in topology.Marks)
        {
            if (topology.Find(mark.Holder) is null || topology.Find(mark.Peer) is null || mark.Holder == mark.Peer
                || topology.Owns(mark.Holder, mark.Slot) != (mark.Kind == SlotMarkKind.Migrating))
            {
                return false;
            }
        }

        if (!ShardRules.AreConsistent(topology) || !MigrationRules.AreConsistent(topology))
        {
            return false;
        }

        // Bytes that are no UTF-8 grow when read as text: what was within the limit may be beyond it now.
        return Fits(topology.ClusterName, Topology.MaxNameBytes)
            && topology.Settings.All(setting => Fits(setting.Key, MaxKeyBytes) && Fits(setting.Value, MaxValueBytes))
            && topology.Settings.Zip(topology.Settings.Skip(1))
                .All(pair => string.CompareOrdinal(pair.First.Key, pair.Second.Key) < 0);
    }

    /// <summary>True when the text's UTF-8 keeps to the limit.</summary>
    public static bool Fits(string text, int maxBytes) => Encoding.UTF8.GetByteCount(text) <= maxBytes;
}

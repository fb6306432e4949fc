using System.Diagnostics.CodeAnalysis;
using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>The bytes of a command: a kind, the request id, the fields in order. They live in logs for ever.</summary>
public static class TopologyCommandCodec
{
    /// <summary>Most ranges in one command: every second slot.</summary>
    public const int MaxRanges = HashSlot.Count;

    /// <summary>Longest reason for ending an attempt, in bytes; what is kept of it is shorter (<see cref="MigrationRecord.MaxMessageBytes"/>).</summary>
    public const int MaxReasonBytes = 4096;

    /// <summary>Append-only: a number once used keeps its meaning.</summary>
    private enum Kind : byte
    {
        FoundCluster = 1,
        AddNode = 2,
        CancelJoin = 3,
        RemoveNode = 4,
        UpdateNode = 5,
        AssignSlots = 6,
        RemoveSlots = 7,
        SetSlotOwner = 8,
        SetConfigEpoch = 9,
        BumpEpoch = 10,
        SetSetting = 11,
        MoveSlot = 12,
        MarkSlot = 13,
        ClearMark = 14,
        Replicate = 15,
        ChangeReplicaSet = 16,
        BeginElection = 17,
        Promote = 18,
        BeginMigrations = 19,
        RestartMigration = 20,
        CompleteMigration = 21,
        AbortMigration = 22,
        CleanMigration = 23,
    }

    /// <summary>The command as bytes of their own.</summary>
    public static byte[] Encode(TopologyCommand command)
    {
        var writer = new ByteWriter(64);
        Write(writer, command);
        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; false for anything else.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TopologyCommand? command)
    {
        var reader = new ByteReader(bytes);
        return TryRead(ref reader, out command) && reader.Ended;
    }

    /// <summary>Appends the command.</summary>
    public static void Write(ByteWriter writer, TopologyCommand command)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(command);
        switch (command)
        {
            case TopologyCommand.FoundCluster found:
                Start(writer, Kind.FoundCluster, found);
                writer.Cluster(found.Cluster);
                writer.Text(found.Name);
                TopologyCodec.WriteNode(writer, found.First);
                break;
            case TopologyCommand.AddNode add:
                Start(writer, Kind.AddNode, add);
                TopologyCodec.WriteNode(writer, add.Record);
                MigrationRecordCodec.WriteRanges(writer, add.Claims);
                break;
            case TopologyCommand.CancelJoin cancel:
                Start(writer, Kind.CancelJoin, cancel);
                WriteRequest(writer, cancel.Join);
                break;
            case TopologyCommand.RemoveNode remove:
                Start(writer, Kind.RemoveNode, remove);
                writer.Node(remove.Node);
                writer.UInt64((ulong)remove.NowMs);
                break;
            case TopologyCommand.UpdateNode update:
                Start(writer, Kind.UpdateNode, update);
                writer.Node(update.Node);
                TopologyCodec.WriteEndpoints(writer, update.Endpoints);
                writer.Text(update.Zone);
                break;
            default:
                WriteSlotOrSetting(writer, command);
                break;
        }
    }

    /// <summary>Reads one command; false, and the reader failed, for anything that is none.</summary>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out TopologyCommand? command)
    {
        var kind = (Kind)reader.Byte();
        var request = ReadRequest(ref reader);
        command = kind switch
        {
            Kind.FoundCluster => new TopologyCommand.FoundCluster(
                request, reader.Cluster(), reader.Text(Topology.MaxNameBytes), TopologyCodec.ReadNode(ref reader)),
            Kind.AddNode => new TopologyCommand.AddNode(request, TopologyCodec.ReadNode(ref reader), MigrationRecordCodec.ReadRanges(ref reader)),
            Kind.CancelJoin => new TopologyCommand.CancelJoin(request, ReadRequest(ref reader)),
            Kind.RemoveNode => new TopologyCommand.RemoveNode(request, reader.Node(), (long)reader.UInt64()),
            Kind.UpdateNode => new TopologyCommand.UpdateNode(
                request, reader.Node(), TopologyCodec.ReadEndpoints(ref reader), reader.Text(NodeRecord.MaxZoneBytes)),
            Kind.AssignSlots => new TopologyCommand.AssignSlots(request, reader.Node(), MigrationRecordCodec.ReadRanges(ref reader)),
            Kind.RemoveSlots => new TopologyCommand.RemoveSlots(request, reader.Node(), MigrationRecordCodec.ReadRanges(ref reader)),
            Kind.SetSlotOwner => new TopologyCommand.SetSlotOwner(request, reader.UInt16(), reader.Node()),
            Kind.SetConfigEpoch => new TopologyCommand.SetConfigEpoch(request, reader.Node(), reader.Varint()),
            Kind.BumpEpoch => new TopologyCommand.BumpEpoch(request, reader.Node()),
            Kind.SetSetting => new TopologyCommand.SetSetting(
                request, reader.Text(TopologyCodec.MaxKeyBytes), reader.Text(TopologyCodec.MaxValueBytes)),
            Kind.MoveSlot => new TopologyCommand.MoveSlot(request, reader.UInt16(), reader.Node(), reader.Node()),
            Kind.MarkSlot => new TopologyCommand.MarkSlot(request, TopologyCodec.ReadMark(ref reader)),
            Kind.ClearMark => new TopologyCommand.ClearMark(request, reader.UInt16(), reader.Node()),
            _ => ReadShardCommand(kind, request, ref reader),
        };
        if (command is null || reader.Failed)
        {
            reader.Fail();
            command = null;
            return false;
        }

        return true;
    }

    /// <summary>Appends a request id.</summary>
    public static void WriteRequest(ByteWriter writer, RequestId request)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Node(request.Proposer);
        writer.Varint(request.Sequence);
    }

    /// <summary>Reads what <see cref="WriteRequest"/> wrote.</summary>
    public static RequestId ReadRequest(ref ByteReader reader) => new(reader.Node(), reader.Varint());

    private static void WriteSlotOrSetting(ByteWriter writer, TopologyCommand command)
    {
        switch (command)
        {
            case TopologyCommand.AssignSlots assign:
                Start(writer, Kind.AssignSlots, assign);
                writer.Node(assign.Node);
                MigrationRecordCodec.WriteRanges(writer, assign.Ranges);
                break;
            case TopologyCommand.RemoveSlots remove:
                Start(writer, Kind.RemoveSlots, remove);
                writer.Node(remove.Node);
                MigrationRecordCodec.WriteRanges(writer, remove.Ranges);
                break;
            case TopologyCommand.SetSlotOwner set:
                Start(writer, Kind.SetSlotOwner, set);
                writer.UInt16((ushort)set.Slot);
                writer.Node(set.Node);
                break;
            case TopologyCommand.MoveSlot move:
                Start(writer, Kind.MoveSlot, move);
                writer.UInt16((ushort)move.Slot);
                writer.Node(move.From);
                writer.Node(move.To);
                break;
            case TopologyCommand.MarkSlot mark:
                Start(writer, Kind.MarkSlot, mark);
                TopologyCodec.WriteMark(writer, mark.Mark);
                break;
            case TopologyCommand.ClearMark clear:
                Start(writer, Kind.ClearMark, clear);
                writer.UInt16((ushort)clear.Slot);
                writer.Node(clear.Holder);
                break;
            case TopologyCommand.SetConfigEpoch set:
                Start(writer, Kind.SetConfigEpoch, set);
                writer.Node(set.Node);
                writer.Varint(set.Epoch);
                break;
            case TopologyCommand.BumpEpoch bump:
                Start(writer, Kind.BumpEpoch, bump);
                writer.Node(bump.Node);
                break;
            case TopologyCommand.SetSetting set:
                Start(writer, Kind.SetSetting, set);
                writer.Text(set.Key);
                writer.Text(set.Value);
                break;
            default:
                WriteShardCommand(writer, command);
                break;
        }
    }

    private static void WriteShardCommand(ByteWriter writer, TopologyCommand command)
    {
        switch (command)
        {
            case TopologyCommand.Replicate replicate:
                Start(writer, Kind.Replicate, replicate);
                writer.Node(replicate.Node);
                writer.Node(replicate.Primary);
                break;
            case TopologyCommand.ChangeReplicaSet change:
                Start(writer, Kind.ChangeReplicaSet, change);
                writer.Node(change.Shard);
                writer.Varint(change.ConfigVersion);
                TopologyCodec.WriteReplicaSet(writer, change.ReplicaSet);
                writer.Byte((byte)change.Mode);
                break;
            case TopologyCommand.BeginElection begin:
                Start(writer, Kind.BeginElection, begin);
                writer.Node(begin.Shard);
                writer.Varint(begin.Epoch);
                writer.Node(begin.Candidate);
                writer.Bool(begin.IsForced);
                break;
            case TopologyCommand.Promote promote:
                Start(writer, Kind.Promote, promote);
                writer.Node(promote.Shard);
                writer.Varint(promote.Epoch);
                writer.Node(promote.Node);
                TopologyCodec.WriteReplicaSet(writer, promote.ReplicaSet);
                break;
            default:
                WriteMigrationCommand(writer, command);
                break;
        }
    }

    private static void WriteMigrationCommand(ByteWriter writer, TopologyCommand command)
    {
        switch (command)
        {
            case TopologyCommand.BeginMigrations begin:
                Start(writer, Kind.BeginMigrations, begin);
                writer.Node(begin.Source);
                MigrationRecordCodec.WriteParts(writer, begin.Parts);
                writer.UInt64((ulong)begin.NowMs);
                break;
            case TopologyCommand.RestartMigration restart:
                Start(writer, Kind.RestartMigration, restart);
                MigrationRecordCodec.WriteId(writer, restart.Migration);
                writer.Varint(restart.Attempt);
                writer.Text(restart.Reason);
                writer.UInt64((ulong)restart.NowMs);
                break;
            case TopologyCommand.CompleteMigration complete:
                Start(writer, Kind.CompleteMigration, complete);
                MigrationRecordCodec.WriteId(writer, complete.Migration);
                writer.Varint(complete.Attempt);
                writer.UInt64((ulong)complete.NowMs);
                break;
            case TopologyCommand.AbortMigration abort:
                Start(writer, Kind.AbortMigration, abort);
                MigrationRecordCodec.WriteId(writer, abort.Migration);
                writer.Text(abort.Reason);
                writer.UInt64((ulong)abort.NowMs);
                break;
            case TopologyCommand.CleanMigration clean:
                Start(writer, Kind.CleanMigration, clean);
                MigrationRecordCodec.WriteId(writer, clean.Migration);
                writer.Varint(clean.Epoch);
                break;
            default:
                throw new ArgumentException($"Not a command with bytes: {command.GetType().Name}", nameof(command));
        }
    }

    private static TopologyCommand? ReadMigrationCommand(Kind kind, RequestId request, ref ByteReader reader) => kind switch
    {
        Kind.BeginMigrations => new TopologyCommand.BeginMigrations(request, reader.Node(), MigrationRecordCodec.ReadParts(ref reader), (long)reader.UInt64()),
        Kind.RestartMigration => new TopologyCommand.RestartMigration(
            request, MigrationRecordCodec.ReadId(ref reader), MigrationRecordCodec.ReadAttempt(ref reader), reader.Text(MaxReasonBytes), (long)reader.UInt64()),
        Kind.CompleteMigration => new TopologyCommand.CompleteMigration(
            request, MigrationRecordCodec.ReadId(ref reader), MigrationRecordCodec.ReadAttempt(ref reader), (long)reader.UInt64()),
        Kind.AbortMigration => new TopologyCommand.AbortMigration(
            request, MigrationRecordCodec.ReadId(ref reader), reader.Text(MaxReasonBytes), (long)reader.UInt64()),
        Kind.CleanMigration => new TopologyCommand.CleanMigration(request, MigrationRecordCodec.ReadId(ref reader), reader.Varint()),
        _ => null,
    };

    private static TopologyCommand? ReadShardCommand(Kind kind, RequestId request, ref ByteReader reader) => kind switch
    {
        Kind.Replicate => new TopologyCommand.Replicate(request, reader.Node(), reader.Node()),
        Kind.ChangeReplicaSet => new TopologyCommand.ChangeReplicaSet(
            request, reader.Node(), reader.Varint(), TopologyCodec.ReadReplicaSet(ref reader), TopologyCodec.ReadMode(ref reader)),
        Kind.BeginElection => new TopologyCommand.BeginElection(request, reader.Node(), reader.Varint(), reader.Node(), reader.Bool()),
        Kind.Promote => new TopologyCommand.Promote(
            request, reader.Node(), reader.Varint(), reader.Node(), TopologyCodec.ReadReplicaSet(ref reader)),
        _ => ReadMigrationCommand(kind, request, ref reader),
    };

    private static void Start(ByteWriter writer, Kind kind, TopologyCommand command)
    {
        writer.Byte((byte)kind);
        WriteRequest(writer, command.Request);
    }
}

using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>The bytes of migrations, in a topology and in commands.</summary>
internal static class MigrationRecordCodec
{
    public static void WriteRecords(ByteWriter writer, IReadOnlyList<MigrationRecord> records)
    {
        writer.Varint((ulong)records.Count);
        foreach (var record in records)
        {
            WriteId(writer, record.Id);
            writer.Node(record.Source);
            writer.Node(record.Target);
            writer.Node(record.SourceNode);
            writer.Node(record.TargetNode);
            WriteRanges(writer, record.Ranges);
            writer.Byte((byte)record.State);
            writer.Bool(record.IsClean);
            writer.Varint(record.Attempt);
            writer.Varint(record.SourceEpoch);
            writer.Varint(record.TargetEpoch);
            writer.Text(record.Message);
            writer.UInt64((ulong)record.CreatedMs);
            writer.UInt64((ulong)record.ChangedMs);
        }
    }

    public static List<MigrationRecord> ReadRecords(ref ByteReader reader)
    {
        var records = new List<MigrationRecord>();
        for (var left = reader.Count(MigrationRecord.MaxOpen + MigrationRecord.MaxRemembered); left > 0 && !reader.Failed; left--)
        {
            records.Add(new MigrationRecord
            {
                Id = ReadId(ref reader),
                Source = reader.Node(),
                Target = reader.Node(),
                SourceNode = reader.Node(),
                TargetNode = reader.Node(),
                Ranges = ReadRanges(ref reader),
                State = (MigrationState)reader.Byte(),
                IsClean = reader.Bool(),
                Attempt = ReadAttempt(ref reader),
                SourceEpoch = reader.Varint(),
                TargetEpoch = reader.Varint(),
                Message = reader.Text(MigrationRecord.MaxMessageBytes),
                CreatedMs = (long)reader.UInt64(),
                ChangedMs = (long)reader.UInt64(),
            });
        }

        return records;
    }

    public static void WriteId(ByteWriter writer, MigrationId id)
    {
        writer.Node(id.Proposer);
        writer.Varint(id.Sequence);
        writer.UInt16(id.Ordinal);
    }

    public static MigrationId ReadId(ref ByteReader reader) => new(reader.Node(), reader.Varint(), reader.UInt16());

    public static uint ReadAttempt(ref ByteReader reader)
    {
        var attempt = reader.Varint();
        if (attempt > uint.MaxValue)
        {
            reader.Fail();
        }

        return (uint)attempt;
    }

    public static void WriteParts(ByteWriter writer, IReadOnlyList<MigrationPart> parts)
    {
        writer.Varint((ulong)parts.Count);
        foreach (var part in parts)
        {
            writer.Node(part.Target);
            WriteRanges(writer, part.Ranges);
        }
    }

    public static List<MigrationPart> ReadParts(ref ByteReader reader)
    {
        var parts = new List<MigrationPart>();
        for (var left = reader.Count(MigrationRecord.MaxOpen); left > 0 && !reader.Failed; left--)
        {
            parts.Add(new MigrationPart(reader.Node(), ReadRanges(ref reader)));
        }

        return parts;
    }

    public static void WriteRanges(ByteWriter writer, IReadOnlyList<SlotRange> ranges)
    {
        writer.Varint((ulong)ranges.Count);
        foreach (var range in ranges)
        {
            writer.UInt16((ushort)range.Start);
            writer.UInt16((ushort)range.End);
        }
    }

    public static List<SlotRange> ReadRanges(ref ByteReader reader)
    {
        var ranges = new List<SlotRange>();
        for (var left = reader.Count(TopologyCommandCodec.MaxRanges); left > 0 && !reader.Failed; left--)
        {
            ranges.Add(new SlotRange(reader.UInt16(), reader.UInt16()));
        }

        return ranges;
    }
}

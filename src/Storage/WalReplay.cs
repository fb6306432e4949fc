using System.Buffers.Binary;
using Trefoil.Primitives;

namespace Trefoil.Storage;

/// <summary>Reads a log from its beginning and decides, at the first group that is not whole, between torn and corrupt.</summary>
/// <remarks>
/// A group that is not whole is corrupt if anything proves that it was durable: a later segment (a roll syncs before it
/// creates one), or a header of a later group that names its number, or a higher one, as durable when it was written.
/// Without proof it was never acknowledged as durable, and it and all behind it is a torn tail (correctness.md, section 4).
/// Groups behind it may be whole: without a sync the disk writes in any order.
/// </remarks>
internal sealed class WalReplay(IDisk disk, string directory, WalVisitor visitor)
{
    private const string Remedy = "It was durable, so no crash explains this: suspect the disk, and restore this node from a replica. "
        + "For that remove its whole data directory and join again as a new node: as the old one, but with an empty log, it would count as a copy.";

    /// <summary>The segments that are part of the log, oldest first.</summary>
    public List<WalSegment> Segments { get; } = [];

    public ulong Number { get; private set; } = 1;

    public uint Previous { get; private set; }

    public ulong First { get; private set; } = 1;

    public ulong Next { get; private set; } = 1;

    public ulong Mark { get; private set; }

    public uint Salt { get; private set; }

    /// <summary>Where the last segment's last whole group ends.</summary>
    public long End { get; private set; }

    public long TornBytes { get; private set; }

    public string TornAt { get; private set; } = "";

    /// <summary>Replays everything; returns the refusal, or null.</summary>
    public string? Run()
    {
        var names = disk.List(directory).Where(name => WalSegment.TryParse(name, out _)).ToList();
        for (var i = 0; i < names.Count; i++)
        {
            using var file = disk.Open($"{directory}/{names[i]}", create: false);
            var reader = new WalReader(file);
            var last = i == names.Count - 1;
            if (!SegmentHeader.TryRead(reader.Peek(0, SegmentHeader.Size), out var header))
            {
                if (last && reader.Length <= SegmentHeader.Size && (i > 0 || names[i] == WalSegment.NameOf(1)))
                {
                    // Its header is synced before a group follows it: the crash hit the creation, and it holds no record.
                    Torn(names[i], 0, reader.Length);
                    return null;
                }

                return Corrupt(names[i], 0, "the segment's header is damaged");
            }

            if (Enter(names[i], header, isFirst: i == 0) is { } gap)
            {
                return gap;
            }

            if (Groups(names[i], reader, last) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private string? Enter(string name, SegmentHeader header, bool isFirst)
    {
        if (WalSegment.NameOf(header.Number) != name)
        {
            return Corrupt(name, 0, $"the segment's name is not that of its first group, {header.Number}");
        }

        if (isFirst)
        {
            (Number, Previous, First, Next, Salt) = (header.Number, header.Previous, header.NextLsn, header.NextLsn, header.Salt);
        }
        else if (header.Number != Number || header.Previous != Previous || header.NextLsn != Next || header.Salt != Salt)
        {
            return Corrupt(
                name, 0, $"it begins at group {header.Number}, but the segment before it ends before group {Number}; "
                + "a segment is missing, cut short or from another log");
        }

        Segments.Add(new WalSegment(header.Number, Next - 1));
        return null;
    }

    private string? Groups(string name, WalReader reader, bool last)
    {
        long offset = SegmentHeader.Size;
        while (offset < reader.Length)
        {
            var whole = GroupHeader.TryRead(reader.Peek(offset, GroupHeader.Size), Salt, out var header, out var crc);
            var body = offset + GroupHeader.Size;
            if (!whole || !Fits(header) || header.BodyLength > reader.Length - body
                || !IsWhole(header, reader.Peek(body, header.BodyLength)))
            {
                if (!last)
                {
                    return Corrupt(name, offset, $"group {Number} (from LSN {Next}) is damaged, and a later segment exists");
                }

                if (ProofAfter(reader, offset) is { } proof)
                {
                    return Corrupt(
                        name, offset, $"group {Number} (from LSN {Next}) is damaged, and the group at offset {proof} says that it was durable");
                }

                Torn(name, offset, reader.Length - offset);
                break;
            }

            Apply(header, reader.Peek(body, header.BodyLength));
            Previous = crc;
            offset = body + header.BodyLength;
        }

        End = offset;
        return null;
    }

    private bool Fits(GroupHeader header) =>
        header.Number == Number
        && header.Previous == Previous
        && (header.Kind == GroupKind.Reset ? header.Count == 0 && header.First > 0 : header.Kind == GroupKind.Append
            && header.First > 0 && header.First <= Next);

    private bool IsWhole(GroupHeader header, ReadOnlySpan<byte> body)
    {
        if (body.Length != header.BodyLength || Crc32C.Of(body, Salt) != header.BodyCrc)
        {
            return false;
        }

        var count = 0;
        for (; !body.IsEmpty; count++)
        {
            if (body.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(body) > (uint)(body.Length - sizeof(uint)))
            {
                return false;
            }

            body = body[(sizeof(uint) + BinaryPrimitives.ReadInt32LittleEndian(body))..];
        }

        return count == header.Count;
    }

    private void Apply(GroupHeader header, ReadOnlySpan<byte> body)
    {
        if (header.Kind == GroupKind.Reset)
        {
            Segments.ForEach(segment => segment.LiveLast = 0);
            (First, Next) = (header.First, header.First);
            visitor(WalStep.Reset, Next, default);
        }
        else if (header.First < Next)
        {
            Segments.ForEach(segment => segment.LiveLast = Math.Min(segment.LiveLast, header.First - 1));
            // Below First only if the segments that held what this group cut off have been dropped since.
            (First, Next) = (Math.Min(First, header.First), header.First);
            visitor(WalStep.Truncate, Next, default);
        }

        while (!body.IsEmpty)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(body);
            visitor(WalStep.Record, Next++, body.Slice(sizeof(uint), length));
            body = body[(sizeof(uint) + length)..];
        }

        Segments[^1].LiveLast = Next - 1;
        Mark = header.Mark;
        Number++;
    }

    /// <summary>The offset of a header behind the damage that names the damaged group durable, or null.</summary>
    private long? ProofAfter(WalReader reader, long damage)
    {
        // The damaged group's own length cannot be trusted, so every offset is a candidate; checksum and salt decide.
        Span<byte> magic = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, GroupHeader.Magic);
        const int window = 64 << 10;
        for (var offset = damage + 1; offset + GroupHeader.Size <= reader.Length;)
        {
            var bytes = reader.Peek(offset, window);
            var found = bytes.IndexOf(magic);
            if (found < 0)
            {
                offset += Math.Max(1, bytes.Length - magic.Length + 1);
                continue;
            }

            offset += found;
            if (GroupHeader.TryRead(reader.Peek(offset, GroupHeader.Size), Salt, out var header, out _) && header.Durable >= Number)
            {
                return offset;
            }

            offset++;
        }

        return null;
    }

    private void Torn(string name, long offset, long bytes)
    {
        TornBytes += bytes;
        TornAt = $"{directory}/{name} at offset {offset}";
    }

    private string Corrupt(string name, long offset, string what) =>
        $"The log file '{directory}/{name}' is corrupt at offset {offset}: {what}. {Remedy}";
}

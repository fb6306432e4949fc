using System.Buffers.Binary;
using Trefoil.Primitives;

namespace Trefoil.Storage;

/// <summary>What a group does to the records before it. Persisted: append-only.</summary>
internal enum GroupKind : uint
{
    /// <summary>Its records follow, or replace everything from its first LSN on.</summary>
    Append = 0,

    /// <summary>Everything before is void; the log restarts, empty, at its first LSN.</summary>
    Reset = 1,
}

/// <summary>The 64 bytes before the records of one group. All integers are little-endian.</summary>
/// <remarks>
/// magic u32 | CRC32C of bytes 8..63 u32 | CRC32C of the body u32 | body length u32 | record count u32 | kind u32 |
/// header CRC of the group before u32 | 0 u32 | number u64 | first LSN u64 | durable number u64 | mark u64.
/// Both checksums start from the log's salt, so that bytes inside a record cannot pass for a group.
/// </remarks>
internal readonly record struct GroupHeader(
    GroupKind Kind, int Count, int BodyLength, uint BodyCrc, uint Previous, ulong Number, ulong First, ulong Durable, ulong Mark)
{
    public const int Size = 64;
    public const uint Magic = 0x47574654; // "TFWG"

    /// <summary>Writes the header and returns its CRC, which the next group names as <see cref="Previous"/>.</summary>
    public uint Write(Span<byte> target, uint salt)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], BodyCrc);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], BodyLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], Count);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], (uint)Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(target[24..], Previous);
        BinaryPrimitives.WriteUInt32LittleEndian(target[28..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(target[32..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(target[40..], First);
        BinaryPrimitives.WriteUInt64LittleEndian(target[48..], Durable);
        BinaryPrimitives.WriteUInt64LittleEndian(target[56..], Mark);
        var crc = Crc32C.Of(target[8..Size], salt);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], crc);
        return crc;
    }

    /// <summary>Reads a header; false unless magic, checksum and ranges hold.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, uint salt, out GroupHeader header, out uint crc)
    {
        header = default;
        crc = 0;
        if (source.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic)
        {
            return false;
        }

        crc = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        header = new GroupHeader(
            (GroupKind)BinaryPrimitives.ReadUInt32LittleEndian(source[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[48..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[56..]));
        return Crc32C.Of(source[8..Size], salt) == crc && header.BodyLength >= 0 && header.Count >= 0;
    }
}

/// <summary>The 48 bytes at the beginning of a segment; synced before the first group is written behind them.</summary>
/// <remarks>
/// magic u64 | CRC32C of bytes 12..47 u32 | header CRC of the last group before u32 | number of its first group u64 |
/// next LSN u64 | durable number u64 (always all before: a roll syncs first) | salt u32 | 0 u32.
/// </remarks>
internal readonly record struct SegmentHeader(ulong Number, ulong NextLsn, uint Previous, uint Salt)
{
    public const int Size = 48;
    private const ulong Magic = 0x31304C4157524654; // "TFRWAL01"

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], Previous);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], NextLsn);
        BinaryPrimitives.WriteUInt64LittleEndian(target[32..], Number - 1);
        BinaryPrimitives.WriteUInt32LittleEndian(target[40..], Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(target[44..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Crc32C.Of(target[12..Size]));
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Size
            || BinaryPrimitives.ReadUInt64LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[8..]) != Crc32C.Of(source[12..Size]))
        {
            return false;
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[12..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[40..]));
        return true;
    }
}

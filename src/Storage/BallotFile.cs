using System.Buffers.Binary;
using Trefoil.Primitives;

namespace Trefoil.Storage;

/// <summary>Raft's term and vote, in two slots written in turn: a torn write hits the older ballot's slot, never the newest.</summary>
/// <remarks>Slot: magic u32, CRC32C of the rest u32, sequence u64, term u64, vote u64. The slot with the higher sequence counts.</remarks>
internal sealed class BallotFile : IDisposable
{
    private const uint Magic = 0x314C4254; // "TBL1"
    private const int SlotSize = 32;
    private const int SlotSpacing = 4096; // the slots share neither a sector nor a page
    private readonly IDiskFile _file;
    private ulong _sequence;

    private BallotFile(IDiskFile file) => _file = file;

    public ulong Term { get; private set; }

    public ulong Vote { get; private set; }

    /// <summary>Size of a slot that could not be read: an unfinished write, or damage, which look the same.</summary>
    public long TornBytes { get; private set; }

    /// <summary>Creates the file, with no vote in term 0. Renamed into place, so a file that is there was once whole.</summary>
    public static void Create(IDisk disk, string directory, string name)
    {
        var temporary = $"{directory}/{name}.tmp";
        using (var file = disk.Open(temporary, create: true))
        {
            file.Truncate(0);
            Span<byte> slot = stackalloc byte[SlotSize];
            for (ulong sequence = 0; sequence < 2; sequence++)
            {
                Encode(slot, sequence, 0, 0);
                file.Write(OffsetOf(sequence), slot);
            }

            file.Sync();
        }

        disk.Rename(temporary, $"{directory}/{name}");
        disk.SyncDirectory(directory);
    }

    /// <summary>Opens the file; null if neither slot can be read.</summary>
    public static BallotFile? Open(IDisk disk, string path)
    {
        var ballot = new BallotFile(disk.Open(path, create: false));
        Span<byte> slot = stackalloc byte[SlotSize];
        var valid = 0;
        for (ulong which = 0; which < 2; which++)
        {
            var count = ballot._file.Read(OffsetOf(which), slot);
            if (count < SlotSize
                || BinaryPrimitives.ReadUInt32LittleEndian(slot) != Magic
                || BinaryPrimitives.ReadUInt32LittleEndian(slot[4..]) != Crc32C.Of(slot[8..]))
            {
                ballot.TornBytes += SlotSize;
                continue;
            }

            var sequence = BinaryPrimitives.ReadUInt64LittleEndian(slot[8..]);
            if (valid++ == 0 || sequence > ballot._sequence)
            {
                ballot._sequence = sequence;
                ballot.Term = BinaryPrimitives.ReadUInt64LittleEndian(slot[16..]);
                ballot.Vote = BinaryPrimitives.ReadUInt64LittleEndian(slot[24..]);
            }
        }

        if (valid == 0)
        {
            ballot.Dispose();
            return null;
        }

        if (valid == 1)
        {
            ballot.Write(ballot.Term, ballot.Vote); // into the other slot: the next start finds both
        }

        return ballot;
    }

    /// <summary>Durable on return.</summary>
    public void Write(ulong term, ulong vote)
    {
        Span<byte> slot = stackalloc byte[SlotSize];
        Encode(slot, ++_sequence, term, vote);
        _file.Write(OffsetOf(_sequence), slot);
        _file.Sync();
        (Term, Vote) = (term, vote);
    }

    public void Dispose() => _file.Dispose();

    private static long OffsetOf(ulong sequence) => (long)(sequence % 2) * SlotSpacing;

    private static void Encode(Span<byte> slot, ulong sequence, ulong term, ulong vote)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(slot, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[8..], sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[16..], term);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[24..], vote);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[4..], Crc32C.Of(slot[8..]));
    }
}

using System.Buffers.Binary;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Store;

/// <summary>What stands under which key of the ordered store. Persisted: <see cref="StoreCounts.Format"/> changes with it.</summary>
/// <remarks>
/// <code>
/// a arrival(8)                              → record key      in order of arrival: what a feed walks
/// c parent id(32) id(32)                    → kind of link    who refers to a claim
/// h ingest time(24) id(32)                  →                 in order of acceptance
/// m                                         → StoreCounts
/// r id(32) kind(1) [agent(32)]              → state           the records; all of an assertion are neighbours
/// s subject 0 predicate 0 time(24) id(32)   →                 claims of a subject; names have no byte 0
/// </code>
/// All but a and r can be derived from r; c, h and s hold exactly the claims that have a body.
/// </remarks>
internal static class StoreKeys
{
    public const byte Arrivals = (byte)'a';
    public const byte Links = (byte)'c';
    public const byte Ingests = (byte)'h';
    public const byte Meta = (byte)'m';
    public const byte Records = (byte)'r';
    public const byte Subjects = (byte)'s';

    /// <summary>Bytes behind subject and predicate in a key of <see cref="Subjects"/>, their zero included.</summary>
    public const int SubjectTail = 1 + HybridTime.Size + AssertionId.Size;

    public static ReadOnlySpan<byte> Record(ByteWriter key, RecordKey record)
    {
        key.Clear();
        key.Byte(Records);
        record.Write(key);
        return key.Written;
    }

    /// <summary>What all records of an assertion begin with.</summary>
    public static ReadOnlySpan<byte> RecordsOf(ByteWriter key, AssertionId id) => Begin(key, Records, id);

    public static ReadOnlySpan<byte> Arrival(ByteWriter key, ulong arrival)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, arrival);
        key.Clear();
        key.Byte(Arrivals);
        key.Raw(bytes);
        return key.Written;
    }

    public static ulong ArrivalOf(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt64BigEndian(key[1..]);

    public static ReadOnlySpan<byte> Link(ByteWriter key, AssertionId parent, AssertionId child)
    {
        Begin(key, Links, parent);
        child.Write(key);
        return key.Written;
    }

    /// <summary>What all links to an assertion begin with.</summary>
    public static ReadOnlySpan<byte> LinksTo(ByteWriter key, AssertionId parent) => Begin(key, Links, parent);

    public static ReadOnlySpan<byte> Ingest(ByteWriter key, HybridTime at, AssertionId id)
    {
        key.Clear();
        key.Byte(Ingests);
        at.Write(key);
        id.Write(key);
        return key.Written;
    }

    public static ReadOnlySpan<byte> Subject(ByteWriter key, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> predicate, HybridTime at, AssertionId id)
    {
        SubjectStart(key, subject, predicate, 0);
        at.Write(key);
        id.Write(key);
        return key.Written;
    }

    /// <summary>The keys of one subject and predicate lie between this with 0 and this with 1 as the last byte.</summary>
    public static ReadOnlySpan<byte> SubjectStart(ByteWriter key, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> predicate, byte last)
    {
        PathStart(key, subject, 0);
        key.Raw(predicate);
        key.Byte(last);
        return key.Written;
    }

    /// <summary>A path and what follows it: 0 begins its own claims, 1 ends them; '/' begins the paths below it, '0' ends them.</summary>
    public static ReadOnlySpan<byte> PathStart(ByteWriter key, ReadOnlySpan<byte> path, byte last)
    {
        key.Clear();
        key.Byte(Subjects);
        key.Raw(path);
        key.Byte(last);
        return key.Written;
    }

    private static ReadOnlySpan<byte> Begin(ByteWriter key, byte table, AssertionId id)
    {
        key.Clear();
        key.Byte(table);
        id.Write(key);
        return key.Written;
    }
}

using System.Diagnostics.CodeAnalysis;
using Trefoil.Primitives;

namespace Trefoil.Consensus;

public static partial class RaftCodec
{
    /// <summary>Reads one message and leaves the reader behind it; false on anything malformed or beyond a limit.</summary>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out RaftMessage? message)
    {
        var kind = (Kind)reader.Byte();
        var (from, to, term) = (reader.Varint(), reader.Varint(), reader.Varint());
        message = kind switch
        {
            Kind.PreVote => new RaftMessage.PreVote(from, to, term, reader.Varint(), reader.Varint(), Point(ref reader)),
            Kind.PreVoteReply => new RaftMessage.PreVoteReply(from, to, term, reader.Bool(), Point(ref reader)),
            Kind.Vote => new RaftMessage.Vote(
                from, to, term, reader.Varint(), reader.Varint(), reader.Bool(), Point(ref reader)),
            Kind.VoteReply => new RaftMessage.VoteReply(from, to, term, reader.Bool(), Point(ref reader)),
            Kind.Append => ReadAppend(ref reader, from, to, term),
            Kind.AppendReply => new RaftMessage.AppendReply(
                from, to, term, reader.Varint(), reader.Bool(), reader.Varint(), reader.Varint(), reader.Bool()),
            Kind.Heartbeat => new RaftMessage.Heartbeat(from, to, term, reader.Varint(), reader.Varint()),
            Kind.HeartbeatReply => new RaftMessage.HeartbeatReply(from, to, term, reader.Varint()),
            Kind.SnapshotChunk => ReadChunk(ref reader, from, to, term),
            Kind.SnapshotReply => new RaftMessage.SnapshotReply(from, to, term, reader.Varint(), reader.Varint()),
            Kind.TimeoutNow => new RaftMessage.TimeoutNow(from, to, term),
            _ => null,
        };

        message = reader.Failed || from == 0 || to == 0 ? null : message;
        return message is not null;
    }

    private static CommitPoint Point(ref ByteReader reader) => new(reader.Varint(), reader.Varint());

    private static RaftMessage.Append ReadAppend(ref ByteReader reader, ulong from, ulong to, ulong term)
    {
        var (prevIndex, prevTerm, commit) = (reader.Varint(), reader.Varint(), reader.Varint());
        if (prevIndex > ulong.MaxValue - MaxEntries)
        {
            reader.Fail();
        }

        return new RaftMessage.Append(from, to, term, prevIndex, prevTerm, commit, ReadEntries(ref reader, prevIndex, prevTerm, term));
    }

    private static IReadOnlyList<Entry> ReadEntries(ref ByteReader reader, ulong prevIndex, ulong prevTerm, ulong leaderTerm)
    {
        var count = reader.Count(MaxEntries);
        if (count * 3L > reader.Remaining)
        {
            reader.Fail(); // an entry takes three bytes at least: no array for entries that cannot be there
        }

        if (reader.Failed || count == 0)
        {
            return Ready.NoEntries;
        }

        var entries = new Entry[count];
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var (term, kind) = (reader.Varint(), (EntryKind)reader.Byte());
            var data = reader.Bytes(MaxDataBytes).ToArray();
            if (term < prevTerm || term > leaderTerm || kind > EntryKind.NoOp)
            {
                reader.Fail();
            }

            prevTerm = term;
            entries[i] = new Entry(prevIndex + (ulong)i + 1, term, kind, data);
        }

        return entries;
    }

    private static RaftMessage.SnapshotChunk? ReadChunk(ref ByteReader reader, ulong from, ulong to, ulong term)
    {
        var (index, indexTerm) = (reader.Varint(), reader.Varint());
        if (!ConfigurationCodec.TryRead(ref reader, out var configuration))
        {
            return null;
        }

        var (offset, total) = (reader.Varint(), reader.Varint());
        var data = reader.Bytes(MaxDataBytes).ToArray();
        return new RaftMessage.SnapshotChunk(from, to, term, index, indexTerm, configuration, offset, total, data, reader.Bool());
    }
}

using Trefoil.Primitives;

namespace Trefoil.Consensus;

/// <summary>The bytes of every message between participants. Kinds are append-only.</summary>
/// <remarks>
/// A message is: kind (byte), from, to, term (varints), then its fields in declaration order as varints, booleans as a byte,
/// data with a varint length. Entries carry no index: they follow PrevIndex. Reading never throws; what exceeds a limit fails.
/// </remarks>
public static partial class RaftCodec
{
    /// <summary>Most entries in one append.</summary>
    public const int MaxEntries = 1 << 20;

    /// <summary>Largest data of one entry, and of one snapshot chunk, in bytes.</summary>
    public const int MaxDataBytes = 64 << 20;

    private enum Kind : byte
    {
        PreVote = 1,
        PreVoteReply = 2,
        Vote = 3,
        VoteReply = 4,
        Append = 5,
        AppendReply = 6,
        Heartbeat = 7,
        HeartbeatReply = 8,
        SnapshotChunk = 9,
        SnapshotReply = 10,
        TimeoutNow = 11,
    }

    /// <summary>Appends one message.</summary>
    public static void Write(ByteWriter writer, RaftMessage message)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(message);
        writer.Byte((byte)KindOf(message));
        Varints(writer, message.From, message.To, message.Term);
        switch (message)
        {
            case RaftMessage.PreVote m:
                Varints(writer, m.LastIndex, m.LastTerm, m.Commit.Index, m.Commit.Term);
                break;
            case RaftMessage.PreVoteReply m:
                writer.Bool(m.Granted);
                Varints(writer, m.Commit.Index, m.Commit.Term);
                break;
            case RaftMessage.Vote m:
                Varints(writer, m.LastIndex, m.LastTerm);
                writer.Bool(m.Transfer);
                Varints(writer, m.Commit.Index, m.Commit.Term);
                break;
            case RaftMessage.VoteReply m:
                writer.Bool(m.Granted);
                Varints(writer, m.Commit.Index, m.Commit.Term);
                break;
            case RaftMessage.Append m:
                Varints(writer, m.PrevIndex, m.PrevTerm, m.Commit);
                WriteEntries(writer, m.Entries);
                break;
            case RaftMessage.AppendReply m:
                writer.Varint(m.Index);
                writer.Bool(m.Rejected);
                Varints(writer, m.HintIndex, m.HintTerm);
                writer.Bool(m.Forgot);
                break;
            case RaftMessage.Heartbeat m:
                Varints(writer, m.Commit, m.Round);
                break;
            case RaftMessage.HeartbeatReply m:
                writer.Varint(m.Round);
                break;
            case RaftMessage.SnapshotChunk m:
                Varints(writer, m.Index, m.IndexTerm);
                ConfigurationCodec.Write(writer, m.Configuration);
                Varints(writer, m.Offset, m.Total);
                writer.Bytes(m.Data.Span);
                writer.Bool(m.Done);
                break;
            case RaftMessage.SnapshotReply m:
                Varints(writer, m.Index, m.Offset);
                break;
        }
    }

    private static Kind KindOf(RaftMessage message) => message switch
    {
        RaftMessage.PreVote => Kind.PreVote,
        RaftMessage.PreVoteReply => Kind.PreVoteReply,
        RaftMessage.Vote => Kind.Vote,
        RaftMessage.VoteReply => Kind.VoteReply,
        RaftMessage.Append => Kind.Append,
        RaftMessage.AppendReply => Kind.AppendReply,
        RaftMessage.Heartbeat => Kind.Heartbeat,
        RaftMessage.HeartbeatReply => Kind.HeartbeatReply,
        RaftMessage.SnapshotChunk => Kind.SnapshotChunk,
        RaftMessage.SnapshotReply => Kind.SnapshotReply,
        RaftMessage.TimeoutNow => Kind.TimeoutNow,
        _ => throw new ArgumentOutOfRangeException(nameof(message)),
    };

    private static void WriteEntries(ByteWriter writer, IReadOnlyList<Entry> entries)
    {
        writer.Varint((ulong)entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            writer.Varint(entry.Term);
            writer.Byte((byte)entry.Kind);
            writer.Bytes(entry.Data.Span);
        }
    }

    private static void Varints(ByteWriter writer, params ReadOnlySpan<ulong> values)
    {
        foreach (var value in values)
        {
            writer.Varint(value);
        }
    }
}

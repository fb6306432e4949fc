namespace Trefoil.Replication;

/// <summary>What the members of a shard say to each other. <see cref="ReplicaCodec"/> holds the wire form.</summary>
/// <remarks>
/// Epoch is the one the sender's topology shows. A follower opens a <i>session</i> with each hello from another position; the primary
/// repeats its number, so that nothing said before a restart, a gap or an installed snapshot is taken for something said after it.
/// </remarks>
/// <param name="Epoch">A message of another epoch than the receiver's is dropped.</param>
public abstract record ReplicaMessage(ulong Epoch)
{
    /// <summary>Follower: this is my log. Repeated until something comes back under its session.</summary>
    public sealed record Hello(ulong Epoch, ulong Session, ulong LastLsn, ulong ConsistentLsn, EpochHistory History) : ReplicaMessage(Epoch);

    /// <summary>Primary: framed records from a cursor on. The bytes may begin and end inside a record.</summary>
    public sealed record Records(ulong Epoch, ulong Session, LogCursor From, ReadOnlyMemory<byte> Bytes) : ReplicaMessage(Epoch);

    /// <summary>Primary: I live, this is my end, and this is what is acknowledged. Answered with where the follower stands.</summary>
    public sealed record Heartbeat(ulong Epoch, ulong Session, ulong LastLsn, ulong AckedLsn) : ReplicaMessage(Epoch);

    /// <summary>Follower: send me what is at <paramref name="Next"/>; I hold this much, and it is a consistent state from there on.</summary>
    public sealed record Ack(ulong Epoch, ulong Session, LogCursor Next, ulong ReceivedLsn, ulong DurableLsn, ulong ConsistentLsn)
        : ReplicaMessage(Epoch);

    /// <summary>Primary: a part of a snapshot. Every part says enough to begin with it.</summary>
    /// <param name="Epoch">The primary's epoch.</param>
    /// <param name="Session">The follower's session.</param>
    /// <param name="Transfer">A higher one replaces a lower one of the same session.</param>
    /// <param name="Length">Bytes of the whole snapshot.</param>
    /// <param name="Shared">How far the follower's log agreed with the primary's, plus one; 0: nobody knows.</param>
    /// <param name="Offset">Where the bytes belong.</param>
    /// <param name="Bytes">They.</param>
    public sealed record SnapshotPart(
        ulong Epoch, ulong Session, ulong Transfer, long Length, ulong Shared, long Offset, ReadOnlyMemory<byte> Bytes) : ReplicaMessage(Epoch);

    /// <summary>Follower: of this transfer I have everything up to here.</summary>
    public sealed record SnapshotAck(ulong Epoch, ulong Session, ulong Transfer, long Offset) : ReplicaMessage(Epoch);

    /// <summary>Follower to a primary of the past: my topology is at this epoch.</summary>
    public sealed record Refused(ulong Epoch) : ReplicaMessage(Epoch);

    /// <summary>Replica: hand the shard over to me.</summary>
    public sealed record HandOverRequest(ulong Epoch, ulong Token) : ReplicaMessage(Epoch);

    /// <summary>Primary: I do, it is proposed (null), or I do not, because.</summary>
    public sealed record HandOverAnswer(ulong Epoch, ulong Token, string? Error) : ReplicaMessage(Epoch);
}

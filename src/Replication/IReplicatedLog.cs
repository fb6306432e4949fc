using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <summary>The log that <see cref="ReplicaNode"/> ships or fills, with the state it describes. Called only from the core's thread.</summary>
/// <remarks>Two implementations: the key-value log, and the simulator's model.</remarks>
public interface IReplicatedLog
{
    /// <summary>Oldest record that <see cref="Read"/> still gives; <see cref="LastLsn"/> + 1 if none.</summary>
    ulong FirstLsn { get; }

    /// <summary>Newest record handed to the kernel.</summary>
    ulong LastLsn { get; }

    /// <summary>Newest record that survives a loss of power; at most <see cref="LastLsn"/>.</summary>
    ulong DurableLsn { get; }

    /// <summary>
    /// The state is a cut of one log only from this LSN on: an installed snapshot's slots were written one after the other. 0 when it
    /// always is. While it is above <see cref="LastLsn"/> this copy counts for nothing, and that must survive a restart.
    /// </summary>
    ulong ConsistentLsn { get; }

    /// <summary>The epochs of this log.</summary>
    EpochHistory History { get; }

    /// <summary>
    /// Appends framed records as bytes to <paramref name="target"/>, at most <paramref name="maxBytes"/>, and may stop inside a record.
    /// Gives nothing above <see cref="LastLsn"/>.
    /// </summary>
    /// <returns>The cursor behind the last byte given; <paramref name="from"/> itself if there is nothing.</returns>
    LogCursor Read(LogCursor from, int maxBytes, ByteWriter target);

    /// <summary>Primary: appends the epoch record; commands are recorded from here on.</summary>
    /// <returns>The epoch record's LSN.</returns>
    ulong BeginEpoch(ClusterId cluster, ulong epoch);

    /// <summary>Replica, or unknown: once it returns, nothing but <see cref="Append"/> changes log or state any more.</summary>
    void Follow();

    /// <summary>Replica: applies and appends the record at <see cref="LastLsn"/> + 1, counting what is not committed yet.</summary>
    /// <returns>False if this version does not know this kind of record: the copy can follow no further.</returns>
    bool Append(ulong lsn, ReadOnlySpan<byte> record);

    /// <summary>Replica: hands what was appended to the kernel; afterwards <see cref="LastLsn"/> is the last one appended.</summary>
    void Commit();

    /// <summary>
    /// Asks for all of it to become durable at once, whatever the policy; <see cref="ReplicaInput.Appended"/> follows. A fenced member
    /// tells its position only then: it may be elected on it, and must still hold it after the power has failed.
    /// </summary>
    /// <returns>True when it is durable, or never is, since nothing is written to a disk.</returns>
    bool MakeDurable();

    /// <summary>Starts a snapshot; answered by <see cref="ReplicaInput.SnapshotMade"/>. Until it is dropped, keep the records behind it if you can.</summary>
    void MakeSnapshot(ulong transfer);

    /// <summary>Appends up to <paramref name="maxBytes"/> of a finished snapshot to <paramref name="target"/>.</summary>
    /// <returns>Bytes given; fewer than asked for only at the end, or when the snapshot cannot be read any more (0).</returns>
    int ReadSnapshot(ulong transfer, long offset, int maxBytes, ByteWriter target);

    /// <summary>This snapshot is not needed any more, finished or not. An unknown one is ignored.</summary>
    void DropSnapshot(ulong transfer);

    /// <summary>Takes the next part of a snapshot into a file. Offset 0 starts over, whatever transfer came before.</summary>
    void Receive(ulong transfer, long offset, ReadOnlySpan<byte> part);

    /// <summary>
    /// Checks what was received, loads it aside, swaps it in whole and lets the log start over behind it; answered by
    /// <see cref="ReplicaInput.Installed"/>. Nothing is appended in between.
    /// </summary>
    void Install(ulong transfer);
}

using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <summary>What source and target say to each other. <see cref="MigrationCodec"/> holds the wire form.</summary>
/// <remarks>
/// An attempt runs in one epoch of each shard, hence between two processes that neither restart nor forget within it: offsets of one attempt mean
/// the same bytes however late or often a message comes. Of another attempt than the receiver's topology shows it is dropped.
/// </remarks>
public abstract record MigrationMessage(MigrationId Migration, uint Attempt)
{
    /// <summary>Target: the stream up to <paramref name="Received"/> is here and applied, up to <paramref name="Held"/> my replica set holds it. The first one, at 0, asks for it.</summary>
    public sealed record Ack(MigrationId Migration, uint Attempt, long Received, long Held) : MigrationMessage(Migration, Attempt);

    /// <summary>Source: bytes of the stream of framed records. They may begin and end inside a record.</summary>
    public sealed record Bytes(MigrationId Migration, uint Attempt, long Offset, ReadOnlyMemory<byte> Data) : MigrationMessage(Migration, Attempt);

    /// <summary>Source: the slots are frozen, and stay so until the topology shows what becomes of this attempt. The stream ends here.</summary>
    public sealed record Frozen(MigrationId Migration, uint Attempt, long End) : MigrationMessage(Migration, Attempt);
}

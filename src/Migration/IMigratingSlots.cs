using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <summary>The slots that <see cref="MigrationNode"/> moves: their contents, their part of the log, and the gate before them.</summary>
/// <remarks>
/// <para>Two implementations: the key-value store's, and the simulator's model. Called only from the core's thread. A <i>framed record</i> is a
/// little-endian <c>uint</c> length and that many bytes; what is in them is the implementation's business, except that it must be complete: what
/// the log records of the slot, in its order.</para>
/// <para>Whatever decides who owns a slot must show a topology before the core is told of it: <see cref="Thaw"/> and <see cref="Park"/> let
/// commands look again, and they may not find the owner of before.</para>
/// <para>Once this node records no commands any more (it was deposed, and the core is about to hear of it) nothing here changes a slot:
/// <see cref="Apply"/>, <see cref="Clear"/> and <see cref="BeginImport"/> do nothing and refuse nothing.</para>
/// </remarks>
public interface IMigratingSlots
{
    /// <summary>Newest record that <see cref="Read"/> gives: handed to the kernel.</summary>
    ulong LastLsn { get; }

    /// <summary>Source: records from <see cref="LastLsn"/> + 1 on are kept for reading.</summary>
    /// <returns>False: not now (there is no log to read, since nothing is being recorded).</returns>
    bool StartReading(MigrationId id);

    /// <summary>They need not be kept any more. An unknown one is ignored.</summary>
    void StopReading(MigrationId id);

    /// <summary>
    /// Source: appends, as framed records of at most about 64 KiB unless one value is larger, what makes an empty slot equal to this one. Under the
    /// slot's lock, hence at one moment.
    /// </summary>
    /// <returns>An LSN: records of this slot above it are not in the copy, those at or below it are.</returns>
    ulong CopySlot(int slot, ByteWriter target);

    /// <summary>
    /// Source: appends the framed records from <paramref name="nextLsn"/> on that concern these slots and are newer than
    /// <paramref name="copiedTo"/> says of theirs; a FLUSHALL becomes "this slot is empty" for each of them. Gives nothing above <see cref="LastLsn"/>.
    /// </summary>
    /// <param name="nextLsn">Moved past what was looked at, given or not.</param>
    /// <param name="ranges">The slots.</param>
    /// <param name="copiedTo">What <see cref="CopySlot"/> returned; <see cref="ulong.MaxValue"/>: not copied yet, the copy will contain the record.</param>
    /// <param name="maxBytes">Stop once this much is given; one record may exceed it.</param>
    /// <param name="target">Where to.</param>
    /// <returns>False: the log does not reach back to there any more.</returns>
    bool Read(ref ulong nextLsn, IReadOnlyList<SlotRange> ranges, Func<int, ulong> copiedTo, int maxBytes, ByteWriter target);

    /// <summary>
    /// Source: when it returns a number, no command on these slots runs and none starts, reads included; nothing in them expires or is evicted; every
    /// record of theirs is at or below that number, which is at most <see cref="LastLsn"/>.
    /// </summary>
    /// <returns>Null: not now (keys of a MIGRATE are on their way). Ask again.</returns>
    ulong? Freeze(IReadOnlyList<SlotRange> ranges);

    /// <summary>Source: commands on these slots run again, or find another owner. Not frozen: nothing happens.</summary>
    void Thaw(IReadOnlyList<SlotRange> ranges);

    /// <summary>Empties slots that this shard does not own, recorded as any write.</summary>
    /// <returns>The log's newest LSN, handed to the kernel.</returns>
    ulong Clear(IReadOnlyList<SlotRange> ranges);

    /// <summary>Target: these slots must be empty now.</summary>
    /// <param name="ranges">They.</param>
    /// <param name="mayHoldKeys">An earlier attempt may have left keys: empty them, recorded.</param>
    /// <returns>Why not: there are keys that nobody here may remove.</returns>
    string? BeginImport(IReadOnlyList<SlotRange> ranges, bool mayHoldKeys);

    /// <summary>Target: applies what <see cref="CopySlot"/> or <see cref="Read"/> gave at the source, recorded as any write.</summary>
    /// <returns>Why not: "OOM ...", or a kind of record that this version does not know.</returns>
    string? Apply(ReadOnlySpan<byte> record);

    /// <summary>Target: hands what was applied to the kernel.</summary>
    /// <returns>The log's newest LSN: once the replica set holds it, it holds all that was applied.</returns>
    ulong Commit();

    /// <summary>Target: commands on these slots wait instead of being sent to the source, which is frozen; or look again.</summary>
    void Park(IReadOnlyList<SlotRange> ranges, bool on);

    /// <summary>
    /// Target: true once after the whole store was emptied (FLUSHALL), imports included. Asked after <see cref="Park"/> it knows of every FLUSHALL
    /// that may still run: parked slots hold the others up.
    /// </summary>
    bool TakeFlushed();
}

using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator.Planting;

/// <summary>Mistakes in migrations.</summary>
internal static class MigrationBugs
{
    /// <summary>The source lets its clients in again when it has waited long enough.</summary>
    internal sealed class ThawByClock(Simulation world) : Sabotage
    {
        public override IMigratingSlots Slots(SimulatedNode node, IMigratingSlots slots) => new Around(slots)
        {
            AfterFreeze = ranges => world.Queue.At(world.Now + TimeSpan.FromMilliseconds(5), () => slots.Thaw(ranges)),
        };
    }

    /// <summary>What one attempt copied is taken for the next one's, though another primary served meanwhile.</summary>
    internal sealed class CompletionInAnotherEpoch : Sabotage
    {
        public override IMigratingSlots Slots(SimulatedNode node, IMigratingSlots slots) => new Around(slots) { KeepsEarlierAttempts = true };

        public override void Wanted(SimulatedNode node, List<MigrationEffect> effects) => Replace(effects, effect =>
            effect is MigrationEffect.Send { Message: MigrationMessage.Ack { Attempt: > 1, Received: 0 } ack }
                ? new MigrationEffect.Propose(1UL << 40, new MigrationProposal.Complete(ack.Migration, ack.Attempt))
                : effect);
    }

    /// <summary>The target completes with what it alone holds.</summary>
    internal sealed class CompletionTooEarly : Sabotage
    {
        public override MigrationInput? Told(SimulatedNode node, MigrationInput input) =>
            input is MigrationInput.Held held ? held with { Lsn = ulong.MaxValue } : input;
    }

    /// <summary>Nobody empties what it does not own.</summary>
    internal sealed class NoCleanUp : Sabotage
    {
        public override IMigratingSlots Slots(SimulatedNode node, IMigratingSlots slots) => new Around(slots) { ClearsNothing = true };
    }

    /// <summary>The slots are not frozen.</summary>
    internal sealed class NoFreeze : Sabotage
    {
        public override IMigratingSlots Slots(SimulatedNode node, IMigratingSlots slots) => new Around(slots) { FreezesNothing = true };
    }

    /// <summary>A slot is copied while commands run: two of its records are taken to be in the copy and are not.</summary>
    internal sealed class CopiedUnlocked : Sabotage
    {
        public override IMigratingSlots Slots(SimulatedNode node, IMigratingSlots slots) => new Around(slots) { Unlocked = 2 };
    }

    /// <summary>What is written after a slot was copied is forgotten.</summary>
    internal sealed class NoChanges : Sabotage
    {
        public override IMigratingSlots Slots(SimulatedNode node, IMigratingSlots slots) => new Around(slots) { ReadsNothing = true };
    }

    private sealed class Around(IMigratingSlots slots) : IMigratingSlots
    {
        public Action<IReadOnlyList<SlotRange>>? AfterFreeze { get; init; }

        public bool KeepsEarlierAttempts { get; init; }

        public ulong Unlocked { get; init; }

        public bool ClearsNothing { get; init; }

        public bool FreezesNothing { get; init; }

        public bool ReadsNothing { get; init; }

        public ulong LastLsn => slots.LastLsn;

        public bool StartReading(MigrationId id) => slots.StartReading(id);

        public void StopReading(MigrationId id) => slots.StopReading(id);

        public ulong CopySlot(int slot, ByteWriter target) => slots.CopySlot(slot, target) + Unlocked;

        public bool Read(ref ulong nextLsn, IReadOnlyList<SlotRange> ranges, Func<int, ulong> copiedTo, int maxBytes, ByteWriter target) =>
            slots.Read(ref nextLsn, ranges, ReadsNothing ? _ => ulong.MaxValue : copiedTo, maxBytes, target);

        public ulong? Freeze(IReadOnlyList<SlotRange> ranges)
        {
            var lsn = FreezesNothing ? slots.LastLsn : slots.Freeze(ranges);
            AfterFreeze?.Invoke(ranges);
            return lsn;
        }

        public void Thaw(IReadOnlyList<SlotRange> ranges) => slots.Thaw(ranges);

        public ulong Clear(IReadOnlyList<SlotRange> ranges) => ClearsNothing ? slots.LastLsn : slots.Clear(ranges);

        public string? BeginImport(IReadOnlyList<SlotRange> ranges, bool mayHoldKeys) =>
            KeepsEarlierAttempts && mayHoldKeys ? null : slots.BeginImport(ranges, mayHoldKeys);

        public string? Apply(ReadOnlySpan<byte> record) => slots.Apply(record);

        public ulong Commit() => slots.Commit();

        public void Park(IReadOnlyList<SlotRange> ranges, bool on) => slots.Park(ranges, on);

        public bool TakeFlushed() => slots.TakeFlushed();
    }
}

using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <content>Proposing, and telling.</content>
public sealed partial class MigrationNode
{
    private void Want(Wish wish, MigrationProposal wanted, MigrationRecord record, List<MigrationEffect> effects)
    {
        var isNew = wish.Proposal is null || wish.Proposal.GetType() != wanted.GetType();
        if (!wish.Is(wanted, _now))
        {
            WakeBy(wish.NextAt);
            return;
        }

        wish.Proposed(++_token, _now, _config.ProposalRetry);
        effects.Add(new MigrationEffect.Propose(_token, wanted));
        if (isNew)
        {
            Note(MigrationEvent.Proposed, record, wanted switch
            {
                MigrationProposal.Restart restart => $"attempt {restart.Attempt + 1}: {restart.Reason}",
                MigrationProposal.Abort abort => $"abort: {abort.Reason}",
                MigrationProposal.Complete complete => $"completion of attempt {complete.Attempt}",
                _ => "clean",
            }, effects);
        }
    }

    private void TakeRefusal(MigrationInput.Refused refused, List<MigrationEffect> effects)
    {
        foreach (var (wish, record) in _exports.Select(each => (each.Wish, each.Record))
            .Concat(_imports.Select(each => (each.Wish, each.Record))).Concat(_cleanings.Select(each => (each.Wish, each.Record))))
        {
            if (wish.Proposal is not null && wish.Token == refused.Token)
            {
                wish.Refused(_now, _config.RefusalPause, _config.ProposalRetry);
                Note(MigrationEvent.Refused, record, refused.Error, effects);
            }
        }
    }

    private MigrationProgress StatusOf(Export export) => new()
    {
        Id = export.Record.Id,
        Role = MigrationRole.Export,
        Phase = export.Running is not { } attempt ? MigrationPhase.Waiting
            : attempt.FrozenAt is not null ? MigrationPhase.Frozen
            : attempt.AllCopied ? MigrationPhase.CatchingUp : MigrationPhase.Copying,
        Attempt = export.Record.Attempt,
        SlotsCopied = export.Running?.SlotsCopied ?? 0,
        Slots = export.Record.SlotCount,
        BytesSent = export.Running?.Stream.End ?? 0,
        BytesAcked = export.Running?.Stream.Acked ?? 0,
        LastHeard = export.LastHeard,
        LongestFreeze = export.Running?.FrozenAt is { } since ? Longer(export.LongestFreeze, _now - since) : export.LongestFreeze,
    };

    private static MigrationProgress StatusOf(Import import) => new()
    {
        Id = import.Record.Id,
        Role = MigrationRole.Import,
        Phase = import.Running is not { } arrival ? MigrationPhase.Waiting
            : arrival.CompleteLsn is not null ? MigrationPhase.Completing
            : arrival.End is not null ? MigrationPhase.Frozen : MigrationPhase.Copying,
        Attempt = import.Record.Attempt,
        Slots = import.Record.SlotCount,
        BytesSent = import.Running?.Stream.Received ?? 0,
        BytesAcked = import.Running?.Held ?? 0,
        Records = import.Running?.Stream.Records ?? 0,
        LastHeard = import.Running?.LastHeard,
    };

    private static MigrationProgress StatusOf(Cleaning cleaning) => new()
    {
        Id = cleaning.Record.Id,
        Role = cleaning.Role,
        Phase = MigrationPhase.Cleaning,
        Attempt = cleaning.Record.Attempt,
        Slots = cleaning.Record.SlotCount,
        LongestFreeze = cleaning.LongestFreeze,
    };

    private static void Note(MigrationEvent what, MigrationRecord record, string detail, List<MigrationEffect> effects) =>
        effects.Add(new MigrationEffect.Note(what, detail.Length == 0 ? $"{record.Id}" : $"{record.Id}: {detail}"));
}

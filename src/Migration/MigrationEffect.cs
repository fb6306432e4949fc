using Trefoil.Primitives;

namespace Trefoil.Migration;

/// <summary>Everything a migration node asks of the world, performed in list order and before the next input is handed in.</summary>
public abstract record MigrationEffect
{
    private MigrationEffect()
    {
    }

    /// <summary>Send to a member, best effort: whatever is lost is said again.</summary>
    public sealed record Send(NodeId To, MigrationMessage Message) : MigrationEffect;

    /// <summary>Propose; a definite refusal comes back as <see cref="MigrationInput.Refused"/>, anything else as a topology.</summary>
    public sealed record Propose(ulong Token, MigrationProposal Proposal) : MigrationEffect;

    /// <summary>Something an operator wants to read in the log.</summary>
    public sealed record Note(MigrationEvent Event, string Detail) : MigrationEffect;
}

/// <summary>What a migration node reports to the log; names once published stay.</summary>
public enum MigrationEvent : byte
{
    Exporting,
    Importing,
    Copied,
    Frozen,
    Thawed,
    Received,
    Proposed,
    Refused,
    Failed,
    Completed,
    Aborted,
    Cleared,
    Malformed,
}

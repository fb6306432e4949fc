using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <summary>A command that a migration node wants committed. The driver adds a request id and the clock.</summary>
/// <remarks>It may be proposed several times under several tokens; the rules make it take effect at most once.</remarks>
public abstract record MigrationProposal(MigrationId Migration)
{
    /// <summary>This attempt is void or cannot go on: begin the next in the present epochs.</summary>
    public sealed record Restart(MigrationId Migration, uint Attempt, string Reason) : MigrationProposal(Migration);

    /// <summary>The target's replica set holds everything: it shall own the slots.</summary>
    public sealed record Complete(MigrationId Migration, uint Attempt) : MigrationProposal(Migration);

    /// <summary>It cannot succeed.</summary>
    public sealed record Abort(MigrationId Migration, string Reason) : MigrationProposal(Migration);

    /// <summary>Whoever does not own the slots holds nothing of them any more, as its primary of this epoch knows.</summary>
    public sealed record Clean(MigrationId Migration, ulong Epoch) : MigrationProposal(Migration);
}

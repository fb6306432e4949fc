namespace Trefoil.Consensus;

/// <summary>What a participant starts from: everything it had persisted, or nothing for a new one.</summary>
/// <param name="Term">Latest term it has seen.</param>
/// <param name="Vote">Whom it voted for in that term; 0 if nobody.</param>
/// <param name="Commit">An index known to be committed; may lag behind, never runs ahead.</param>
/// <param name="Snapshot">Latest snapshot; the caller's state machine is already restored from it.</param>
/// <param name="Entries">The log, consecutive; may reach below the snapshot and is then kept for laggards.</param>
/// <param name="BootstrapConfiguration">
/// The members of a brand-new group, identical on each of them. Ignored once there is a snapshot or a log: the first leader
/// writes it as the first entry, so that the log describes itself. Null on a node that joins an existing group.
/// </param>
public sealed record RaftRestore(
    ulong Term, ulong Vote, ulong Commit, Snapshot? Snapshot, IReadOnlyList<Entry> Entries, Configuration? BootstrapConfiguration)
{
    /// <summary>A participant without history.</summary>
    public static RaftRestore Empty { get; } = new(0, 0, 0, null, [], null);

    /// <summary>
    /// The log had a torn tail, so acknowledged entries may be missing: grant no vote and do not campaign until caught up with
    /// a live leader's commit, or until <see cref="RaftConfig.AbstainTimeout"/> has passed without any leader.
    /// </summary>
    public bool Abstain { get; init; }

    /// <summary>The start of a new group of <paramref name="voters"/>.</summary>
    public static RaftRestore Bootstrap(params ulong[] voters) =>
        Empty with { BootstrapConfiguration = Configuration.Of(voters) };
}

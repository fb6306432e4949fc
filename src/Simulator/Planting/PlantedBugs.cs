namespace Trefoil.Simulator.Planting;

/// <summary>The table of planted bugs: each is switched on alone, against the scenario of <c>trefoil sim</c>, and must be found (docs/testing.md lists them).</summary>
public static class PlantedBugs
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        New("skip-fsync", "contents are said to be durable without asking the disk", "disk", "ClusterHistory", 20, _ => new DiskBugs.NoSync()),
        New("rename-without-directory-fsync", "a renamed file's directory is not synced", "disk", "start", 20, _ => new DiskBugs.NoDirectorySync()),
        New("ballot-not-saved", "a vote leaves before it is on the disk", "disk of Raft", "ClusterHistory", 20, _ => new ConsensusBugs.BallotNotSaved()),
        New("vote-twice", "a vote is forgotten by a restart", "start of a process", "ClusterHistory", 40, _ => new ConsensusBugs.VotesAgain()),
        New("refused-votes-count", "an election is won by refusals", "messages of Raft", "ClusterHistory", 20, _ => new ConsensusBugs.RefusedVotesCount()),
        New("entries-not-saved", "entries are acknowledged and never written", "disk of Raft", "ClusterHistory", 20, _ => new ConsensusBugs.EntriesNotSaved()),
        New("answer-before-write", "what is acknowledged leaves before it is written", "order of effects", "ClusterHistory", 40, _ => new ConsensusBugs.AnswersBeforeWriting()),
        New("offer-not-saved", "a node offers itself and does not write it down", "disk of the control plane", "Oracles", 60, _ => new ControlBugs.OfferNotSaved()),
        New("member-id-again", "a join mints a member id that was given before", "answer to a join", "Oracles", 20, _ => new ControlBugs.MemberIdAgain()),
        New("delta-lost", "a command that comes as a delta only advances the version", "inbox of the control plane", "ClusterHistory", 20, _ => new ControlBugs.DeltaLost()),
        New("lease-from-answer", "a holder counts its lease from the answer", "gate", "LeaseOracle", 40, world => new ControlBugs.LeaseFromTheAnswer(world)),
        New("lease-too-long", "a holder believes in its lease for too long", "gate", "LeaseOracle", 40, _ => new ControlBugs.LeaseTooLong()),
        New("no-incarnation", "news of a member counts whatever incarnation it names", "inbox of SWIM", "Healing", 20, _ => new MembershipBugs.NoIncarnation()),
        New("forgotten-forget", "SWIM is not told whom the topology removed", "control driver", "Healing", 20, _ => new MembershipBugs.ForgottenForget()),
        New("answer-at-once", "answers do not wait for the replica set", "gate", "data", 40, _ => new ReplicationBugs.AnswersAtOnce()),
        New("quorum-less-one", "one copy less than a quorum is enough", "replica driver", "data", 40, world => new ReplicationBugs.OneLess(world)),
        New("snapshot-cut", "the last part of a replica's snapshot is cut short", "messages of replication", "Healing", 20, _ => new ReplicationBugs.SnapshotCutShort()),
        New("thaw-by-clock", "a source thaws by its clock", "slots", "data", 40, world => new MigrationBugs.ThawByClock(world)),
        New("no-freeze", "slots are not frozen", "slots", "data", 40, _ => new MigrationBugs.NoFreeze()),
    ];

    /// <summary>The one of this name; null if there is none.</summary>
    public static PlantedBug? Find(string name) => All.FirstOrDefault(bug => bug.Name == name);

    private static PlantedBug New(string name, string breaks, string where, string foundBy, int withinSeeds, Func<Simulation, Sabotage> plant) =>
        new(name, breaks, where, foundBy, withinSeeds) { Plant = plant };
}

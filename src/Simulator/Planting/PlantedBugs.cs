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
        New("old-term-by-counting", "a leader commits an earlier term's entry once a majority holds it", "messages of Raft", "ClusterHistory", 40, _ => new ConsensusBugs.EarlierTermsByCounting()),
        New("raft-snapshot-cut", "the last chunk of Raft's snapshot is cut short", "messages of Raft", "", 20, _ => new ConsensusBugs.SnapshotCutShort()),
        New("offer-not-saved", "a node offers itself and does not write it down", "disk of the control plane", "Oracles", 60, _ => new ControlBugs.OfferNotSaved()),
        New("member-id-again", "a join mints a member id that was given before", "answer to a join", "Oracles", 20, _ => new ControlBugs.MemberIdAgain()),
        New("delta-lost", "a command that comes as a delta only advances the version", "inbox of the control plane", "ClusterHistory", 20, _ => new ControlBugs.DeltaLost()),
        New("lease-from-answer", "a holder counts its lease from the answer", "gate", "LeaseOracle", 40, world => new ControlBugs.LeaseFromTheAnswer(world)),
        New("lease-too-long", "a holder believes in its lease for too long", "gate", "LeaseOracle", 40, _ => new ControlBugs.LeaseTooLong()),
        New("lease-unconfirmed", "a leader vouches for a primary without a round of heartbeats", "control driver", "LeaseOracle", 40, _ => new ControlBugs.LeaseUnconfirmed()),
        New("wrong-replica", "an election takes the shortest log for the longest", "inbox of the control plane", "data", 40, _ => new ControlBugs.ShortestLogWins()),
        New("no-incarnation", "news of a member counts whatever incarnation it names", "inbox of SWIM", "Healing", 20, _ => new MembershipBugs.NoIncarnation()),
        New("forgotten-forget", "SWIM is not told whom the topology removed", "control driver", "Healing", 20, _ => new MembershipBugs.ForgottenForget()),
        New("answer-at-once", "answers do not wait for the replica set", "gate", "data", 40, world => new ReplicationBugs.AnswersAtOnce(world)),
        New("quorum-less-one", "one copy less than a quorum is enough", "replica driver", "data", 40, world => new ReplicationBugs.OneLess(world)),
        New("counts-the-living", "a quorum of the living is enough", "replica driver", "data", 40, world => new ReplicationBugs.CountsTheLiving(world)),
        New("lower-epoch", "a member of an electing shard goes on to take the old primary's records", "replica driver", "data", 40, _ => new ReplicationBugs.NotFenced()),
        New("deposed-answers", "who is deposed goes on to answer what it holds", "gate", "data", 40, _ => new KeyBugs.AnswersWhenDeposed()),
        New("snapshot-cut", "the last part of a replica's snapshot is cut short", "messages of replication", "Healing", 20, _ => new ReplicationBugs.SnapshotCutShort()),
        New("thaw-by-clock", "a source thaws by its clock", "slots", "data", 40, world => new MigrationBugs.ThawByClock(world)),
        New("no-freeze", "slots are not frozen", "slots", "data", 40, _ => new MigrationBugs.NoFreeze()),
        New("no-changes", "what is written after a slot was copied is forgotten", "slots", "data", 40, _ => new MigrationBugs.NoChanges()),
        New("complete-in-another-epoch", "what one attempt copied is taken for the next one's", "slots", "data", 40, _ => new MigrationBugs.CompletionInAnotherEpoch()),
        New("complete-too-early", "a target completes with what it alone holds", "migration driver", "data", 40, _ => new MigrationBugs.CompletionTooEarly()),
        New("no-clean-up", "nobody empties what it does not own", "slots", "data", 40, _ => new MigrationBugs.NoCleanUp()),
        New("key-fsync-skipped", "the keys' log is said to be durable without asking the disk", "disk of the engine", "ShardOracle", 40, _ => new KeyBugs.NoSync()),
        New("answer-before-wal", "records are acknowledged while they are in a buffer of the process", "disk of the engine", "ShardOracle", 40, _ => new KeyBugs.WritesBehind()),
        New("last-group-dropped", "a recovery takes the last group of the log for a torn one", "disk of the engine", "ShardOracle", 40, _ => new KeyBugs.LastGroupDropped()),
        New("read-without-lease", "a lease is never looked at again once it was given", "gate", "CopyOracle", 40, _ => new KeyBugs.LeaseNotAsked()),
        New("stale-route", "who loses slots goes by the old map for two seconds", "map of the engine", "CopyOracle", 40, world => new KeyBugs.StaleRoute(world)),
        New("expired-on-copy", "a copy removes keys when its own clock says so", "log of a copy", "CopyOracle", 40, _ => new KeyBugs.ExpiresOnCopies()),
        New("applied-twice", "the first records after a restart are applied twice", "log of a copy", "CopyOracle", 40, _ => new KeyBugs.AppliedTwice()),
        New("half-a-transaction", "of a record that sets two keys a copy takes the first", "log of a copy", "CopyOracle", 40, _ => new KeyBugs.HalfATransaction()),
        New("copied-unlocked", "a slot is copied while commands run", "slots", "data", 40, _ => new MigrationBugs.CopiedUnlocked()),
    ];

    /// <summary>The one of this name; null if there is none.</summary>
    public static PlantedBug? Find(string name) => All.FirstOrDefault(bug => bug.Name == name);

    private static PlantedBug New(string name, string breaks, string where, string foundBy, int withinSeeds, Func<Simulation, Sabotage> plant) =>
        new(name, breaks, where, foundBy, withinSeeds) { Plant = plant };
}

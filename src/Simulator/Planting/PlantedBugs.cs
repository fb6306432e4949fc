namespace Trefoil.Simulator.Planting;

/// <summary>The table of planted bugs: each is switched on alone, against the scenario of <c>trefoil sim</c>, and must be found (docs/testing.md lists them).</summary>
public static class PlantedBugs
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        new("skip-fsync", "contents are said to be durable without asking the disk", "disk of the control plane", "a start: the disk is refused, or `ShardOracle`", 10, 2) { Plant = _ => new DiskBugs.NoSync() },
        new("rename-without-directory-fsync", "a file is renamed and its directory not synced", "disk of the control plane", "a start: a file is missing", 10, 2) { Plant = _ => new DiskBugs.NoDirectorySync() },
        new("ballot-not-saved", "a vote leaves before it is on the disk", "disk of Raft", "`ClusterHistory`: votes outlive a process", 10, 1) { Plant = _ => new ConsensusBugs.BallotNotSaved() },
        new("vote-twice", "a vote is forgotten by a restart, and can be given twice in a term", "start of a process", "`ClusterHistory`: votes outlive a process", 10, 2) { Plant = _ => new ConsensusBugs.VotesAgain() },
        new("refused-votes-count", "an election is won by refusals: a quorum less than a majority", "messages of Raft", "`ClusterHistory`: one vote per term, leader completeness", 30, 11) { Plant = _ => new ConsensusBugs.RefusedVotesCount() },
        new("entries-not-saved", "entries are acknowledged and never written", "disk of Raft", "`ClusterHistory`: leader completeness", 10, 1) { Plant = _ => new ConsensusBugs.EntriesNotSaved() },
        new("answer-before-write", "messages leave before what they acknowledge is written", "control driver", "`ClusterHistory`, `Oracles`: absorption", 10, 2) { Plant = _ => new ConsensusBugs.AnswersBeforeWriting() },
        new("old-term-by-counting", "a leader commits an entry of an earlier term because a majority holds it", "messages of Raft", "`ClusterHistory`: the commit index rises to an entry of the leader's term", 40, 20) { Plant = world => new ConsensusBugs.EarlierTermsByCounting(world) },
        new("offer-not-saved", "a node offers itself to a cluster and does not write it down", "disk of the control plane", "`Oracles`: absorption", 10, 1) { Plant = _ => new ControlBugs.OfferNotSaved() },
        new("member-id-again", "a join is given a Raft member id that was used before", "answer to a join", "`Oracles`: a member id is taken up once", 10, 1) { Plant = _ => new ControlBugs.MemberIdAgain() },
        new("delta-lost", "a command that comes as a delta only advances the version", "inbox of the control plane", "`ClusterHistory`: one topology per version", 10, 1) { Plant = _ => new ControlBugs.DeltaLost() },
        new("lease-from-answer", "a lease is counted from its answer", "control driver", "`LeaseOracle`: a lease counts from its question", 10, 1) { Plant = world => new ControlBugs.LeaseFromTheAnswer(world) },
        new("lease-too-long", "a lease is believed for three seconds too long", "control driver", "`LeaseOracle`", 10, 1) { Plant = _ => new ControlBugs.LeaseTooLong() },
        new("no-incarnation", "news of a member counts whatever incarnation it names, so that nobody can refute", "inbox of SWIM", "`Healing`: SWIM's live members are those that run", 10, 1) { Plant = _ => new MembershipBugs.NoIncarnation() },
        new("forgotten-forget", "SWIM is not told whom FORGET removed", "control driver", "`MembershipOracle`: nobody believes in whom its topology removed", 10, 1) { Plant = _ => new MembershipBugs.ForgottenForget() },
        new("snapshot-cut", "the last part of a replica's snapshot is cut short", "messages of replication", "`CopyOracle`: copies are level after healing", 10, 2) { Plant = _ => new ReplicationBugs.SnapshotCutShort() },
        new("thaw-by-clock", "a source lets its clients in again by its clock", "slots", "`CopyOracle`: one server per slot", 10, 10) { Plant = world => new MigrationBugs.ThawByClock(world) },
        new("no-freeze", "slots are not frozen before they change hands", "slots", "`CopyOracle`: one server per slot", 24, 10) { Plant = _ => new MigrationBugs.NoFreeze() },
        new("no-changes", "what is written after a slot was copied does not follow it", "slots", "registers, collections", 30, 12) { Plant = _ => new MigrationBugs.NoChanges() },
        new("complete-in-another-epoch", "what one attempt copied is taken for the next one's", "slots", "`CopyOracle`, registers", 20, 6) { Plant = _ => new MigrationBugs.CompletionInAnotherEpoch() },
        new("no-clean-up", "nobody empties the slots that it gave away", "slots", "`CopyOracle`: keys are where their slot is owned", 10, 2) { Plant = _ => new MigrationBugs.NoCleanUp() },
        new("key-fsync-skipped", "the keys' log is said to be durable without asking the disk", "disk of the engine", "`ShardOracle`: what was said to be held is there after a crash", 40, 11) { Plant = _ => new KeyBugs.NoSync() },
        new("answer-before-wal", "records are acknowledged while they are in a buffer of the process", "disk of the engine", "`ShardOracle`: what was said to be held is there after a crash", 16, 6) { Plant = _ => new KeyBugs.WritesBehind() },
        new("last-group-dropped", "a recovery takes the last group of the log for a torn one", "disk of the engine", "`ShardOracle`: what was said to be held is there after a crash", 10, 2) { Plant = _ => new KeyBugs.LastGroupDropped() },
        new("stale-route", "who loses slots goes by the old map for two seconds", "map of the engine", "`CopyOracle`: one server per slot", 10, 2) { Plant = world => new KeyBugs.StaleRoute(world) },
        new("expired-on-copy", "a copy removes keys when its own clock says so", "log of a copy", "`CopyOracle`: copies at one record are equal", 10, 4) { Plant = _ => new KeyBugs.ExpiresOnCopies() },
        new("applied-twice", "the first records after a restart are applied twice", "log of a copy", "`CopyOracle`: copies at one record are equal", 10, 4) { Plant = _ => new KeyBugs.AppliedTwice() },
        new("half-a-transaction", "of a record that sets two keys a copy takes the first", "log of a copy", "`CopyOracle`: copies at one record are equal", 10, 4) { Plant = _ => new KeyBugs.HalfATransaction() },
        new("raft-snapshot-cut", "the last chunk of Raft's snapshot is cut short", "messages of Raft", "`Healing`: every cluster converges", 40, 26) { Plant = _ => new ConsensusBugs.SnapshotCutShort() },
        new("answer-at-once", "a primary's own copy of a record is enough", "replica driver", "`ShardOracle`: an acknowledged record is held by as many as the mode asks for", 10, 4) { Plant = world => new ReplicationBugs.AnswersAtOnce(world) },
        new("quorum-less-one", "one copy less than a quorum is enough", "replica driver", "`ShardOracle`: an acknowledged record is held by as many as the mode asks for", 10, 4) { Plant = world => new ReplicationBugs.OneLess(world) },
        new("counts-the-living", "a quorum of those members is enough that were heard of lately", "replica driver", "`ShardOracle`: an acknowledged record is held by as many as the mode asks for", 30, 16) { Plant = world => new ReplicationBugs.CountsTheLiving(world) },
        new("lower-epoch", "a member that is fenced goes on to take records of the lower epoch", "replica driver", "`CopyOracle`: every primary answers after healing", 10, 10) { Plant = _ => new ReplicationBugs.NotFenced() },
        new("deposed-answers", "replies of a term that is over leave all the same", "connections", "registers, collections", 140, 136) { Plant = _ => new KeyBugs.AnswersWhenDeposed() },
        new("copied-unlocked", "a slot is copied while commands run in it", "slots", "registers, collections", 40, 20) { Plant = _ => new MigrationBugs.CopiedUnlocked() },
        new("read-without-lease", "a lease is never looked at again once it was given", "gate", "`CopyOracle`: one server per shard", 30, 26) { Plant = _ => new KeyBugs.LeaseNotAsked() },
        new("wrong-replica", "an election takes the shortest log for the longest", "inbox of the control plane", "`ElectionOracle`: the longest log that was heard of is promoted", 20, 12) { Plant = _ => new ControlBugs.ShortestLogWins() },
    ];

    /// <summary>Those that thirty seeds did not stumble over: to be tried by hand, until a scenario or an oracle finds them sooner.</summary>
    public static IReadOnlyList<PlantedBug> Rare { get; } =
    [
        new("complete-too-early", "a target completes with what it alone holds", "migration driver", "registers, collections", 0, 0) { Plant = _ => new MigrationBugs.CompletionTooEarly() },
    ];

    /// <summary>The one of this name; null if there is none.</summary>
    public static PlantedBug? Find(string name) => All.Concat(Rare).FirstOrDefault(bug => bug.Name == name);
}

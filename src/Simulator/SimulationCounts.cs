using Trefoil.Sharding;

namespace Trefoil.Simulator;

/// <summary>What happened how often: proof that a run was about something.</summary>
public sealed class SimulationCounts
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>Everything that a run of many seeds must have seen at least once.</summary>
    public static IReadOnlyList<string> Expected { get; } =
    [
        Fault.Lost, Fault.Duplicated, Fault.Delayed, Fault.Reset, Fault.Partition, Fault.OneWay, Fault.Pause,
        Fault.CrashKept, Fault.CrashLost, Fault.CrashTorn, Fault.CrashMidway, Fault.DiskFailure, Fault.Restart, Fault.Gone, Fault.ClockJump, Fault.Minority, Fault.Alone, Fault.Pair, Fault.Bridge, Fault.Ring, Fault.SlowNode, Fault.Corrupted,
        Fault.FullDisk, Fault.SlowDisk, Fault.BitFlip, Fault.FailedStart, Progress.DamageDropped, Progress.FlipsFound, Progress.QuietProgress,
        Progress.Founded, Progress.Elections, Progress.Commits, Progress.Joins, Progress.Crossings, Progress.Withdrawn,
        Progress.Removals, Progress.Resets, Progress.VoterChanges, Progress.SnapshotsInstalled, Progress.Compactions,
        Progress.EpochsJudged, Progress.RecordsJudged, Progress.AcknowledgementsJudged, Progress.PromotionsJudged, Progress.CopiesCompared, Progress.RecoveriesJudged, Progress.BeliefsJudged, Progress.CommitsJudged, Progress.BallotsJudged, Progress.LeasesJudged,
        Progress.Proposals, Progress.ProposalsDone, Progress.Converged,
        Progress.Served, Progress.Dropped, Progress.HandedOver,
        Progress.SlotsFrozen, Progress.SlotsCleared, Progress.Flushed,
        Progress.MovesCompleted, Progress.MovesAborted, Progress.MovesRestarted,
        Progress.AcknowledgedAsynchronous, Progress.AcknowledgedQuorum, Progress.AcknowledgedSynchronous, Progress.Unanswered, Progress.ReadsChecked,
        Progress.CopiesRead, Progress.Transactions, Progress.HistoriesJudged, Progress.CollectionsJudged, Progress.Expirations, Progress.Redirections,
        Progress.Operated, Progress.KeyByKey, Progress.KeysMigrated, Fault.KilledPrimary,
    ];

    /// <summary>The counts in order of their names.</summary>
    public IEnumerable<KeyValuePair<string, long>> All => _counts;

    /// <summary>One count; 0 for what never happened.</summary>
    public long this[string name] => _counts.GetValueOrDefault(name);

    /// <summary>Adds another run's counts.</summary>
    public void Add(SimulationCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (name, count) in other._counts)
        {
            Add(name, count);
        }
    }

    internal void Add(string name, long count = 1) => _counts[name] = _counts.GetValueOrDefault(name) + count;

    internal static class Fault
    {
        public const string Lost = "fault: message lost";
        public const string Duplicated = "fault: message duplicated";
        public const string Delayed = "fault: message delayed past others";
        public const string Reset = "fault: connection reset";
        public const string Partition = "fault: partition";
        public const string Minority = "fault: minority cut off";
        public const string Alone = "fault: one node cut off";
        public const string Pair = "fault: two nodes cut from each other";
        public const string Bridge = "fault: sides with a bridge";
        public const string Ring = "fault: each sees only its neighbours";
        public const string SlowNode = "fault: slow node";
        public const string Corrupted = "fault: message damaged";
        public const string FullDisk = "fault: disk full";
        public const string BitFlip = "fault: bit turned on a disk";
        public const string FailedStart = "fault: no start, for want of a disk";
        public const string SlowDisk = "fault: slow disk";
        public const string OneWay = "fault: one-way partition";
        public const string Pause = "fault: process paused";
        public const string CrashKept = "fault: crash, unsynced writes kept";
        public const string CrashLost = "fault: crash, unsynced writes lost";
        public const string CrashTorn = "fault: crash, unsynced writes torn";
        public const string CrashMidway = "fault: crash between two effects";
        public const string DiskFailure = "fault: disk failure";
        public const string Restart = "fault: restart";
        public const string ClockJump = "fault: wall clock set";
        public const string KilledPrimary = "fault: primary killed on purpose";
        public const string Gone = "fault: node gone for good";
    }

    internal static class Progress
    {
        public const string DamageDropped = "damaged messages dropped";
        public const string FlipsFound = "damaged disks refused";
        public const string QuietProgress = "quiet stretches in which entries were committed";
        public const string Founded = "clusters founded";
        public const string Elections = "elections won";
        public const string Commits = "entries committed";
        public const string Joins = "joins";
        public const string Crossings = "offers crossed";
        public const string Withdrawn = "offers withdrawn";
        public const string Removals = "removals";
        public const string Resets = "resets";
        public const string ForcedResets = "resets without consent (excused from absorption safety)";
        public const string VoterChanges = "voter changes";
        public const string SnapshotsInstalled = "snapshots installed";
        public const string Compactions = "log compactions";
        public const string Proposals = "proposals";
        public const string ProposalsDone = "proposals answered OK";
        public const string Served = "shards: epochs served";
        public const string Replayed = "records replayed at a start";
        public const string Expired = "keys expired";
        public const string EpochsJudged = "shards: epochs begun, judged by what was acknowledged";
        public const string RecoveriesJudged = "shards: recoveries judged by what was said to be held";
        public const string CopiesCompared = "shards: copies at the same record compared";
        public const string PromotionsJudged = "shards: promotions judged by the logs that were heard of";
        public const string AcknowledgementsJudged = "shards: acknowledgements judged by who holds them";
        public const string RecordsJudged = "shards: records taken by copies, judged";
        public const string BeliefsJudged = "swim: beliefs judged";
        public const string CommitsJudged = "commit indexes judged as they rose";
        public const string BallotsJudged = "starts judged by the votes given before";
        public const string LeasesJudged = "leases judged by when they were asked for";
        public const string Dropped = "shards: logs that gave up what nobody acknowledged";
        public const string HandedOver = "shards: handed over";
        public const string SlotsFrozen = "moves: freezes";
        public const string SlotsCleared = "moves: clean-ups";
        public const string Flushed = "moves: FLUSHALL";
        public const string MovesCompleted = "moves: completed";
        public const string MovesAborted = "moves: aborted";
        public const string MovesRestarted = "moves: needed more than one attempt";
        public const string MoveSteps = "moves: steps";
        public const string AcknowledgedAsynchronous = "clients: writes acknowledged, asynchronous";
        public const string AcknowledgedQuorum = "clients: writes acknowledged, quorum";
        public const string AcknowledgedSynchronous = "clients: writes acknowledged, synchronous";
        public const string Unanswered = "clients: writes without an answer";
        public const string ReadsChecked = "clients: reads checked";
        public const string CopiesRead = "clients: reads of copies checked";
        public const string Transactions = "clients: transactions done";
        public const string HistoriesJudged = "clients: histories judged";
        public const string CollectionsJudged = "clients: collections judged";
        public const string Expirations = "clients: keys seen to be over";
        public const string Redirections = "clients: redirections followed";
        public const string Operated = "operators: commands done";
        public const string KeyByKey = "operators: slots moved key by key";
        public const string KeysMigrated = "operators: MIGRATE done";
        public const string Undecided = "clients: histories with too many lost answers to judge (excused)";
        public const string Converged = "clusters converged after healing";
        public const string Excused = "clusters without a majority left (excused from converging)";
        public const string Stranded = "nodes offered to a cluster that cannot answer (excused from converging)";

        /// <summary>The count of writes that were acknowledged in this mode.</summary>
        public static string Acknowledged(ReplicationMode mode) => mode switch
        {
            ReplicationMode.Quorum => AcknowledgedQuorum,
            ReplicationMode.Synchronous => AcknowledgedSynchronous,
            _ => AcknowledgedAsynchronous,
        };
    }
}

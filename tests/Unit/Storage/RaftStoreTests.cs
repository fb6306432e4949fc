using System.Text;
using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Storage;

public class RaftStoreTests
{
    private const string Home = "wal/raft";

    [Fact]
    public void A_new_store_is_empty()
    {
        var (_, recovery) = Open(new MemoryDisk());
        Assert.Equal((0ul, 0ul, 0ul, 0L), (recovery.Term, recovery.Vote, recovery.Commit, recovery.TornBytes));
        Assert.Null(recovery.Snapshot);
        Assert.Empty(recovery.Entries);
    }

    [Fact]
    public void Everything_comes_back_with_overwritten_suffixes()
    {
        var disk = new MemoryDisk();
        var (store, _) = Open(disk);
        store.Write(new RaftWrite { Ballot = (1, 7), Entries = Entries(1, 1, 4), MustSync = true });
        store.Write(new RaftWrite { Ballot = (2, 9), Entries = Entries(2, 3, 2), Commit = 2, MustSync = true });
        disk.Crash(new Prng(1), CrashMode.LoseAll);

        var (again, recovery) = Open(disk);
        Assert.Equal((2ul, 9ul, 2ul), (recovery.Term, recovery.Vote, recovery.Commit));
        Assert.Equal("1/1 1/2 2/3 2/4", Show(recovery));
        Assert.Equal(5ul, again.NextIndex);
    }

    [Fact]
    public void Steady_appends_cost_one_sync()
    {
        var disk = new MemoryDisk();
        var (store, _) = Open(disk);
        store.Write(new RaftWrite { Ballot = (1, 7) });
        var syncs = disk.Syncs;
        store.Write(new RaftWrite { Entries = Entries(1, 1, 10), MustSync = true });
        Assert.Equal(1, disk.Syncs - syncs);
        store.Write(new RaftWrite { Commit = 10 });
        Assert.Equal(1, disk.Syncs - syncs);
    }

    [Fact]
    public void A_torn_ballot_never_loses_the_older_one_and_is_said()
    {
        for (var seed = 0ul; seed < 40; seed++)
        {
            var disk = new MemoryDisk();
            var (store, _) = Open(disk);
            store.Write(new RaftWrite { Ballot = (3, 1) });
            disk.FailAt((long)(seed % 2)); // the write stops half-way, or the sync fails
            Assert.Throws<DiskFailure>(() => store.Write(new RaftWrite { Ballot = (4, 2) }));
            Assert.Throws<DiskFailure>(() => store.Write(new RaftWrite { Ballot = (5, 2) }));
            disk.Crash(new Prng(seed), CrashMode.Tear);
            var (_, recovery) = Open(disk);
            Assert.Equal((3ul, 1ul), (recovery.Term, recovery.Vote));
        }

        var damaged = new MemoryDisk();
        var (one, _) = Open(damaged);
        one.Write(new RaftWrite { Ballot = (3, 1) });
        one.Write(new RaftWrite { Ballot = (4, 2) });
        var bytes = damaged.ReadAll($"{Home}/ballot");
        bytes[4096 + 20] ^= 1;
        damaged.Replace($"{Home}/ballot", bytes);
        var (_, second) = Open(damaged);
        Assert.Equal(3ul, second.Term);
        Assert.Equal(32, second.TornBytes);
        Assert.Equal(0, Open(damaged).Recovery.TornBytes);
    }

    [Fact]
    public void A_ballot_damaged_in_both_slots_is_refused()
    {
        var disk = new MemoryDisk();
        Open(disk).Store.Write(new RaftWrite { Ballot = (3, 1) });
        disk.Replace($"{Home}/ballot", new byte[5000]);
        Assert.Contains("vote twice", Refusal(disk), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_log_or_ballot_is_refused()
    {
        var disk = new MemoryDisk();
        Open(disk).Store.Write(new RaftWrite { Ballot = (1, 1), Entries = Entries(1, 1, 1), MustSync = true });
        var noLog = disk.Clone();
        noLog.Delete($"{Home}/0000000000000001.wal");
        Assert.Contains("missing", Refusal(noLog), StringComparison.Ordinal);
        disk.Delete($"{Home}/ballot");
        Assert.Contains("missing", Refusal(disk), StringComparison.Ordinal);
    }

    [Fact]
    public void A_compaction_keeps_what_followers_may_still_need()
    {
        var disk = new MemoryDisk();
        var (store, _) = Open(disk, segmentBytes: 300);
        store.Write(new RaftWrite { Ballot = (1, 1) });
        for (var i = 1ul; i <= 40; i++)
        {
            store.Write(new RaftWrite { Entries = Entries(1, i, 1), Commit = i - 1, MustSync = true });
        }

        store.Write(new RaftWrite { Snapshot = Cut(30, 1), KeepFrom = 25 });
        Assert.InRange(store.FirstIndex, 10ul, 25ul);
        var (_, recovery) = Open(disk, segmentBytes: 300);
        Assert.Equal(30ul, recovery.Snapshot!.Index);
        Assert.Equal("state 30", Encoding.UTF8.GetString(recovery.Snapshot.Data.Span));
        Assert.Equal(Enumerable.Range(31, 10).Select(i => (ulong)i), recovery.Entries.Select(e => e.Index));
        Assert.Equal(39ul, recovery.Commit);
    }

    [Fact]
    public void An_installed_snapshot_replaces_the_log_wherever_the_crash_hits()
    {
        var original = new MemoryDisk();
        Open(original).Store.Write(new RaftWrite { Ballot = (1, 1), Entries = Entries(1, 1, 8), Commit = 3, MustSync = true });
        var install = new RaftWrite
        {
            Ballot = (5, 0),
            Snapshot = Cut(6, 4),
            SnapshotReplacesLog = true,
            Entries = Entries(5, 7, 2),
            Commit = 6,
            MustSync = true,
        };
        for (var call = 0; call < 40; call++)
        {
            var disk = original.Clone();
            var (store, _) = Open(disk);
            disk.FailAt(call);
            var failed = false;
            try
            {
                store.Write(install);
            }
            catch (DiskFailure)
            {
                failed = true;
            }

            disk.Crash(new Prng((ulong)call), CrashMode.Tear);
            var (_, recovery) = Open(disk);
            var seen = $"{recovery.Snapshot?.Index ?? 0}: {Show(recovery)}";
            Assert.Contains(seen, new[]
            {
                "0: 1/1 1/2 1/3 1/4 1/5 1/6 1/7 1/8", "6: ", "6: 5/7 5/8",
            });
            Assert.True(failed || seen == "6: 5/7 5/8");
            Assert.Equal(seen, $"{Open(disk).Recovery.Snapshot?.Index ?? 0}: {Show(Open(disk).Recovery)}");
        }
    }

    [Fact]
    public void A_corrupt_snapshot_is_refused()
    {
        var disk = new MemoryDisk();
        var (store, _) = Open(disk);
        store.Write(new RaftWrite { Ballot = (1, 1), Snapshot = Cut(5, 1), SnapshotReplacesLog = true });
        var bytes = disk.ReadAll($"{Home}/snapshot");
        bytes[^1] ^= 1;
        disk.Replace($"{Home}/snapshot", bytes);
        Assert.Contains($"{Home}/snapshot", Refusal(disk), StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_before_the_first_entry_is_misuse()
    {
        var (store, _) = Open(new MemoryDisk());
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Write(new RaftWrite { Entries = Entries(1, 2, 1) }));
    }

    [Fact]
    public void An_error_at_any_call_loses_nothing_acknowledged()
    {
        var steps = Script();
        var clean = new MemoryDisk();
        var (all, _) = Open(clean, segmentBytes: 250);
        var before = clean.Calls;
        steps.ForEach(all.Write);
        var calls = clean.Calls - before;
        for (var call = 0; call <= calls; call++)
        {
            foreach (var mode in Enum.GetValues<CrashMode>())
            {
                var disk = new MemoryDisk();
                var (store, _) = Open(disk, segmentBytes: 250);
                disk.FailAt(call);
                var model = new RaftModel();
                var done = 0;
                try
                {
                    for (; done < steps.Count; done++)
                    {
                        store.Write(steps[done]);
                        model.Apply(steps[done]);
                    }
                }
                catch (DiskFailure)
                {
                }

                disk.Crash(new Prng((ulong)call), mode);
                var (_, recovery) = Open(disk, segmentBytes: 250);
                model.AssertHolds(recovery, unfinished: done < steps.Count ? steps[done] : null);
            }
        }
    }

    private static List<RaftWrite> Script() =>
    [
        new() { Ballot = (1, 1) },
        new() { Entries = Entries(1, 1, 3), MustSync = true },
        new() { Ballot = (2, 0) },
        new() { Entries = Entries(2, 3, 4), Commit = 2, MustSync = true },
        new() { Entries = Entries(2, 7, 2), Commit = 6, MustSync = true },
        new() { Snapshot = Cut(5, 2), KeepFrom = 4 },
        new() { Entries = Entries(2, 9, 1), Commit = 8, MustSync = true },
        new() { Ballot = (3, 2), Snapshot = Cut(20, 3), SnapshotReplacesLog = true, Commit = 20 },
        new() { Entries = Entries(3, 21, 3), Commit = 20, MustSync = true },
    ];

    internal static List<StoredEntry> Entries(ulong term, ulong first, int count) =>
        [.. Enumerable.Range(0, count).Select(i => new StoredEntry(
            first + (ulong)i, term, 1, Encoding.UTF8.GetBytes($"entry {term}/{first + (ulong)i}")))];

    private static StoredSnapshot Cut(ulong index, ulong term) =>
        new(index, term, Encoding.UTF8.GetBytes("voters"), Encoding.UTF8.GetBytes($"state {index}"));

    internal static (RaftStore Store, RaftRecovery Recovery) Open(IDisk disk, long segmentBytes = 1 << 20)
    {
        var result = RaftStore.Open(disk, Home, new WalOptions { SegmentBytes = segmentBytes });
        var opened = result as RaftOpenResult.Opened;
        Assert.True(opened is not null, (result as RaftOpenResult.Refused)?.Refusal);
        foreach (var entry in opened.Recovery.Entries)
        {
            Assert.Equal($"entry {entry.Term}/{entry.Index}", Encoding.UTF8.GetString(entry.Data.Span));
        }

        return (opened.Store, opened.Recovery);
    }

    private static string Refusal(IDisk disk) => Assert.IsType<RaftOpenResult.Refused>(RaftStore.Open(disk, Home)).Refusal;

    private static string Show(RaftRecovery recovery) => string.Join(' ', recovery.Entries.Select(e => $"{e.Term}/{e.Index}"));

    /// <summary>What was acknowledged as durable.</summary>
    private sealed class RaftModel
    {
        private readonly SortedDictionary<ulong, ulong> _entries = []; // index → term
        private (ulong Term, ulong Vote) _ballot;
        private ulong _snapshot;

        public void Apply(RaftWrite write)
        {
            _ballot = write.Ballot ?? _ballot;
            _snapshot = write.Snapshot?.Index ?? _snapshot;
            var cut = write.SnapshotReplacesLog ? 0 : write.Entries.Count > 0 ? write.Entries[0].Index : ulong.MaxValue;
            foreach (var gone in _entries.Keys.Where(index => index >= cut || index <= _snapshot).ToList())
            {
                _entries.Remove(gone);
            }

            foreach (var entry in write.Entries)
            {
                _entries[entry.Index] = entry.Term;
            }
        }

        /// <summary>Everything acknowledged is there, except what the step that failed was to replace.</summary>
        public void AssertHolds(RaftRecovery recovery, RaftWrite? unfinished)
        {
            Assert.Contains((recovery.Term, recovery.Vote), new[] { _ballot, unfinished?.Ballot ?? _ballot });
            var snapshot = recovery.Snapshot?.Index ?? 0;
            Assert.Contains(snapshot, new[] { _snapshot, unfinished?.Snapshot?.Index ?? _snapshot });
            var cut = unfinished switch
            {
                { SnapshotReplacesLog: true } => 0ul,
                { Entries: [var first, ..] } => first.Index,
                _ => ulong.MaxValue,
            };
            foreach (var (index, term) in _entries)
            {
                if (index > snapshot && index < cut)
                {
                    Assert.Contains(recovery.Entries, entry => entry.Index == index && entry.Term == term);
                }
            }

            foreach (var entry in recovery.Entries)
            {
                var known = _entries.TryGetValue(entry.Index, out var term) && term == entry.Term;
                Assert.True(known || (unfinished?.Entries.Any(e => e.Index == entry.Index && e.Term == entry.Term) ?? false));
            }

            if (unfinished is null)
            {
                Assert.Equal(_entries.Keys, recovery.Entries.Select(entry => entry.Index));
            }
        }
    }
}

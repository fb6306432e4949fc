using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.KeyValue.Replication;

/// <summary>A snapshot that a primary sent is either there after a crash, with its log, or never was.</summary>
public sealed class InstallCrashTests
{
    private static readonly ClusterId Cluster = new(7, 7);

    /// <summary>Each call of the disk fails once, in each way a machine can stop, with and without a log.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_crash_at_any_call_of_the_disk_the_old_state_is_there_or_the_new_one(bool appendOnly)
    {
        var (olds, news) = (0, 0);
        foreach (var mode in Enum.GetValues<CrashMode>())
        {
            for (var (call, isReached) = (0, true); isReached; call++)
            {
                isReached = Crash(call, mode, appendOnly, out var isNew);
                (olds, news) = isNew ? (olds, news + 1) : (olds + 1, news);
            }
        }

        Assert.True(olds > 5 && news > 20, $"{olds} old states, {news} new ones");
    }

    /// <summary>Until its log has reached what its slots contain a copy says so, after a restart, too, and takes no snapshot of its own.</summary>
    [Fact]
    public void A_snapshot_whose_slots_are_ahead_of_its_log_is_no_cut_until_the_log_has_reached_them()
    {
        var random = new Prng(3);
        using var primary = Copy.Open(new MemoryDisk());
        primary.Lead(Cluster, 2);
        Change(primary, random, 100);
        primary.HasThreads = true;
        lock (primary.Keys.Table(HashSlot.Of("{d}"u8)))
        {
            primary.Replica.MakeSnapshot(1);
            Change(primary, random, 300);
        }

        var made = Assert.IsType<ReplicaInput.SnapshotMade>(primary.Told());
        Assert.True(made.ConsistentLsn > made.CoveredLsn);
        var disk = new MemoryDisk();
        using (var replica = Copy.Open(disk))
        {
            replica.Replica.Receive(1, 0, Read(primary, made));
            replica.Replica.Install(1);
            Assert.Equal(new ReplicaInput.Installed(1, true), replica.Told());
            Assert.False(replica.Storage.Snapshots.TryStart(isRewrite: false, out _));
        }

        disk.Crash(random, CrashMode.LoseAll);
        using var again = Copy.Open(disk);
        Assert.Equal((made.CoveredLsn, made.ConsistentLsn), (again.Replica.LastLsn, again.Replica.ConsistentLsn));
        new Pipe(random) { IsBad = false }.CatchUp(primary, again);
        Assert.Equal(primary.Contents(), again.Contents());
        Assert.True(again.Storage.Snapshots.TryStart(isRewrite: false, out var saved));
        Assert.True(Ended(saved));
    }

    /// <summary>One that is made the primary by force before that gives no number twice that a slot knows.</summary>
    [Fact]
    public void A_copy_that_leads_by_force_before_it_is_a_cut_goes_on_behind_its_slots()
    {
        var random = new Prng(4);
        using var primary = Copy.Open(new MemoryDisk());
        primary.Lead(Cluster, 2);
        primary.HasThreads = true;
        lock (primary.Keys.Table(HashSlot.Of("{d}"u8)))
        {
            primary.Replica.MakeSnapshot(1);
            Change(primary, random, 300);
        }

        var made = Assert.IsType<ReplicaInput.SnapshotMade>(primary.Told());
        var disk = new MemoryDisk();
        var forced = Copy.Open(disk);
        forced.Replica.Receive(1, 0, Read(primary, made));
        forced.Replica.Install(1);
        forced.Lead(Cluster, 3);
        Assert.True(forced.Replica.LastLsn >= made.ConsistentLsn);
        Change(forced, random, 100);
        var contents = forced.Contents();
        forced.Pump();
        disk.Crash(random, CrashMode.LoseAll);
        forced.Dispose();
        using var again = Copy.Open(disk);
        Assert.Equal(contents, again.Contents());
        primary.Replica.Follow();
        again.Lead(Cluster, 4);
        new Pipe(random) { IsBad = false }.CatchUp(again, primary);
        Assert.Equal(again.Contents(), primary.Contents());
    }

    /// <summary>Without a log a snapshot that was written while commands ran is no state that anybody else had: it shares nothing behind its beginning.</summary>
    [Fact]
    public void What_is_left_without_a_log_is_taken_for_nobody_elses_state()
    {
        var random = new Prng(5);
        var disk = new MemoryDisk();
        using var replica = Copy.Open(new MemoryDisk());
        using (var primary = Copy.Open(disk, appendOnly: false))
        {
            primary.Lead(Cluster, 2);
            Change(primary, random, 50);
            Task<bool> saved;
            lock (primary.Keys.Table(HashSlot.Of("{d}"u8)))
            {
                Assert.True(primary.Storage.Snapshots.TryStart(isRewrite: false, out saved));
                Change(primary, random, 300);
            }

            Assert.True(Ended(saved));
            new Pipe(random) { IsBad = false }.CatchUp(primary, replica);
        }

        disk.Crash(random, CrashMode.KeepAll);
        using var again = Copy.Open(disk, appendOnly: false);
        Assert.True(again.Log.IsConsistent);
        Assert.NotEqual(2UL, again.Replica.History.LastEpoch(Cluster));
        var pipe = new Pipe(random) { IsBad = false };
        replica.Lead(Cluster, 3);
        pipe.CatchUp(replica, again);
        Assert.Equal(1, pipe.Installed);
        Assert.Equal(replica.Contents(), again.Contents());
    }

    /// <summary>False if the installation had ended before the call that was to fail.</summary>
    private static bool Crash(int call, CrashMode mode, bool appendOnly, out bool isNew)
    {
        var random = new Prng((ulong)call);
        using var primary = Copy.Open(new MemoryDisk(), appendOnly: appendOnly);
        primary.Lead(Cluster, 2);
        Change(primary, random, 200);
        var disk = new MemoryDisk();
        using var replica = Diverged(disk, random, appendOnly);
        var before = (replica.Contents(), replica.Replica.LastLsn, replica.Replica.History.ToString());
        var (made, parts) = Snapshot(primary);
        replica.Replica.Receive(1, 0, parts);
        var calls = disk.Calls;
        disk.FailAt(call, stays: true);
        var isDone = TryInstall(replica);
        var isReached = disk.Calls > calls + call;
        Assert.True(isDone || isReached);
        disk.Crash(random, mode);
        using var again = Copy.Open(disk, appendOnly: appendOnly);
        var after = (again.Contents(), again.Replica.LastLsn, again.Replica.History.ToString());
        isNew = after.Item3 != before.Item3;
        Assert.True(isNew || !isDone);
        Assert.Equal(isNew ? (primary.Contents(), made.CoveredLsn, primary.Replica.History.ToString()) : before, after);
        var pipe = new Pipe(random) { IsBad = false };
        pipe.CatchUp(primary, again);
        Assert.Equal(primary.Contents(), again.Contents());
        return isReached;
    }

    private static bool TryInstall(Copy replica)
    {
        try
        {
            replica.Replica.Install(1);
            return replica.Told() is ReplicaInput.Installed { Ok: true };
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A copy with a log and a snapshot of its own, of an epoch that nobody shares.</summary>
    private static Copy Diverged(MemoryDisk disk, Prng random, bool appendOnly)
    {
        var copy = Copy.Open(disk, appendOnly: appendOnly);
        copy.Lead(Cluster, 1);
        Change(copy, random, 150);
        Assert.True(copy.Storage.Snapshots.TryStart(isRewrite: false, out var saved) && Ended(saved));
        if (appendOnly)
        {
            Change(copy, random, 150);
        }

        copy.Replica.Follow();
        copy.Pump();
        return copy;
    }

    private static bool Ended(Task<bool> saved) => saved.Result;

    private static void Change(Copy copy, Prng random, int changes)
    {
        for (; changes > 0; changes--)
        {
            copy.Change(random);
        }
    }

    private static (ReplicaInput.SnapshotMade Made, byte[] Bytes) Snapshot(Copy primary)
    {
        primary.Replica.MakeSnapshot(1);
        var made = Assert.IsType<ReplicaInput.SnapshotMade>(primary.Told());
        var bytes = Read(primary, made);
        return (made, bytes);
    }

    private static byte[] Read(Copy primary, ReplicaInput.SnapshotMade made)
    {
        var bytes = new ByteWriter();
        Assert.Equal(made.Length, primary.Replica.ReadSnapshot(1, 0, (int)made.Length + 1, bytes));
        primary.Replica.DropSnapshot(1);
        return bytes.ToArray();
    }
}

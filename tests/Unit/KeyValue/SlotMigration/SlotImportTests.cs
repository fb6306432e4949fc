using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Unit.KeyValue.Replication;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.SlotMigration;

/// <summary>The target's end: what it does not take, and when it takes nothing.</summary>
public sealed class SlotImportTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    [Fact]
    public void Slots_that_hold_keys_of_nobody_knows_whom_are_not_taken_over()
    {
        using var shards = new TwoShards();
        shards.Begin(TwoShards.SlotsOf("a", "b"));
        Put(shards.Target, "a");
        Assert.Equal(
            $"ERR Slot {TwoShards.SlotOf("a")} holds keys at the target, which does not own it: remove them there, or see CLUSTER GETSLOTMIGRATIONS",
            shards.To.BeginImport(shards.Record.Ranges, mayHoldKeys: false));
        Assert.Equal(1, shards.Target.Keys.TotalCount);
        var last = shards.To.Commit();
        Assert.Null(shards.To.BeginImport(shards.Record.Ranges, mayHoldKeys: true));
        Assert.Equal(0, shards.Target.Keys.TotalCount);
        Assert.Equal(last + 1, shards.To.Commit());
    }

    [Fact]
    public void A_record_of_an_unknown_kind_is_refused_by_name()
    {
        using var shards = new TwoShards();
        foreach (var record in new byte[][] { [1, 0, 200, 2, 65], [255, 255], [254, 255, 1], [1], [1, 0, 5, 200], [1, 0, 8, 2, 65, 0, 0, 0, 0, 0, 0, 0, 0, 1, 99] })
        {
            Assert.Contains("a record of a kind that this version does not know", shards.To.Apply(record), StringComparison.Ordinal);
        }

        Assert.Equal(0, shards.Target.Keys.TotalCount);
    }

    [Fact]
    public void A_record_that_fails_in_the_middle_leaves_an_empty_slot_on_disk_too()
    {
        using var shards = new TwoShards();
        using var replica = Copy.Open(new MemoryDisk(), shards.Clock);
        byte[] good = [1, 0, 2, 2, 65, .. BitConverter.GetBytes(long.MaxValue), .. BitConverter.GetBytes(7L)];
        Assert.Null(shards.To.Apply(good));
        Assert.Equal(1, shards.Target.Keys.CountIn(1));
        byte[] removes = [1, 0, 5, 2, 65, 200, 0];
        Assert.NotNull(shards.To.Apply(removes));
        shards.To.Commit();
        new Pipe(new Prng(1)) { IsBad = false }.CatchUp(shards.Target, replica);
        Assert.Equal((0, 0L), (shards.Target.Keys.CountIn(1), replica.Keys.TotalCount));
        Assert.Null(shards.To.Apply(good));
        Assert.Null(shards.To.Apply(removes.AsSpan(0, 5)));
        Assert.Equal(0, shards.Target.Keys.CountIn(1));
    }

    [Fact]
    public void What_the_source_says_instead_of_a_copy_is_why_the_migration_ends()
    {
        using var shards = new TwoShards();
        var frames = new ByteWriter();
        Trefoil.KeyValue.SlotMigration.SlotCopy.WriteExcuse("ERR Slot 5 is too large", frames);
        Assert.Equal("ERR Slot 5 is too large", shards.To.Apply(Assert.Single(TwoShards.Records(frames))));
    }

    [Fact]
    public void Who_becomes_another_node_forgets_what_the_old_one_held()
    {
        using var shards = new TwoShards();
        shards.Begin(TwoShards.SlotsOf("a"));
        shards.Freeze(shards.CopyAll(() => { }));
        shards.To.Park(shards.Record.Ranges, on: true);
        Assert.True(shards.Source.Server.Holds.Any && shards.Target.Server.Holds.Any);
        shards.From.Forget();
        shards.To.Forget();
        Assert.False(shards.Source.Server.Holds.Any || shards.Target.Server.Holds.Any);
        Assert.Equal("+OK\r\n", shards.Source.Session.Call("SET a 1"));
    }

    [Fact]
    public void Memory_is_made_as_for_a_write_and_the_import_refused_if_that_is_not_possible()
    {
        using var shards = new TwoShards();
        for (var i = 0; i < 100; i++)
        {
            shards.Source.Session.Call("SET", $"{{a}}{i}", new string('x', 1000));
        }

        shards.Source.Server.CommitLog();
        shards.Begin(TwoShards.SlotsOf("a"));
        var copy = new ByteWriter();
        shards.From.CopySlot(TwoShards.SlotOf("a"), copy);
        Put(shards.Target, "b");
        shards.Target.Server.Settings.MaxMemory = shards.Target.Server.Memory.Used + 80_000;
        shards.Target.Server.Settings.MaxMemoryPolicy = EvictionPolicy.AllKeysLru;
        Assert.Null(shards.To.BeginImport(shards.Record.Ranges, mayHoldKeys: false));
        var (answers, records) = (new List<string?>(), TwoShards.Records(copy));
        Assert.True(records.Count >= 2);
        records.ForEach(record => answers.Add(shards.To.Apply(record)));
        answers.Add(shards.To.Apply(records[0]));
        Assert.Null(answers[0]);
        Assert.StartsWith("OOM ", answers[^1], StringComparison.Ordinal);
        Assert.Equal(0, shards.Target.Keys.Count);
        shards.Abort();
        shards.To.Clear(shards.Record.Ranges);
        Assert.False(shards.Target.Server.Memory.IsExceeded);
    }

    [Fact]
    public async Task While_a_hand_over_is_under_way_nothing_is_recorded_and_on_a_replica_nothing_is_done()
    {
        using var shards = new TwoShards();
        Put(shards.Target, "b");
        shards.Target.Replica.Pause();
        var last = shards.Target.Log.LastLsn;
        var applied = Task.Run(() => shards.To.Apply([(byte)TwoShards.SlotOf("a"), (byte)(TwoShards.SlotOf("a") >> 8), 5, 2, 65]));
        var cleared = Task.Run(() => shards.From.Clear([]));
        await cleared;
        Assert.Equal(last, shards.Target.Log.LastLsn);
        Assert.False(applied.IsCompleted);
        shards.Target.Server.Gate.Open(1);
        await Eventually.True("applied once the gate is open again", () => applied.IsCompleted, Deadline);
        Assert.Null(await applied);

        shards.Target.Replica.Pause();
        last = shards.Target.Log.LastLsn;
        var late = Task.Run(() => shards.To.Clear(TwoShards.SlotsOf("b")));
        shards.Target.Replica.Follow();
        await Eventually.True("given up once another node leads", () => late.IsCompleted, Deadline);
        Assert.Null(shards.To.Apply([(byte)TwoShards.SlotOf("b"), (byte)(TwoShards.SlotOf("b") >> 8), 9, 1]));
        Assert.Equal(last, shards.Target.Log.LastLsn);
        Assert.Equal(1, shards.Target.Keys.TotalCount);
    }

    [Fact]
    public void Emptying_a_slot_is_recorded_once_and_survives_a_restart()
    {
        var disk = new MemoryDisk();
        using (var copy = Copy.Open(disk))
        {
            copy.Lead(new ClusterId(7, 7), 1);
            copy.Session.Call("SET", "a", "1");
            copy.Session.Call("SET", "b", "1");
            using var end = new Trefoil.KeyValue.SlotMigration.KeyMigration(copy.Server);
            Assert.Equal(4UL, end.Clear(TwoShards.SlotsOf("a", "c")));
            Assert.Equal(4UL, end.Clear(TwoShards.SlotsOf("a", "c")));
            copy.Session.Call("SET", "{a}2", "1");
            copy.Server.CommitLog();
        }

        disk.Crash(new Prng(1), CrashMode.KeepAll);
        using var again = Copy.Open(disk);
        Assert.Equal(2, again.Keys.TotalCount);
        Assert.Equal(1, again.Keys.CountIn(TwoShards.SlotOf("a")));
    }

    private static void Put(Copy copy, string key)
    {
        var table = copy.Keys.Table(TwoShards.SlotOf(key));
        lock (table)
        {
            table.SetString(System.Text.Encoding.Latin1.GetBytes(key), "1"u8, long.MaxValue);
        }
    }
}

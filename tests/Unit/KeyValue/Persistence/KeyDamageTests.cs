using System.Text;
using Trefoil.KeyValue.Persistence;
using Trefoil.KeyValue.Values;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Persistence;

/// <summary>A damaged log or snapshot: a torn tail is cut off and said, corruption is refused and said, and nothing else ever happens.</summary>
public class KeyDamageTests
{
    private const string Segment = "wal/kv/0000000000000001.wal";

    [Fact]
    public void A_log_cut_at_any_byte_of_its_last_three_records_is_a_torn_tail()
    {
        var disk = new MemoryDisk();
        var held = new List<(long Length, string Contents)>();
        var book = KeyBook.Open(disk, segmentBytes: 1 << 20);
        for (var i = 0; i < 20; i++)
        {
            held.Add((disk.ReadAll(Segment).Length, KeyBook.ContentsOf(book.Keys)));
            Set(book, i, 50);
        }

        var whole = disk.ReadAll(Segment);
        held.Add((whole.Length, KeyBook.ContentsOf(book.Keys)));
        for (var length = (int)held[^4].Length; length < whole.Length; length++)
        {
            var cut = new MemoryDisk();
            cut.Replace(Segment, whole.AsSpan(0, length));
            var again = KeyBook.Open(cut);
            var kept = held.Last(state => state.Length <= length);

            Assert.Equal(kept.Contents, KeyBook.ContentsOf(again.Keys));
            Assert.Equal(length - kept.Length, again.Storage.Recovery.TornBytes);
            Assert.Equal(length == kept.Length, again.Storage.Recovery.TornAt.Length == 0);
        }
    }

    /// <summary>A test run takes every 61st bit, which meets every bit of a byte and every field of a header; soak takes all 524 288.</summary>
    [Fact]
    [Trait(Soak.Trait, "yes")]
    public void Every_bit_of_a_64_KiB_log_flipped_is_refused_or_a_torn_tail_and_never_another_store()
    {
        var disk = new MemoryDisk();
        var book = KeyBook.Open(disk, SyncPolicy.Always, segmentBytes: 1 << 20);
        var contents = new HashSet<string>(StringComparer.Ordinal);
        var last = 0;
        while (disk.ReadAll(Segment).Length < 64 << 10)
        {
            last = disk.ReadAll(Segment).Length;
            Set(book, contents.Count, 2000);
            contents.Add(KeyBook.ContentsOf(book.Keys));
        }

        var log = disk.ReadAll(Segment);
        var (refused, torn) = (0, 0);
        var damaged = new MemoryDisk();
        var step = Soak.Times(61, 1);
        for (var bit = 0; bit < log.Length * 8; bit += step)
        {
            log[bit / 8] ^= (byte)(1 << (bit % 8));
            damaged.Replace(Segment, log);
            log[bit / 8] ^= (byte)(1 << (bit % 8));
            switch (KeyBook.TryOpen(damaged, out var keys, SyncPolicy.Always))
            {
                case KeyStorageResult.Refused refusal:
                    Assert.Contains(Segment, refusal.Refusal, StringComparison.Ordinal);
                    refused++;
                    break;
                default:
                    // Only the last group's damage cannot be told from a write that never finished: nothing vouches for it.
                    Assert.True(bit / 8 >= last, $"bit {bit} was flipped and nobody noticed");
                    Assert.Contains(KeyBook.ContentsOf(keys), contents);
                    torn++;
                    break;
            }
        }

        Assert.Equal(((log.Length * 8) - 1) / step, refused + torn - 1);
        Assert.InRange(torn, 1, (log.Length - last) * 8);
    }

    [Fact]
    public void A_snapshot_with_any_byte_changed_or_missing_is_refused_by_name()
    {
        var book = WithSnapshot();
        var snapshot = book.Disk.ReadAll(SnapshotFiles.Current);
        for (var at = 0; at < snapshot.Length; at++)
        {
            snapshot[at] ^= 0x10;
            Refused(book.Disk.Clone(), snapshot);
            snapshot[at] ^= 0x10;
            Refused(book.Disk.Clone(), snapshot.AsSpan(0, at));
        }

        static void Refused(MemoryDisk disk, ReadOnlySpan<byte> snapshot)
        {
            disk.Replace(SnapshotFiles.Current, snapshot);
            var refusal = Assert.IsType<KeyStorageResult.Refused>(KeyBook.TryOpen(disk, out _, SyncPolicy.No)).Refusal;
            Assert.Contains(SnapshotFiles.Current, refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_log_without_the_snapshot_in_front_of_it_is_refused()
    {
        var book = WithSnapshot();
        book.Disk.Delete(SnapshotFiles.Current);

        var refusal = Assert.IsType<KeyStorageResult.Refused>(KeyBook.TryOpen(book.Disk, out _, SyncPolicy.No)).Refusal;

        Assert.Contains("begins at LSN", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_of_a_newer_version_is_refused_and_not_skipped()
    {
        var book = KeyBook.Open(new MemoryDisk());
        book.Log.Enter();
        book.Log.Effects.Begin(7, (Trefoil.KeyValue.Effects.EffectKind)255, "key"u8);
        book.Log.Exit();
        book.Log.Commit();

        var refusal = Assert.IsType<KeyStorageResult.Refused>(KeyBook.TryOpen(book.Disk, out _, SyncPolicy.No)).Refusal;

        Assert.Contains("LSN 1", refusal, StringComparison.Ordinal);
        Assert.Contains("newer version", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_too_long_for_one_record_takes_several_and_all_come_back()
    {
        var disk = new MemoryDisk();
        var keys = new Trefoil.KeyValue.Store.Keyspace();
        using (var wal = Assert.IsType<WalOpenResult.Opened>(
            Wal.Open(disk, KeyStorageOptions.LogDirectory, new WalOptions { RollsByItself = false }, (_, _, _) => { })).Wal)
        {
            var log = keys.Log = new KeyLog(wal, 1) { SplitBytes = 100 };
            var table = keys.Table(HashSlot.Of("{x}"u8));
            log.Enter();
            for (var i = 0; i < 20; i++)
            {
                table.SetString(Encoding.ASCII.GetBytes($"{{x}}{i}"), "a value of some length"u8, KeyedValue.NoExpiry);
            }

            log.Exit();
            log.Commit();
            Assert.InRange(log.LastLsn, 5UL, 10UL);
            Assert.Equal(log.LastLsn, table.LastLsn);
        }

        Assert.Equal(KeyBook.ContentsOf(keys), KeyBook.ContentsOf(KeyBook.Open(disk, segmentBytes: 1 << 20).Keys));
    }

    [Fact]
    public void A_log_switched_off_and_on_again_gives_no_number_twice()
    {
        var disk = new MemoryDisk();
        Set(KeyBook.Open(disk), 1, 10);
        var off = KeyBook.Open(disk, appendOnly: false);
        Set(off, 2, 10);
        Set(off, 3, 10);
        Snapshot(off);
        var contents = KeyBook.ContentsOf(off.Keys);

        var on = KeyBook.Open(disk);
        Assert.Equal(contents, KeyBook.ContentsOf(on.Keys));
        Set(on, 4, 10);
        contents = KeyBook.ContentsOf(on.Keys);

        Assert.Equal(4UL, on.Log.LastLsn);
        Assert.Equal(contents, KeyBook.ContentsOf(KeyBook.Open(disk).Keys));
    }

    private static KeyBook WithSnapshot()
    {
        var book = KeyBook.Open(new MemoryDisk());
        for (var i = 0; i < 30; i++)
        {
            Set(book, i, 40);
            book.Pump();
        }

        Snapshot(book);
        Assert.True(book.Disk.List(KeyStorageOptions.LogDirectory)[0] != "0000000000000001.wal", "the log was not trimmed");
        return book;
    }

    private static void Snapshot(KeyBook book)
    {
        Assert.True(book.Storage.Snapshots.TryStart(isRewrite: false, out var done));
        Assert.True(done.GetAwaiter().GetResult(), book.Storage.Snapshots.LastError);
    }

    private static void Set(KeyBook book, int number, int length)
    {
        var key = Encoding.ASCII.GetBytes($"key-{number}");
        var table = book.Keys.Table(HashSlot.Of(key));
        lock (table)
        {
            table.SetString(key, Encoding.ASCII.GetBytes(new string('v', length)), KeyedValue.NoExpiry);
        }

        book.Log.Commit();
    }
}

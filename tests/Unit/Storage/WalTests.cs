using System.Text;
using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Storage;

public class WalTests
{
    [Fact]
    public void Records_come_back_in_order_with_consecutive_lsns()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk);
        book.Write(sync: true, "a", "b");
        book.Write(sync: false, "c", "");
        Assert.Equal(2ul, book.Wal.DurableLsn);
        Assert.Equal(5ul, book.Wal.NextLsn);

        var again = LogBook.Open(disk);
        Assert.Equal(["a", "b", "c", ""], again.Records);
        Assert.Equal((1ul, 5ul, 0L), (again.Recovery.FirstLsn, again.Recovery.NextLsn, again.Recovery.TornBytes));
        Assert.Equal(4ul, again.Wal.DurableLsn);
    }

    [Fact]
    public void A_group_is_one_write_and_one_sync()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk);
        var (calls, syncs) = (disk.Calls, disk.Syncs);
        book.Write(sync: true, "a", "b", "c");
        Assert.Equal((2, 1), (disk.Calls - calls, disk.Syncs - syncs));
        book.Wal.Commit(sync: true);
        Assert.Equal((2, 1), (disk.Calls - calls, disk.Syncs - syncs));
    }

    [Fact]
    public void The_mark_of_the_last_commit_comes_back()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk);
        book.Wal.Append("a"u8);
        book.Wal.Commit(sync: true, mark: 17);
        book.Wal.Commit(sync: true, mark: 18); // nothing to write: not a reason to write
        Assert.Equal(17ul, LogBook.Open(disk).Recovery.Mark);
    }

    [Fact]
    public void A_truncated_suffix_is_replaced()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk);
        book.Write(sync: true, "a", "b", "c", "d");
        book.Wal.TruncateFrom(3);
        Assert.Equal((3ul, 2ul), (book.Wal.NextLsn, book.Wal.DurableLsn));
        book.Write(sync: true, "C");
        Assert.Equal(["a", "b", "C"], LogBook.Open(disk).Records);
    }

    [Fact]
    public void A_truncation_alone_is_durable_with_its_commit()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk);
        book.Write(sync: true, "a", "b", "c");
        book.Wal.TruncateFrom(1);
        book.Wal.Commit(sync: true);
        disk.Crash(new Prng(1), CrashMode.LoseAll);
        var again = LogBook.Open(disk);
        Assert.Empty(again.Records);
        Assert.Equal(1ul, again.Wal.NextLsn);
    }

    [Fact]
    public void Old_segments_are_dropped_as_whole_files()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk, segmentBytes: 300);
        for (var i = 1; i <= 20; i++)
        {
            book.Write(sync: true, $"record {i}");
        }

        Assert.True(book.Wal.SegmentCount > 4);
        book.Wal.DropBefore(12);
        Assert.InRange(book.Wal.FirstLsn, 2ul, 12ul);
        var again = LogBook.Open(disk, segmentBytes: 300);
        Assert.Equal(book.Wal.FirstLsn, again.Wal.FirstLsn);
        Assert.Equal("record 20", again.Records[^1]);
    }

    [Fact]
    public void A_segment_whose_records_were_overwritten_later_is_dropped_too()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk, segmentBytes: 200);
        for (var i = 1; i <= 10; i++)
        {
            book.Write(sync: true, $"old {i}");
        }

        book.Wal.TruncateFrom(2);
        book.Write(sync: true, "new 2", "new 3");
        book.Wal.DropBefore(2);
        var again = LogBook.Open(disk, segmentBytes: 200);
        Assert.Equal(["new 2", "new 3"], again.Records);
        Assert.Equal(2ul, again.Wal.FirstLsn);
        Assert.Equal(2ul, book.Wal.FirstLsn);
    }

    [Fact]
    public void A_segment_goes_only_once_what_voided_it_is_durable()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk, segmentBytes: 200);
        for (var i = 1; i <= 6; i++)
        {
            book.Write(sync: true, $"old {i}");
        }

        book.Wal.TruncateFrom(2);
        book.Write(sync: false, "new 2");
        var segments = book.Wal.SegmentCount;
        book.Wal.DropBefore(2);
        Assert.True(book.Wal.SegmentCount < segments);
        disk.Crash(new Prng(1), CrashMode.LoseAll);
        Assert.Equal(["new 2"], LogBook.Open(disk, segmentBytes: 200).Records.TakeLast(1));
    }

    [Fact]
    public void What_a_restart_read_from_the_page_cache_is_durable_before_it_is_used()
    {
        var disk = new MemoryDisk();
        LogBook.Open(disk).Write(sync: false, "a"); // the process dies, the kernel lives
        var again = LogBook.Open(disk);
        Assert.Equal(["a"], again.Records);
        Assert.Equal(1ul, again.Wal.DurableLsn);
        disk.Crash(new Prng(1), CrashMode.LoseAll);
        Assert.Equal(["a"], LogBook.Open(disk).Records);
    }

    [Fact]
    public void A_reset_restarts_the_log_elsewhere()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk);
        book.Write(sync: true, "a", "b");
        book.Wal.Append("waiting"u8);
        book.Wal.Reset(100);
        Assert.Equal((100ul, 100ul, 99ul, 1), (book.Wal.FirstLsn, book.Wal.NextLsn, book.Wal.DurableLsn, book.Wal.SegmentCount));
        book.Write(sync: true, "c");
        var again = LogBook.Open(disk);
        Assert.Equal(["c"], again.Records);
        Assert.Equal(100ul, again.Wal.FirstLsn);
    }

    [Fact]
    public void A_large_batch_is_handed_over_in_parts_and_comes_back_whole()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk);
        var texts = Enumerable.Range(0, 50).Select(i => new string((char)('a' + (i % 26)), 37 * i)).ToArray();
        var calls = disk.Calls;
        book.Write(sync: true, texts);
        Assert.True(disk.Calls - calls > 3);
        Assert.Equal(texts, LogBook.Open(disk).Records);
    }

    [Fact]
    public void Appending_allocates_nothing_per_record()
    {
        var book = LogBook.Open(new MemoryDisk(), segmentBytes: long.MaxValue);
        var record = Encoding.UTF8.GetBytes(new string('x', 20));
        void Batch()
        {
            for (var i = 0; i < 5; i++)
            {
                book.Wal.Append(record, record);
            }
        }

        Batch();
        book.Wal.Commit(sync: false);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Batch();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void After_a_failed_sync_the_log_refuses_everything_and_nobody_retries()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk);
        book.Write(sync: true, "a");
        book.Wal.Append("b"u8);
        disk.FailAt(1);
        Assert.Throws<DiskFailure>(() => book.Wal.Commit(sync: true));
        var syncs = disk.Syncs;
        Assert.Throws<DiskFailure>(() => book.Wal.Commit(sync: true));
        Assert.Throws<DiskFailure>(() => book.Wal.Append("c"u8));
        Assert.Throws<DiskFailure>(() => book.Wal.TruncateFrom(1));
        Assert.Throws<DiskFailure>(() => book.Wal.DropBefore(9));
        Assert.Throws<DiskFailure>(() => book.Wal.Reset(9));
        Assert.Throws<DiskFailure>(() => book.Wal.Seal(9));
        Assert.Equal(syncs, disk.Syncs);

        disk.Crash(new Prng(1), CrashMode.KeepAll);
        Assert.Equal(["a"], LogBook.Open(disk).Records);
    }

    [Fact]
    public void The_checksum_is_crc32c() => Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));

    [Fact]
    public void The_log_works_on_the_real_disk()
    {
        var root = Directory.CreateTempSubdirectory("trefoil-wal");
        try
        {
            var disk = new FileDisk(root.FullName);
            var book = LogBook.Open(disk, segmentBytes: 200);
            book.Write(sync: true, "a", "b");
            book.Write(sync: true, new string('c', 200));
            book.Write(sync: true, "d");
            book.Wal.TruncateFrom(4);
            book.Write(sync: true, "D");
            book.Wal.DropBefore(4);
            book.Wal.Dispose();
            var again = LogBook.Open(disk, segmentBytes: 200);
            Assert.Equal(["D"], again.Records.TakeLast(1));
            Assert.True(again.Wal.FirstLsn > 1);
            again.Wal.Dispose();
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}

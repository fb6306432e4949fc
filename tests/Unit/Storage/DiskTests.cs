using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Storage;

public class DiskTests
{
    [Fact]
    public void The_forgetful_disk_forgets_what_was_not_synced()
    {
        var disk = new MemoryDisk();
        using (var file = disk.Open("d/a", create: true))
        {
            file.Write(0, "one"u8);
            file.Sync();
            disk.SyncDirectory("d");
            file.Write(3, "two"u8);
            Assert.Equal(6, file.Length);
        }

        disk.Open("d/b", create: true).Sync();
        var kept = disk.Clone();
        kept.Crash(new Prng(1), CrashMode.KeepAll);
        Assert.Equal("onetwo"u8.ToArray(), kept.ReadAll("d/a"));
        Assert.Equal(["a", "b"], kept.List("d"));
        disk.Crash(new Prng(1), CrashMode.LoseAll);
        Assert.Equal("one"u8.ToArray(), disk.ReadAll("d/a"));
        Assert.Equal(["a"], disk.List("d")); // synced content, unsynced name
    }

    [Fact]
    public void A_torn_write_keeps_whole_sectors()
    {
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        for (var seed = 0ul; seed < 60; seed++)
        {
            var disk = new MemoryDisk();
            var file = disk.Open("a", create: true);
            file.Write(0, new byte[1024]);
            file.Sync();
            disk.SyncDirectory("");
            file.Write(256, Enumerable.Repeat((byte)1, 512).ToArray());
            disk.Crash(new Prng(seed), CrashMode.Tear);
            var bytes = disk.ReadAll("a");
            outcomes.Add($"{bytes[256..512].Sum(b => b)} {bytes[512..768].Sum(b => b)}");
            Assert.Throws<ObjectDisposedException>(() => file.Length);
        }

        Assert.Equal(["0 0", "0 256", "256 0", "256 256"], outcomes);
    }

    [Fact]
    public void A_rename_needs_its_directory_synced()
    {
        var disk = new MemoryDisk();
        disk.Replace("d/old", "x"u8);
        disk.Rename("d/old", "d/new");
        var lost = disk.Clone();
        lost.Crash(new Prng(1), CrashMode.LoseAll);
        Assert.Equal(["old"], lost.List("d"));
        disk.SyncDirectory("d");
        disk.Crash(new Prng(1), CrashMode.LoseAll);
        Assert.Equal(["new"], disk.List("d"));
    }

    [Fact]
    public void A_failed_sync_loses_the_pages_and_the_next_one_lies()
    {
        var disk = new MemoryDisk();
        disk.Replace("a", "old"u8);
        var file = disk.Open("a", create: false);
        file.Write(0, "new"u8);
        disk.FailAt(0);
        Assert.Throws<DiskFailure>(file.Sync);
        file.Sync();
        disk.Crash(new Prng(1), CrashMode.KeepAll);
        Assert.Equal("old"u8.ToArray(), disk.ReadAll("a"));
    }

    [Fact]
    public void An_atomic_file_is_old_or_new_after_an_error_at_any_call()
    {
        for (var call = 0; call < 8; call++)
        {
            foreach (var mode in Enum.GetValues<CrashMode>())
            {
                var disk = new MemoryDisk();
                AtomicFile.Write(disk, "d/state", "old"u8);
                disk.FailAt(call);
                var failed = false;
                try
                {
                    AtomicFile.Write(disk, "d/state", new byte[2000]);
                }
                catch (IOException)
                {
                    failed = true;
                }

                disk.Crash(new Prng((ulong)call), mode);
                var found = Assert.IsType<AtomicFileResult.Found>(AtomicFile.Read(disk, "d/state"));
                Assert.True(found.Content.Length == 2000 || (failed && found.Content.Length == 3));
            }
        }
    }

    [Fact]
    public void An_atomic_file_says_missing_and_corrupt()
    {
        var disk = new MemoryDisk();
        Assert.IsType<AtomicFileResult.Missing>(AtomicFile.Read(disk, "state"));
        AtomicFile.Write(disk, "state", "content"u8);
        var whole = disk.ReadAll("state");
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            disk.Replace("state", damaged);
            Assert.IsType<AtomicFileResult.Corrupt>(AtomicFile.Read(disk, "state"));
        }
    }

    [Fact]
    public void The_real_disk_does_what_the_forgetful_one_does()
    {
        var root = Directory.CreateTempSubdirectory("trefoil-disk");
        try
        {
            foreach (var disk in new IDisk[] { new MemoryDisk(), new FileDisk(root.FullName) })
            {
                disk.CreateDirectory("wal/raft");
                using (var file = disk.Open("wal/raft/b", create: true))
                {
                    file.Write(2, "xyz"u8);
                    file.Truncate(4);
                    file.Sync();
                    var bytes = new byte[10];
                    Assert.Equal(4, file.Read(0, bytes));
                    Assert.Equal("\0\0xy"u8.ToArray(), bytes[..4]);
                    Assert.Equal(0, file.Read(9, bytes));
                }

                disk.Open("wal/raft/a", create: true).Dispose();
                disk.Rename("wal/raft/a", "wal/raft/c");
                disk.SyncDirectory("wal/raft");
                Assert.Equal(["b", "c"], disk.List("wal/raft"));
                disk.Delete("wal/raft/b");
                disk.Delete("wal/raft/b");
                Assert.False(disk.Exists("wal/raft/b"));
                Assert.Empty(disk.List("nowhere"));
                Assert.Throws<FileNotFoundException>(() => disk.Open("wal/raft/b", create: false));
            }

            Assert.Throws<ArgumentException>(() => new FileDisk(root.FullName).Exists("../x"));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_second_lock_on_a_directory_is_refused_with_a_name()
    {
        var root = Directory.CreateTempSubdirectory("trefoil-lock");
        try
        {
            var first = DirectoryLock.TryAcquire(root.FullName, out _);
            Assert.NotNull(first);
            Assert.Null(DirectoryLock.TryAcquire(root.FullName, out var refusal));
            Assert.Contains($"pid {Environment.ProcessId}", refusal, StringComparison.Ordinal);
            Assert.Contains(root.FullName, refusal, StringComparison.Ordinal);
            first.Dispose();
            using var second = DirectoryLock.TryAcquire(root.FullName, out _);
            Assert.NotNull(second);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}

using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Storage;

/// <summary>The disk that forgets misbehaves as real ones do: full, worn, and silent about what a failed sync lost.</summary>
public sealed class MemoryDiskFaultTests
{
    private readonly MemoryDisk _disk = new();

    [Fact]
    public void A_full_disk_refuses_new_files_and_growth_and_takes_the_rest()
    {
        using var file = _disk.Open("old", create: true);
        file.Write(0, [1, 2, 3, 4]);
        _disk.IsFull = true;

        file.Write(1, [9, 9]);
        Assert.Throws<IOException>(() => file.Write(3, [7, 7, 7]));
        Assert.Throws<IOException>(() => _disk.Open("new", create: true));
        Assert.IsNotType<DiskFailure>(Record.Exception(() => file.Write(4, [7])));
        file.Sync();
        _disk.Rename("old", "older");

        Assert.Equal([1, 9, 9, 7], _disk.ReadAll("older"));
        Assert.Equal(3, _disk.Refused);
        _disk.IsFull = false;
        file.Write(4, [5]);
        Assert.Equal([1, 9, 9, 7, 5], _disk.ReadAll("older"));
    }

    [Fact]
    public void Whoever_goes_on_with_a_file_after_a_failed_sync_is_counted()
    {
        using var file = _disk.Open("file", create: true);
        file.Write(0, [1]);
        _disk.FailAt(0);
        Assert.Throws<DiskFailure>(file.Sync);
        Assert.Equal(0, _disk.UsesAfterFailedSync);

        file.Write(1, [2]);
        file.Sync();

        Assert.Equal(2, _disk.UsesAfterFailedSync);
    }

    [Fact]
    public void Whoever_gives_the_content_up_after_a_failed_sync_may_begin_anew()
    {
        using var file = _disk.Open("file", create: true);
        file.Write(0, [1]);
        _disk.FailAt(0);
        Assert.Throws<DiskFailure>(file.Sync);

        file.Truncate(0);
        file.Write(0, [2]);
        file.Sync();

        Assert.Equal(0, _disk.UsesAfterFailedSync);
    }

    [Fact]
    public void A_bit_turns_in_what_is_durable_and_in_nothing_else()
    {
        using (var file = _disk.Open("file", create: true))
        {
            file.Write(0, [0, 0]);
            file.Sync();
            _disk.SyncDirectory("");
            file.Write(2, [0]);
        }

        Assert.Equal([("file", 2L)], _disk.DurableFiles());
        _disk.FlipBit("file", 9);
        Assert.Throws<ArgumentException>(() => _disk.FlipBit("file", 16));
        Assert.Equal([0, 2, 0], _disk.ReadAll("file"));

        _disk.Crash(new Prng(1), CrashMode.LoseAll);

        Assert.Equal([0, 2], _disk.ReadAll("file"));
    }
}

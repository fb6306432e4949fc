using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Storage;

/// <summary>Correctness, section 4: a bad record at or below a known durable one is corruption, beyond it a torn tail.</summary>
public class WalFaultTests
{
    private const string FirstSegment = LogBook.Directory + "/0000000000000001.wal";

    [Fact]
    public void A_torn_tail_is_truncated_and_said()
    {
        var disk = Written(sync: true, groups: 3);
        var whole = disk.ReadAll(FirstSegment);
        disk.Replace(FirstSegment, whole.AsSpan(0, whole.Length - 1));
        var book = LogBook.Open(disk);
        Assert.Equal(["group 0", "group 1"], book.Records);
        Assert.Equal($"{FirstSegment} at offset {whole.Length - 64 - 11}", book.Recovery.TornAt);
        Assert.Equal(64 + 11 - 1, book.Recovery.TornBytes);
        Assert.Equal(0, LogBook.Open(disk).Recovery.TornBytes);
    }

    [Fact]
    public void A_bad_record_that_a_later_group_names_durable_is_corruption()
    {
        var disk = Written(sync: true, groups: 3);
        Damage(disk, FirstSegment, 48 + 64 + 5);
        Assert.Null(LogBook.TryOpen(disk, out var refusal));
        Assert.Contains(FirstSegment, refusal, StringComparison.Ordinal);
        Assert.Contains("offset 48:", refusal, StringComparison.Ordinal);
        Assert.Contains("restore this node from a replica", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_record_that_nothing_names_durable_is_a_torn_tail_even_before_whole_groups()
    {
        var disk = Written(sync: false, groups: 3);
        Damage(disk, FirstSegment, 48 + 64 + 11 + 64 + 5); // the second group; the third is whole
        var book = LogBook.Open(disk);
        Assert.Equal(["group 0"], book.Records);
        Assert.Equal(2 * (64 + 11), book.Recovery.TornBytes);
    }

    [Fact]
    public void Damage_to_a_sealed_log_is_always_corruption()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk);
        book.Write(sync: false, "a", "b");
        book.Wal.Seal(2);
        Damage(disk, FirstSegment, 48 + 70);
        Assert.Null(LogBook.TryOpen(disk, out _));
    }

    [Fact]
    public void A_missing_segment_is_corruption()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk, segmentBytes: 100);
        for (var i = 0; i < 6; i++)
        {
            book.Write(sync: true, $"group {i}");
        }

        disk.Delete($"{LogBook.Directory}/{disk.List(LogBook.Directory)[2]}");
        Assert.Null(LogBook.TryOpen(disk, out var refusal));
        Assert.Contains("missing", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_in_an_older_segment_is_corruption_even_if_the_newest_is_only_begun()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk, segmentBytes: 100);
        book.Write(sync: true, "a", "b");
        disk.Replace($"{LogBook.Directory}/0000000000000002.wal", []);
        Damage(disk, FirstSegment, 48 + 70);
        Assert.Null(LogBook.TryOpen(disk, out _));
    }

    [Fact]
    public void A_segment_whose_creation_was_cut_short_is_removed()
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk, segmentBytes: 100);
        book.Write(sync: true, "a", "b");
        disk.Replace($"{LogBook.Directory}/0000000000000002.wal", new byte[20]);
        var again = LogBook.Open(disk, segmentBytes: 100);
        Assert.Equal(["a", "b"], again.Records);
        again.Write(sync: true, "c");
        again.Write(sync: true, "d");
        Assert.Equal(["a", "b", "c", "d"], LogBook.Open(disk, segmentBytes: 100).Records);
    }

    [Fact]
    public void A_group_inside_a_record_proves_nothing()
    {
        // The bytes of a synced log, stored as a record of another one that is then torn.
        var inner = Written(sync: true, groups: 3).ReadAll(FirstSegment);
        var disk = new MemoryDisk();
        var opened = (WalOpenResult.Opened)Wal.Open(disk, LogBook.Directory, new WalOptions { Salt = 99 }, (_, _, _) => { });
        opened.Wal.Append(inner);
        opened.Wal.Commit(sync: true);
        Damage(disk, FirstSegment, 48);
        Assert.NotNull(LogBook.TryOpen(disk, out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cut_at_every_byte_of_the_last_three_groups_the_log_keeps_the_right_prefix(bool sync)
    {
        var original = Written(sync, groups: 6);
        var whole = original.ReadAll(FirstSegment);
        const int group = 64 + 11;
        for (var length = whole.Length - (3 * group); length < whole.Length; length++)
        {
            var disk = original.Clone();
            disk.Replace(FirstSegment, whole.AsSpan(0, length));
            var kept = (length - 48) / group;
            var book = LogBook.Open(disk);
            Assert.Equal(Enumerable.Range(0, kept).Select(i => $"group {i}"), book.Records);
            Assert.Equal((length - 48) % group, book.Recovery.TornBytes);
            book.Write(sync: true, "next");
            Assert.Equal("next", LogBook.Open(disk).Records[^1]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_flipped_bit_is_said_or_refused(bool sync)
    {
        var original = new MemoryDisk();
        var book = LogBook.Open(original, segmentBytes: 250);
        book.Write(sync, "a", "bb");
        book.Write(sync, "ccc");
        book.Write(sync, "dddd"); // rolls
        book.Wal.TruncateFrom(3);
        book.Write(sync, "CCC", "DDD");
        book.Write(sync, "e");
        string[] expected = ["a", "bb", "CCC", "DDD", "e"];
        Assert.Equal(expected, LogBook.Open(original.Clone(), 250).Records);
        var (torn, refused) = (0, 0);
        foreach (var name in original.List(LogBook.Directory))
        {
            var path = $"{LogBook.Directory}/{name}";
            var bytes = original.ReadAll(path);
            for (var bit = 0; bit < bytes.Length * 8; bit++)
            {
                var disk = original.Clone();
                var damaged = (byte[])bytes.Clone();
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                disk.Replace(path, damaged);
                if (LogBook.TryOpen(disk, out var refusal, 250) is { } opened)
                {
                    Assert.True(opened.Recovery.TornBytes > 0);
                    AssertPrefixOfHistory(opened.Records);
                    torn++;
                }
                else
                {
                    Assert.Contains(path, refusal, StringComparison.Ordinal);
                    refused++;
                }
            }
        }

        Assert.True(refused > 0 && torn > 0);
    }

    [Fact]
    public void Random_bytes_are_never_a_log_and_never_throw()
    {
        var random = new Prng(7);
        for (var round = 0; round < 500; round++)
        {
            var disk = new MemoryDisk();
            var bytes = new byte[random.Below(400)];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)random.Next();
            }

            disk.Replace(FirstSegment, bytes);
            if (LogBook.TryOpen(disk, out _) is { } book)
            {
                Assert.Empty(book.Records);
                Assert.True(bytes.Length <= 48);
            }
        }
    }

    /// <summary>The states the flipped log went through, one per group: only these may come back.</summary>
    private static void AssertPrefixOfHistory(List<string> records)
    {
        string[] history = ["", "a bb", "a bb ccc", "a bb ccc dddd", "a bb CCC DDD", "a bb CCC DDD e"];
        Assert.Contains(string.Join(' ', records), history);
    }

    private static MemoryDisk Written(bool sync, int groups)
    {
        var disk = new MemoryDisk();
        var book = LogBook.Open(disk);
        for (var i = 0; i < groups; i++)
        {
            book.Write(sync, $"group {i}");
        }

        return disk;
    }

    private static void Damage(MemoryDisk disk, string path, int offset)
    {
        var bytes = disk.ReadAll(path);
        bytes[offset] ^= 0x10;
        disk.Replace(path, bytes);
    }
}

using System.Text;
using Trefoil.Primitives;
using Trefoil.Storage.Ordered;
using Xunit;

namespace Trefoil.Unit.Storage.Ordered;

/// <summary>What every ordered store promises.</summary>
public class OrderedStoreTests
{
    public static TheoryData<string> Kinds => StoreUnderTest.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_value_is_found_under_its_key_and_no_other(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        test.Put("a=1", "ab=2", "empty=");

        Assert.Equal(("1", "2", ""), (test.Get("a"), test.Get("ab"), test.Get("empty")));
        Assert.Null(test.Get("b"));
        Assert.Null(test.Get("abc"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_last_change_of_a_key_in_a_batch_counts(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        var batch = new OrderedBatch();
        batch.Put("a"u8, "1"u8);
        batch.Put("a"u8, "2"u8);
        batch.Delete("b"u8);
        batch.Put("b"u8, "3"u8);
        batch.Put("c"u8, "4"u8);
        batch.Delete("c"u8);
        test.Store.Write(batch);

        Assert.Equal("a=2 b=3", test.Scan());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Scans_are_ordered_by_unsigned_bytes_with_prefixes_first(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        test.Put("b=1", "a\u00ff=2", "a\u0000=3", "a=4", "\u0000=5", "\u00ff=6", "a\u007f=7", "a\u0080=8");

        Assert.Equal("\u0000=5 a=4 a\u0000=3 a\u007f=7 a\u0080=8 a\u00ff=2 b=1 \u00ff=6", test.Scan());
        Assert.Equal("\u00ff=6 b=1 a\u00ff=2 a\u0080=8 a\u007f=7 a\u0000=3 a=4 \u0000=5", test.Scan(reverse: true));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_lower_bound_belongs_to_a_scan_and_the_upper_does_not(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        test.Put("a=1", "b=2", "c=3", "d=4");

        Assert.Equal("b=2 c=3", test.Scan("b", "d"));
        Assert.Equal("c=3 b=2", test.Scan("b", "d", reverse: true));
        Assert.Equal("c=3 d=4", test.Scan("bb"));
        Assert.Equal("b=2 a=1", test.Scan("", "bb", reverse: true));
        Assert.Equal("", test.Scan("x"));
        Assert.Equal("", test.Scan("c", "b"));
        Assert.Equal("", test.Scan("c", "b", reverse: true));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_cursor_goes_on_from_the_key_it_is_set_to(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        test.Put("a=1", "b=2", "c=3", "d=4", "e=5");

        using var forward = test.Store.Scan("b"u8, "e"u8);
        Assert.True(forward.MoveNext());
        forward.Seek("bb"u8);
        Assert.Equal("c=3 d=4", StoreUnderTest.Rest(forward));
        forward.Seek("d"u8);
        Assert.Equal("d=4", StoreUnderTest.Rest(forward));

        using var backward = test.Store.Scan("b"u8, "e"u8, reverse: true);
        backward.Seek("d"u8);
        Assert.Equal("c=3 b=2", StoreUnderTest.Rest(backward));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_cursor_and_a_snapshot_do_not_see_what_is_written_later(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        test.Put("a=1", "c=3");
        using var cursor = test.Store.Scan(default, default);
        using var snapshot = test.Store.Snapshot();
        var batch = new OrderedBatch();
        batch.Put("b"u8, "2"u8);
        batch.Put("a"u8, "9"u8);
        batch.Delete("c"u8);
        test.Store.Write(batch);

        Assert.Equal("a=1 c=3", StoreUnderTest.Rest(cursor));
        Assert.Equal("a=1 c=3", StoreUnderTest.Scan(snapshot));
        Assert.Equal(("1", null), (StoreUnderTest.Get(snapshot, "a"), StoreUnderTest.Get(snapshot, "b")));
        Assert.Equal("a=9 b=2", test.Scan());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_marker_goes_with_its_batch_and_survives_once_flushed(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        Assert.Equal((0ul, 0ul), (test.Store.AppliedLsn, test.Store.FlushedLsn));

        Write(test, "a", 7);
        Assert.Equal((7ul, 0ul), (test.Store.AppliedLsn, test.Store.FlushedLsn));
        test.Store.Flush();
        Assert.Equal((7ul, 7ul), (test.Store.AppliedLsn, test.Store.FlushedLsn));

        Write(test, "b", 9);
        test.Put("c=3");
        Assert.Equal((9ul, 7ul), (test.Store.AppliedLsn, test.Store.FlushedLsn));

        test.Crash();
        Assert.Equal((7ul, 7ul), (test.Store.AppliedLsn, test.Store.FlushedLsn));
        Assert.Equal("a=7", test.Scan());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_store_that_is_closed_after_a_flush_comes_back_whole(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        Write(test, "a", 3);
        test.Store.Flush();
        test.Reopen();

        Assert.Equal(("a=3", 3ul, 3ul), (test.Scan(), test.Store.AppliedLsn, test.Store.FlushedLsn));
        Write(test, "b", 4);
        Assert.Equal("a=3 b=4", test.Scan());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_marker_is_no_pair_of_any_scan(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        Write(test, "a", 1);

        Assert.Equal("a=1", test.Scan());
        Assert.Equal("a=1", test.Scan(reverse: true));
        using var backward = test.Store.Scan(default, default, reverse: true);
        backward.Seek("a"u8);
        Assert.False(backward.MoveNext());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_batch_that_is_behind_the_log_is_misuse_and_changes_nothing(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        Write(test, "a", 5);

        Assert.Throws<InvalidOperationException>(() => Write(test, "b", 5));
        Assert.Equal("a=5", test.Scan());
    }

    [Fact]
    public void An_empty_key_is_misuse()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new OrderedBatch().Put(default, "1"u8));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OrderedBatch().Delete(default));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_batch_is_used_again_after_Clear(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        var batch = new OrderedBatch { AppliedLsn = 1 };
        batch.Put("a"u8, "1"u8);
        test.Store.Write(batch);
        batch.Clear();
        Assert.Equal((0, 0, 0ul), (batch.Count, batch.Bytes, batch.AppliedLsn));
        batch.Put("b"u8, "2"u8);
        test.Store.Write(batch);

        Assert.Equal(("a=1 b=2", 1ul), (test.Scan(), test.Store.AppliedLsn));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Keys_and_values_of_every_length_come_back(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        int[] lengths = [1, 127, 128, 129, 16383, 16384, 70000, 3 << 20];
        var batch = new OrderedBatch { AppliedLsn = 1 };
        foreach (var length in lengths)
        {
            batch.Put(Noise(length, Math.Min(length, 20000)), Noise(length, length));
        }

        test.Store.Write(batch);
        test.Store.Flush();
        test.Crash();

        foreach (var length in lengths)
        {
            var value = new ByteWriter();
            Assert.True(test.Store.TryGet(Noise(length, Math.Min(length, 20000)), value));
            Assert.True(value.Written.SequenceEqual(Noise(length, length)));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Sizes_tell_much_from_little(string kind)
    {
        using var test = StoreUnderTest.Open(kind);
        var batch = new OrderedBatch();
        for (var i = 0; i < 2000; i++)
        {
            batch.Put([(byte)(i % 10 == 0 ? 'a' : 'b'), (byte)(i >> 8), (byte)i], Noise(i, 1000));
        }

        test.Store.Write(batch);
        test.Store.Flush();

        var (few, many) = (test.Store.ApproximateBytes("a"u8, "b"u8), test.Store.ApproximateBytes("b"u8, default));
        Assert.InRange(few, 100_000, 400_000);
        Assert.InRange(many, 1_500_000, 2_200_000);
    }

    private static byte[] Noise(int seed, int length)
    {
        var random = new Prng((ulong)seed);
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)random.Next();
        }

        return bytes;
    }

    private static void Write(StoreUnderTest test, string key, ulong lsn)
    {
        var batch = new OrderedBatch { AppliedLsn = lsn };
        batch.Put(Encoding.Latin1.GetBytes(key), Encoding.Latin1.GetBytes($"{lsn}"));
        test.Store.Write(batch);
    }
}

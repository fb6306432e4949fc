using System.Buffers.Binary;
using Trefoil.KeyValue.Replication;
using Trefoil.Primitives;
using Trefoil.Replication;
using Xunit;

namespace Trefoil.Unit.KeyValue.Replication;

public sealed class BacklogTests
{
    [Fact]
    public void What_was_appended_is_read_from_any_record_in_pieces_of_any_length()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            var random = new Prng(seed);
            var backlog = new Backlog(5, limitBytes: 1 << 20);
            var framed = new List<byte>();
            var starts = new List<int>();
            for (var lsn = 5UL; lsn < 300; lsn++)
            {
                var record = new byte[random.Below(10) == 0 ? random.Below(300_000) : random.Below(60)];
                Array.Fill(record, (byte)lsn);
                backlog.Append(lsn, record);
                starts.Add(framed.Count);
                framed.AddRange(BitConverter.GetBytes(record.Length));
                framed.AddRange(record);
            }

            var first = backlog.FirstLsn;
            var cursor = new LogCursor(first + (ulong)random.Below((int)(300 - first)), 0);
            var expected = framed.Skip(starts[(int)cursor.Lsn - 5]).ToArray();
            var read = new ByteWriter();
            while (backlog.Read(cursor, 299, 1 + random.Below(100_000), read) is var next && next != cursor)
            {
                cursor = next;
            }

            Assert.Equal(new LogCursor(300, 0), cursor);
            Assert.True(read.Written.SequenceEqual(expected));
        }
    }

    [Fact]
    public void Nothing_beyond_the_last_record_asked_for_is_given()
    {
        var backlog = Filled(1, 10, limit: 1 << 20);
        var read = new ByteWriter();
        Assert.Equal(new LogCursor(8, 0), backlog.Read(new LogCursor(3, 0), 7, 1 << 20, read));
        Assert.Equal(5 * Framed, read.Length);
        Assert.Equal(new LogCursor(11, 0), backlog.Read(new LogCursor(11, 0), ulong.MaxValue, 100, read));
    }

    [Fact]
    public void The_oldest_go_and_what_stays_is_at_least_the_limit()
    {
        var backlog = Filled(1, 3000, limit: 100_000);
        Assert.InRange(backlog.Bytes, 100_000, 115_000);
        Assert.InRange(backlog.FirstLsn, 2UL, 3000UL);
        var read = new ByteWriter();
        var gone = new LogCursor(backlog.FirstLsn - 1, 0);
        Assert.Equal(gone, backlog.Read(gone, 3000, 100, read));
    }

    [Fact]
    public void A_transfer_keeps_what_it_needs_up_to_four_times_the_limit()
    {
        var backlog = Filled(1, 10, limit: 100_000);
        backlog.Pin(1, 5);
        Fill(backlog, 11, 3000);
        Assert.Equal(1UL, backlog.FirstLsn);
        Fill(backlog, 3001, 9000);
        Assert.InRange(backlog.Bytes, 400_000, 415_000);
        Assert.InRange(backlog.FirstLsn, 6UL, 9000UL);
        backlog.Unpin(1);
        Assert.InRange(backlog.Bytes, 100_000, 115_000);
    }

    [Fact]
    public void A_record_longer_than_the_limit_is_still_given()
    {
        var backlog = new Backlog(1, limitBytes: 1000);
        backlog.Append(1, new byte[100]);
        backlog.Append(2, new byte[3 << 20]);
        var read = new ByteWriter();
        Assert.Equal(new LogCursor(3, 0), backlog.Read(new LogCursor(2, 0), 2, int.MaxValue, read));
        Assert.Equal(3u << 20, BinaryPrimitives.ReadUInt32LittleEndian(read.Written));
    }

    private const int Framed = 104;

    private static Backlog Filled(ulong first, ulong last, long limit)
    {
        var backlog = new Backlog(first, limit);
        Fill(backlog, first, last);
        return backlog;
    }

    private static void Fill(Backlog backlog, ulong first, ulong last)
    {
        for (var lsn = first; lsn <= last; lsn++)
        {
            backlog.Append(lsn, new byte[Framed - sizeof(uint)]);
        }
    }
}

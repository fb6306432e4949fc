using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Storage;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.KeyValue.Replication;

/// <summary>A replica hides what has expired and removes nothing but by its primary's records.</summary>
public sealed class FollowingTests
{
    private static readonly ClusterId Cluster = new(7, 7);
    private static readonly byte[] Key = "k"u8.ToArray();

    [Fact]
    public void An_expired_key_hides_on_a_replica_until_its_primary_says_that_it_is_gone()
    {
        var clock = new FakeClock();
        using var primary = Copy.Open(new MemoryDisk(), clock);
        using var replica = Copy.Open(new MemoryDisk(), clock);
        primary.Lead(Cluster, 1);
        primary.Session.Call("SET", "k", "v", "PX", "100");
        var pipe = new Pipe(new Prng(1)) { IsBad = false };
        primary.Server.CommitLog();
        pipe.CatchUp(primary, replica);
        clock.Advance(TimeSpan.FromMilliseconds(100));
        var (table, now) = (replica.Keys.Table(HashSlot.Of(Key)), replica.Server.NowMs);
        lock (table)
        {
            Assert.False(table.Find(Key, now).Exists || table.Read(Key, now).Exists || table.Peek(Key, now).Exists || table.Look(Key, now).Exists);
            Assert.False(table.Contains(Key, now));
            Assert.Equal(0, table.RemoveExpired(now, int.MaxValue));
        }

        var seen = new List<string>();
        replica.Keys.VisitAll(now, entry => seen.Add(Encoding.Latin1.GetString(entry.Key)));
        Assert.Empty(seen);
        Assert.Equal(0, replica.Keys.ExpireCycle(now, TimeSpan.FromSeconds(1)));
        Assert.False(replica.Keys.EvictOne(EvictionPolicy.AllKeysLru, 5));
        Assert.False(replica.Keys.EvictOne(EvictionPolicy.AllKeysRandom, 5));
        Assert.False(replica.Keys.EvictOne(EvictionPolicy.VolatileTtl, 5));
        replica.Keys.Clear();
        Assert.Equal(1, replica.Keys.Count);
        Assert.Equal(primary.Replica.LastLsn, replica.Replica.LastLsn);

        Assert.Equal(1, primary.Keys.ExpireCycle(now, TimeSpan.FromSeconds(1)));
        primary.Server.CommitLog();
        pipe.CatchUp(primary, replica);
        Assert.Equal(0, replica.Keys.Count);
    }

    [Fact]
    public void A_new_primary_removes_what_had_expired_while_it_followed()
    {
        var clock = new FakeClock();
        using var copy = Copy.Open(new MemoryDisk(), clock);
        copy.Lead(Cluster, 1);
        copy.Session.Call("SET", "k", "v", "PX", "100");
        copy.Replica.Follow();
        clock.Advance(TimeSpan.FromSeconds(1));
        copy.Server.Tick();
        Assert.Equal(1, copy.Keys.Count);
        copy.Lead(Cluster, 2);
        copy.Server.Tick();
        Assert.Equal(0, copy.Keys.Count);
        Assert.Equal([(1UL, 1UL), (2UL, 3UL)], copy.Replica.History.Entries.Select(entry => (entry.Epoch, entry.FirstLsn)));
        Assert.Equal(4UL, copy.Replica.LastLsn);
    }

    [Fact]
    public void A_record_that_is_not_the_next_one_and_one_of_an_unknown_kind_are_not_taken()
    {
        using var copy = Copy.Open(new MemoryDisk());
        Assert.Throws<InvalidOperationException>(() => copy.Replica.Append(2, [1, 0, 5, 2, 65]));
        Assert.False(copy.Replica.Append(1, [1, 0, 200, 2, 65]));
        Assert.False(copy.Replica.Append(1, [253, 255]));
        Assert.Equal(0UL, copy.Replica.LastLsn);
        copy.Lead(Cluster, 1);
        Assert.Throws<InvalidOperationException>(() => copy.Replica.Append(2, [1, 0, 5, 2, 65]));
    }

    [Fact]
    public void Without_a_change_of_epoch_a_restart_leaves_log_and_history_as_they_were()
    {
        var disk = new MemoryDisk();
        string history;
        using (var copy = Copy.Open(disk))
        {
            copy.Lead(Cluster, 1);
            copy.Session.Call("SET", "k", "v");
            copy.Lead(Cluster, 5);
            Assert.True(copy.Storage.Snapshots.TryStart(isRewrite: false, out var saved) && Ended(saved));
            copy.Lead(Cluster, 9);
            copy.Server.CommitLog();
            history = copy.Replica.History.ToString();
        }

        disk.Crash(new Prng(1), CrashMode.KeepAll);
        using var again = Copy.Open(disk);
        Assert.Equal(history, again.Replica.History.ToString());
        Assert.Equal(4UL, again.Replica.LastLsn);
        Assert.True(again.Keys.IsFollowing);
    }

    private static bool Ended(Task<bool> saved) => saved.Result;
}

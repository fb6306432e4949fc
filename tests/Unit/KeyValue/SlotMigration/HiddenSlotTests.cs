using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;
using Trefoil.Unit.KeyValue.Replication;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.SlotMigration;

/// <summary>Keys that are here and not this node's: nobody sees them, and nothing happens to them.</summary>
public sealed class HiddenSlotTests
{
    [Fact]
    public void A_key_is_seen_at_one_end_only_whatever_is_at_the_other()
    {
        using var shards = new TwoShards();
        var (source, target) = (shards.Source, shards.Target);
        source.Session.Call("MSET", "{a}1", "1", "{a}2", "2");
        source.Session.Call("SET", "{a}t", "1", "PX", "100");
        source.Session.Call("SET", "b", "1");
        source.Server.CommitLog();
        shards.Begin(TwoShards.SlotsOf("a"));
        var copied = shards.CopyAll(() => { });
        Sees(source, 4);
        Sees(target, 0);
        Assert.Equal(3, target.Keys.TotalCount);
        shards.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, target.Keys.ExpireCycle(target.Server.NowMs, TimeSpan.FromSeconds(10)));
        foreach (var policy in new[] { EvictionPolicy.AllKeysLru, EvictionPolicy.AllKeysRandom, EvictionPolicy.VolatileTtl, EvictionPolicy.VolatileRandom })
        {
            Assert.False(target.Keys.EvictOne(policy, 5));
        }

        shards.Freeze(copied);
        shards.Complete();
        shards.From.Thaw(shards.Record.Ranges);
        Sees(source, 1);
        Sees(target, 3);
        Assert.Equal(1, target.Keys.ExpireCycle(target.Server.NowMs, TimeSpan.FromSeconds(10)));
        Assert.Equal(4, source.Keys.TotalCount);
        Assert.Equal(0, source.Keys.ExpireCycle(source.Server.NowMs, TimeSpan.FromSeconds(10)));
        Assert.True(source.Keys.EvictOne(EvictionPolicy.AllKeysLru, 5));
        Assert.False(source.Keys.EvictOne(EvictionPolicy.AllKeysLru, 5));
        Sees(source, 0);
        var last = shards.From.Clear(shards.Record.Ranges);
        Assert.Equal(last, source.Log.LastLsn);
        Assert.Equal(0, source.Keys.TotalCount);
        shards.Clean();
        Assert.Null(source.Keys.Hidden);
        Assert.Null(target.Keys.Hidden);
        Sees(target, 2);
    }

    [Fact]
    public void What_an_abort_leaves_at_the_target_stays_hidden_until_it_is_gone()
    {
        using var shards = new TwoShards();
        shards.Source.Session.Call("SET", "a", "1");
        shards.Source.Server.CommitLog();
        shards.Begin(TwoShards.SlotsOf("a", "b"));
        shards.CopyAll(() => { });
        shards.Abort();
        Sees(shards.Target, 0);
        Sees(shards.Source, 1);
        Assert.Equal(1, shards.Target.Keys.TotalCount);
        shards.To.Clear(shards.Record.Ranges);
        Assert.Equal(0, shards.Target.Keys.TotalCount);
        shards.Clean();
        Assert.Null(shards.Target.Keys.Hidden);
    }

    [Fact]
    public void A_replica_hides_what_its_primary_hides_and_empties_what_that_empties()
    {
        var map = new ScriptedCluster(3) { SelfIndex = 2 };
        map.Assign(0, 0, HashSlot.Count - 1);
        map.Follow(2, 0);
        using var shards = new TwoShards();
        using var replica = Copy.Open(new MemoryDisk(), shards.Clock, cluster: map);
        var pipe = new Pipe(new Prng(1)) { IsBad = false };
        shards.Source.Session.Call("SET", "a", "1");
        shards.Source.Session.Call("SET", "b", "1");
        shards.Source.Server.CommitLog();
        pipe.CatchUp(shards.Source, replica);
        var ranges = TwoShards.SlotsOf("a");
        map.Commit(request => new TopologyCommand.BeginMigrations(request, map.Ids[0], [new MigrationPart(map.Ids[1], ranges)], 1));
        Assert.Equal(2, replica.Keys.Count);
        map.Commit(request => new TopologyCommand.CompleteMigration(request, map.Topology.Migrations[0].Id, 1, 2));
        Assert.Equal(1, replica.Keys.Count);
        Assert.Equal(2, replica.Keys.TotalCount);
        shards.MoveAll(ranges);
        shards.From.Clear(ranges);
        pipe.CatchUp(shards.Source, replica);
        Assert.Equal(1, replica.Keys.TotalCount);
    }

    [Fact]
    public void A_key_at_random_is_drawn_from_what_is_seen_however_little_that_is()
    {
        var keys = new Keyspace();
        for (var i = 0; i < 500; i++)
        {
            var key = Encoding.Latin1.GetBytes($"{{a}}{i}");
            keys.Table(TwoShards.SlotOf("a")).SetString(key, key, long.MaxValue);
        }

        keys.Hidden = new HiddenSlots([TwoShards.SlotOf("a"), TwoShards.SlotOf("a"), 5]);
        Assert.Null(keys.RandomKey(0));
        Assert.Equal(0, keys.Count);
        keys.Table(TwoShards.SlotOf("b")).SetString("b"u8, "1"u8, 1000);
        keys.Table(TwoShards.SlotOf("c")).SetString("c"u8, "1"u8, long.MaxValue);
        var drawn = Enumerable.Range(0, 200).Select(_ => Encoding.Latin1.GetString(keys.RandomKey(0)!)).ToHashSet();
        Assert.Equal(["b", "c"], drawn.Order());
        Assert.Equal((2, 1, 502), (keys.Count, keys.ExpiringCount, keys.TotalCount));
    }

    /// <summary>All ways to look at keys agree that there are so many.</summary>
    private static void Sees(Copy copy, int count)
    {
        var (session, slot) = (copy.Session, TwoShards.SlotOf("a"));
        var keys = session.Call("KEYS *");
        var live = keys.Split("\r\n").Count(line => line.StartsWith('$'));
        Assert.Equal($":{count}\r\n", session.Call("DBSIZE"));
        Assert.InRange(live, count - 1, count); // One may have expired.
        Assert.Equal(live, session.Call("SCAN 0 COUNT 100").Split("\r\n").Count(line => line.StartsWith('$')) - 1);
        Assert.Equal(count == 0, session.Call("RANDOMKEY") == "$-1\r\n");
        Assert.Equal(count > 0, session.Call("INFO keyspace").Contains($"db0:keys={count},", StringComparison.Ordinal));
        Assert.Equal(copy.Server.View.Owns(slot), session.Call($"CLUSTER COUNTKEYSINSLOT {slot}") != ":0\r\n");
        Assert.Equal(copy.Server.View.Owns(slot), session.Call($"CLUSTER GETKEYSINSLOT {slot} 9") != "*0\r\n");
    }
}

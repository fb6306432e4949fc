using Trefoil.KeyValue.Store;
using Xunit;

namespace Trefoil.Unit.KeyValue.SlotMigration;

/// <summary>Slots whose owner is about to change: commands wait, nothing in them changes, and afterwards everybody finds the owner with one MOVED.</summary>
public sealed class FrozenSlotTests
{
    private static readonly string Down = "-CLUSTERDOWN The cluster is down\r\n";

    [Theory]
    [InlineData("GET a", "$1\r\n1\r\n")]
    [InlineData("INCR a", ":2\r\n")]
    [InlineData("EXISTS a", ":1\r\n")]
    [InlineData("WATCH a", "+OK\r\n")]
    [InlineData("BLPOP {a}l 1", "*2\r\n$4\r\n{a}l\r\n$1\r\nx\r\n")]
    [InlineData("SPUBLISH a hello", ":0\r\n")]
    [InlineData("SSUBSCRIBE a", "*3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n")]
    [InlineData("FLUSHALL", "+OK\r\n")]
    [InlineData("FLUSHDB ASYNC", "+OK\r\n")]
    [InlineData("RENAME a {a}b", "+OK\r\n")]
    public void A_command_waits_and_runs_here_once_the_slot_is_thawed_or_finds_its_new_owner(string words, string reply)
    {
        using var shards = Frozen();
        using var session = shards.Source.Session.Another();
        Assert.Equal("", session.Call(words));
        Assert.True(session.Waits);
        Assert.False(session.CanResume);
        shards.Abort();
        Assert.False(session.CanResume, "only the core thaws");
        shards.From.Thaw(shards.Record.Ranges);
        Assert.Equal(reply, session.Resume());
        Assert.False(session.Waits);

        using var again = Frozen();
        using var other = again.Source.Session.Another();
        other.Call(words);
        again.Complete();
        again.From.Thaw(again.Record.Ranges);
        Assert.Equal(words.StartsWith("FLUSH", StringComparison.Ordinal) ? "+OK\r\n" : Moved("a"), other.Resume());
    }

    [Fact]
    public void Other_slots_and_commands_without_keys_do_not_wait()
    {
        using var shards = Frozen();
        var session = shards.Source.Session;
        Assert.Equal("+OK\r\n", session.Call("SET b 1"));
        Assert.Equal(":3\r\n", session.Call("DBSIZE"));
        Assert.Contains("$1\r\na\r\n", session.Call("KEYS *"), StringComparison.Ordinal);
        Assert.Equal("+PONG\r\n", session.Call("PING"));
        Assert.Equal("*0\r\n", session.Call("PUBSUB SHARDCHANNELS"));
        Assert.False(session.Waits);
    }

    [Fact]
    public void After_three_seconds_a_command_is_told_that_the_cluster_is_down_and_what_came_with_it_shares_its_time()
    {
        using var shards = Frozen();
        using var session = shards.Source.Session.Another();
        using var later = shards.Source.Session.Another();
        using var parked = shards.Target.Session.Another();
        shards.To.Park(shards.Record.Ranges, on: true);
        session.Send("GET a\r\nFLUSHALL\r\nPING\r\n");
        parked.Call("GET a");
        shards.Clock.Advance(TimeSpan.FromSeconds(2));
        later.Call("GET a");
        shards.Source.Server.Tick();
        Assert.False(session.CanResume);
        shards.Clock.Advance(TimeSpan.FromSeconds(1));
        shards.Source.Server.Tick();
        shards.Target.Server.Tick();
        Assert.Equal(Down + Down + "+PONG\r\n", session.Resume());
        Assert.Equal(Down, parked.Resume());
        Assert.False(later.CanResume);
    }

    [Fact]
    public void A_transaction_waits_as_a_whole_and_its_watches_are_broken_by_the_freeze()
    {
        using var shards = Open();
        using var watching = shards.Source.Session.Another();
        using var other = shards.Source.Session.Another();
        watching.Send("WATCH a\r\nMULTI\r\nGET a\r\n");
        shards.Freeze(shards.CopyAll(() => { }));
        Assert.Equal("", watching.Call("EXEC"));
        Assert.Equal("+OK\r\n+QUEUED\r\n+QUEUED\r\n", other.Send("MULTI\r\nINCR a\r\nGET a\r\nEXEC\r\nPING\r\n"));
        Assert.True(other.Waits && watching.Waits);
        shards.Abort();
        shards.From.Thaw(shards.Record.Ranges);
        Assert.Equal("*-1\r\n", watching.Resume());
        Assert.Equal("*2\r\n:2\r\n$1\r\n2\r\n+PONG\r\n", other.Resume());

        using var again = Frozen();
        using var late = again.Source.Session.Another();
        Assert.Equal("+OK\r\n+QUEUED\r\n", late.Send("MULTI\r\nINCR a\r\nEXEC\r\nGET b\r\n"));
        again.Complete();
        again.From.Thaw(again.Record.Ranges);
        Assert.Equal(Moved("a") + "$-1\r\n", late.Resume());
    }

    [Fact]
    public void A_transaction_that_had_begun_waits_in_the_middle()
    {
        using var shards = Open();
        var copied = shards.CopyAll(() => { });
        using var session = shards.Source.Session.Another();
        shards.Source.Session.Cluster.Hold = true;
        Assert.Equal("+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*4\r\n:2\r\n", session.Send("MULTI\r\nINCR a\r\nCLUSTER BUMPEPOCH\r\nFLUSHALL\r\nINCR a\r\nEXEC\r\n"));
        shards.Freeze(copied);
        shards.Source.Session.Cluster.Release();
        Assert.StartsWith("+", session.Resume(), StringComparison.Ordinal);
        Assert.True(session.Waits, "the flush came to a frozen slot");
        Assert.Equal("$1\r\n2\r\n", Value(shards.Target, "a"));
        shards.Source.Session.Cluster.Hold = false;
        shards.From.Thaw(shards.Record.Ranges);
        Assert.Equal("+OK\r\n:1\r\n", session.Resume());
    }

    [Fact]
    public void Nothing_in_a_frozen_slot_expires_or_is_evicted_or_popped_and_what_has_expired_hides()
    {
        using var shards = Open();
        var session = shards.Source.Session;
        session.Call("SET {a}t 1 PX 100");
        session.Call("SET {b}t 1 PX 100");
        using var blocked = session.Another();
        blocked.Call("BLPOP {a}q 0");
        using var watching = session.Another();
        watching.Send("WATCH {a}t\r\nMULTI\r\nPING\r\n");
        shards.Freeze(shards.CopyAll(() => { }));
        var (last, now) = (shards.Source.Log.LastLsn, 0L);
        shards.Clock.Advance(TimeSpan.FromSeconds(1));
        now = shards.Source.Server.NowMs;
        var table = shards.Source.Keys.Table(TwoShards.SlotOf("a"));
        Assert.Equal(1, shards.Source.Keys.ExpireCycle(now, TimeSpan.FromSeconds(10)));
        lock (table)
        {
            Assert.False(table.Contains("{a}t"u8, now));
            Assert.Equal(0, table.RemoveExpired(now, 100));
            Assert.Equal(3, table.Count);
        }

        Assert.False(shards.Source.Keys.EvictOne(EvictionPolicy.AllKeysLru, 5));
        Assert.False(shards.Source.Keys.EvictOne(EvictionPolicy.AllKeysRandom, 5));
        Assert.False(shards.Source.Keys.EvictOne(EvictionPolicy.VolatileTtl, 5));
        Assert.False(shards.Source.Keys.EvictOne(EvictionPolicy.VolatileRandom, 5));
        Assert.Equal("*-1\r\n", watching.Call("EXEC"));
        Assert.Equal(last + 1, shards.Source.Log.LastLsn); // The key of the other slot.

        shards.Complete();
        shards.From.Thaw(shards.Record.Ranges);
        Assert.Equal(Moved("{a}q"), blocked.Resume());
        Assert.Equal(1, shards.Target.Keys.ExpireCycle(now, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Who_waits_for_a_key_that_became_ready_just_before_the_freeze_gets_it_at_the_thaw()
    {
        using var shards = Open();
        using var blocked = shards.Source.Session.Another();
        blocked.Call("BLPOP {a}q 0");
        var table = shards.Source.Keys.Table(TwoShards.SlotOf("a"));
        lock (table)
        {
            table.Push("{a}q"u8, null, "x"u8, atHead: true);
        }

        shards.Freeze(shards.CopyAll(() => { }));
        Assert.False(blocked.CanResume);
        shards.Abort();
        shards.From.Thaw(shards.Record.Ranges);
        Assert.Equal("*2\r\n$4\r\n{a}q\r\n$1\r\nx\r\n", blocked.Resume());
    }

    [Fact]
    public void A_freeze_waits_for_keys_that_MIGRATE_has_on_their_way()
    {
        using var shards = Open();
        var inFlight = shards.Source.Server.Migrations.InFlight;
        Assert.True(inFlight.Add("a"u8.ToArray()));
        Assert.Null(shards.From.Freeze(shards.Record.Ranges));
        Assert.Equal("$-1\r\n", shards.Source.Session.Call("GET {a}none"));
        inFlight.Land(["a"u8.ToArray()]);
        Assert.True(inFlight.Add("b"u8.ToArray()));
        Assert.NotNull(shards.From.Freeze(shards.Record.Ranges));
    }

    [Fact]
    public void Keys_of_a_slot_that_is_being_moved_are_not_moved_one_by_one()
    {
        using var shards = Open();
        Assert.Equal(
            $"-ERR Slot {TwoShards.SlotOf("a")} is being moved by migration {shards.Record.Id}: wait for it, or end it with CLUSTER CANCELSLOTMIGRATIONS on its source\r\n",
            shards.Source.Session.Call("MIGRATE 127.0.0.1 1 a 0 10"));
    }

    [Fact]
    public void Where_memory_is_full_and_all_keys_are_frozen_a_write_is_not_refused_for_that()
    {
        using var shards = Frozen();
        shards.Source.Server.Settings.MaxMemory = 1;
        shards.Source.Server.Settings.MaxMemoryPolicy = EvictionPolicy.AllKeysLru;
        var table = shards.Source.Keys.Table(TwoShards.SlotOf("a"));
        Assert.Equal("+OK\r\n", shards.Source.Session.Call("SET b 1"));
        Assert.Equal(2, table.Count);
        shards.From.Thaw(shards.Record.Ranges);
        Assert.StartsWith("-OOM", shards.Source.Session.Call("SET c 1"), StringComparison.Ordinal);
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void At_the_target_commands_wait_until_it_shows_the_slots_as_its_own()
    {
        using var shards = Frozen();
        using var session = shards.Target.Session.Another();
        Assert.Equal($"-MOVED {TwoShards.SlotOf("a")} 10.0.0.1:7000\r\n", shards.Target.Session.Call("GET a"));
        shards.To.Park(shards.Record.Ranges, on: true);
        Assert.Equal("+OK\r\n", session.Send("MULTI\r\nINCR a\r\nEXEC\r\nGET a\r\n"));
        Assert.True(session.Waits);
        using var flushing = shards.Target.Session.Another();
        Assert.Equal("", flushing.Call("FLUSHALL"));
        Assert.Equal($"-MOVED {TwoShards.SlotOf("c")} 10.0.0.1:7000\r\n", shards.Target.Session.Call("GET c"));
        shards.Complete();
        shards.To.Park(shards.Record.Ranges, on: false);
        Assert.Equal("+QUEUED\r\n*1\r\n:2\r\n$1\r\n2\r\n", session.Resume());
        Assert.False(shards.To.TakeFlushed());
        Assert.Equal("+OK\r\n", flushing.Resume());
        Assert.True(shards.To.TakeFlushed());
    }

    [Fact]
    public void Parked_commands_find_the_source_again_when_nothing_comes_of_it()
    {
        using var shards = Frozen();
        using var session = shards.Target.Session.Another();
        shards.To.Park(shards.Record.Ranges, on: true);
        session.Call("GET a");
        shards.Abort();
        shards.To.Park(shards.Record.Ranges, on: false);
        Assert.Equal($"-MOVED {TwoShards.SlotOf("a")} 10.0.0.1:7000\r\n", session.Resume());
    }

    [Fact]
    public void Subscribers_of_a_shard_channel_are_told_when_its_slot_has_gone()
    {
        using var shards = Open();
        using var session = shards.Source.Session.Another();
        session.Call("SSUBSCRIBE a");
        shards.Freeze(shards.CopyAll(() => { }));
        shards.Complete();
        shards.From.Thaw(shards.Record.Ranges);
        Assert.Contains("sunsubscribe", session.Send("PING\r\n"), StringComparison.Ordinal);
    }

    private static string Moved(string key) => $"-MOVED {TwoShards.SlotOf(key)} 10.0.0.2:7001\r\n";

    private static string Value(Trefoil.Unit.KeyValue.Replication.Copy copy, string key)
    {
        var table = copy.Keys.Table(TwoShards.SlotOf(key));
        lock (table)
        {
            return $"${table.Look(System.Text.Encoding.Latin1.GetBytes(key), copy.Server.NowMs).Length}\r\n{table.Look(System.Text.Encoding.Latin1.GetBytes(key), 0).Integer}\r\n";
        }
    }

    /// <summary>A migration of the slot of a has begun, which holds a = 1 and a list.</summary>
    private static TwoShards Open()
    {
        var shards = new TwoShards();
        shards.Source.Session.Call("SET", "a", "1");
        shards.Source.Session.Call("RPUSH", "{a}l", "x");
        shards.Source.Server.CommitLog();
        shards.Begin(TwoShards.SlotsOf("a"));
        return shards;
    }

    private static TwoShards Frozen()
    {
        var shards = Open();
        shards.Freeze(shards.CopyAll(() => { }));
        return shards;
    }
}

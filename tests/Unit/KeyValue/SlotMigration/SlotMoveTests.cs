using System.Text;
using Trefoil.KeyValue.Store;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;
using Trefoil.Unit.KeyValue.Replication;
using Xunit;

namespace Trefoil.Unit.KeyValue.SlotMigration;

/// <summary>What arrives is what was there: every kind of write, before, during and after the copy of its slot.</summary>
public sealed class SlotMoveTests
{
    private static readonly string[] Moving = ["a", "b", "c"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_slot_that_was_moved_while_it_changed_holds_the_same_and_so_do_its_new_replicas(ulong seed)
    {
        var random = new Prng(seed);
        using var shards = new TwoShards();
        using var replica = Copy.Open(new MemoryDisk(), shards.Clock);
        void Change(int times)
        {
            for (; times > 0; times--)
            {
                shards.Source.Change(random);
                if (random.Below(20) == 0)
                {
                    shards.Target.Keys.ExpireCycle(shards.Target.Server.NowMs, TimeSpan.FromSeconds(1));
                    shards.Target.Keys.EvictOne(EvictionPolicy.AllKeysRandom, 5);
                }
            }
        }

        Change(1500);
        shards.Begin(TwoShards.SlotsOf(Moving));
        var copied = shards.CopyAll(() => Change(random.Below(400)));
        Change(300);
        shards.Freeze(copied);
        var before = Contents(shards.Source, hasMoved: true);
        Assert.NotEqual("", before);
        var rest = Contents(shards.Source, hasMoved: false);
        shards.Complete();
        shards.From.Thaw(shards.Record.Ranges);
        Assert.Equal(before, shards.Target.Contents());
        Assert.Equal(rest, shards.Source.Contents());

        new Pipe(random) { IsBad = false }.CatchUp(shards.Target, replica);
        Assert.Equal(before, replica.Contents());
        Assert.Equal(shards.Source.Log.WrittenLsn, shards.From.LastLsn);
        shards.From.Clear(shards.Record.Ranges);
        Assert.Equal(shards.Source.Keys.Count, shards.Source.Keys.TotalCount);
        Assert.Equal(rest, shards.Source.Contents());
    }

    [Fact]
    public void A_second_attempt_begins_with_empty_slots()
    {
        var random = new Prng(5);
        using var shards = new TwoShards();
        for (var i = 0; i < 1000; i++)
        {
            shards.Source.Change(random);
        }

        shards.Begin(TwoShards.SlotsOf(Moving));
        shards.CopyAll(() => shards.Source.Change(random));
        shards.From.StopReading(shards.Record.Id);
        shards.Commit(request => new TopologyCommand.RestartMigration(request, shards.Record.Id, 1, "again", 1500));
        shards.Freeze(shards.CopyAll(() => shards.Source.Change(random)));
        var before = Contents(shards.Source, hasMoved: true);
        shards.Complete();
        Assert.Equal(before, shards.Target.Contents());
    }

    [Fact]
    public void Large_values_come_in_pieces_and_a_slot_of_many_keys_in_records_of_64_KiB()
    {
        using var shards = new TwoShards();
        var session = shards.Source.Session;
        string[] Many(string name, string key, Func<int, string[]> element) => [name, key, .. Enumerable.Range(0, 9000).SelectMany(element)];
        session.Call(Many("HSET", "{a}h", i => [$"field{i}", $"{i}"]));
        session.Call(Many("RPUSH", "{a}l", i => [$"element{i}"]));
        session.Call(Many("SADD", "{a}e", i => [$"member{i}"]));
        session.Call(Many("SADD", "{a}i", i => [$"{i}"]));
        session.Call(Many("ZADD", "{a}z", i => [$"{i}.5", $"member{i}"]));
        session.Call("EXPIRE", "{a}z", "90000");
        session.Call("SET", "{a}s", new string('x', 300_000), "PX", "90000000");
        session.Call("SET", "{a}n", "12");
        session.Call("SET", "{a}", "");
        for (var i = 0; i < 3000; i++)
        {
            session.Call("SET", $"{{a}}key{i}", $"value{i}");
        }

        shards.Source.Server.CommitLog();
        var bytes = new ByteWriter();
        shards.From.CopySlot(TwoShards.SlotOf("a"), bytes);
        var records = TwoShards.Records(bytes);
        Assert.Single(records, record => record.Length > 70_000);
        Assert.InRange(records.Count, 10, 40);
        shards.MoveAll(TwoShards.SlotsOf("a"));
        Assert.Equal(0, shards.Source.Keys.Count);
        Assert.Equal(3000 + 8, shards.Target.Keys.Count);
        foreach (var key in new[] { "h", "l", "e", "i", "z", "s", "n", "" })
        {
            Assert.Equal(Value(shards.Source, "{a}" + key), Value(shards.Target, "{a}" + key));
        }
    }

    [Fact]
    public void A_flush_of_the_source_empties_what_was_copied_and_a_flush_of_the_target_is_told()
    {
        using var shards = new TwoShards();
        shards.Source.Session.Call("SET", "a", "1");
        shards.Source.Session.Call("SET", "b", "1");
        shards.Begin(TwoShards.SlotsOf("a", "b"));
        var copied = shards.CopyAll(() => { });
        Assert.False(shards.To.TakeFlushed());
        Assert.Equal(2, shards.Target.Keys.TotalCount);
        shards.Source.Session.Call("FLUSHALL");
        shards.Source.Session.Call("SET", "b", "2");
        shards.Freeze(copied);
        Assert.Equal("b", Assert.Single(shards.Target.Keys.Table(TwoShards.SlotOf("b")).Keys(10).Select(Encoding.Latin1.GetString)));
        Assert.Equal(1, shards.Target.Keys.TotalCount);
        shards.Target.Session.Call("FLUSHALL");
        Assert.True(shards.To.TakeFlushed());
        Assert.False(shards.To.TakeFlushed());
    }

    [Fact]
    public void A_log_that_does_not_reach_back_says_so()
    {
        using var shards = new TwoShards(backlogBytes: 2000);
        shards.Source.Replica.HasPeers = false;
        shards.Begin(TwoShards.SlotsOf("a"));
        Assert.True(shards.From.StartReading(shards.Record.Id));
        var next = shards.From.LastLsn + 1;
        for (var i = 0; i < 1000; i++)
        {
            shards.Source.Session.Call("SET", "a", $"{i}");
        }

        shards.From.Commit();
        Assert.False(shards.From.Read(ref next, shards.Record.Ranges, _ => 0, 1 << 20, new ByteWriter()));
        shards.From.StopReading(shards.Record.Id);
        shards.From.StopReading(shards.Record.Id);
        Assert.False(shards.Source.Log.KeepsBacklog);
        Assert.Equal(0, shards.Source.Log.BacklogBytes);
        shards.Source.Replica.Follow();
        Assert.False(shards.From.StartReading(shards.Record.Id));
    }

    private static string Contents(Copy copy, bool hasMoved) => string.Join('\n', copy.Contents().Split('\n').Where(
        line => Moving.Any(tag => line.StartsWith($"{{{tag}}}", StringComparison.Ordinal)) == hasMoved));

    private static string Value(Copy copy, string key)
    {
        var table = copy.Keys.Table(TwoShards.SlotOf(key.Length == 3 && key[0] == '{' ? "a" : key));
        lock (table)
        {
            var entry = table.Look(Encoding.Latin1.GetBytes(key), copy.Server.NowMs);
            return entry.Exists ? $"{entry.ExpireAtMs} {Trefoil.KeyValue.Commands.Server.KeyDigest.OfValue(entry)}" : "none";
        }
    }
}

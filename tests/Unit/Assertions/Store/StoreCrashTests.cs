using FsCheck;
using FsCheck.Fluent;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;
using Trefoil.Storage;
using Xunit;
using Record = Trefoil.Assertions.Records.Record;

namespace Trefoil.Unit.Assertions.Store;

/// <summary>Whatever was acknowledged is there after every crash, with the arrival it had; whatever is there was posted.</summary>
public class StoreCrashTests
{
    [Fact]
    public void An_error_at_any_call_of_the_disk_loses_nothing_that_was_acknowledged()
    {
        for (var call = 0; call < 150; call++)
        {
            foreach (var mode in Enum.GetValues<CrashMode>())
            {
                Run((ulong)call, lives: 3, mode, failAt: call);
            }
        }
    }

    [Fact]
    public void A_crash_at_any_time_loses_nothing_that_was_acknowledged() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed => Run(seed, lives: 5, mode: null, failAt: -1))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    /// <summary>The first recovery finds a group that no sync has reached yet, and the power goes before its own does.</summary>
    [Fact]
    public void A_crash_during_recovery_leaves_no_store_that_is_ahead_of_its_log()
    {
        for (var call = 0; call < 6; call++)
        {
            using var world = StoreWorld.Open();
            world.Post(StoreWorld.Claim("a", "p", "acknowledged", 1));
            for (var i = 0; i < 100; i++)
            {
                world.Store.Stage(StoreWorld.Claim("a", "p", $"{i} {new string('x', 60_000)}", 1)); // more than the log keeps waiting
            }

            world.Kill();
            world.Ordered.FlushesByItself = () => true;
            world.Disk.FailAt(call);
            try
            {
                world.Start();
            }
            catch (IOException)
            {
            }

            world.Crash(new Prng(1), CrashMode.LoseAll);
            world.Start();
            Assert.InRange(world.Store.Counts.Claims, 1, 101);
        }
    }

    private static bool Run(ulong seed, int lives, CrashMode? mode, int failAt)
    {
        var random = new Prng(seed);
        using var world = StoreWorld.Closed();
        world.Ordered.FlushesByItself = () => random.Chance(0.2);
        var history = new RecordHistory(random);
        var acknowledged = new List<Record>(); // every record that a commit returned for, in order
        var posted = new List<Record>();
        var arrivals = new List<Arrival>();
        if (failAt >= 0)
        {
            world.Disk.FailAt(failAt, stays: random.Chance(0.5));
        }

        for (var life = 0; life < lives; life++)
        {
            var failed = false;
            try
            {
                world.Start();
                Live(random, world, history, acknowledged, posted, arrivals);
            }
            catch (IOException)
            {
                failed = true;
            }

            // After a failed sync the machine restarts, not only the process: what it would read is in memory and on no disk.
            if (!failed && random.Chance(0.3))
            {
                world.Kill();
            }
            else
            {
                world.Crash(random, mode ?? (CrashMode)random.Below(3));
            }
        }

        world.Start();
        Check(world, acknowledged, posted, arrivals);
        return true;
    }

    private static void Live(Prng random, StoreWorld world, RecordHistory history, List<Record> acknowledged, List<Record> posted, List<Arrival> arrivals)
    {
        Check(world, acknowledged, posted, arrivals);
        for (var commits = random.Below(12); commits > 0; commits--)
        {
            var group = Enumerable.Range(0, random.Below(6)).Select(_ => history.Next()).ToList();
            posted.AddRange(group);
            group.ForEach(record => world.Store.Stage(record));
            world.Store.Commit();
            acknowledged.AddRange(group);
            Remember(world, arrivals);
        }

        if (random.Chance(0.3))
        {
            var last = history.Next(); // staged and not committed
            posted.Add(last);
            world.Store.Stage(last);
        }
    }

    private static void Remember(StoreWorld world, List<Arrival> arrivals)
    {
        using var reader = world.Store.Read();
        arrivals.AddRange(reader.ArrivedAfter(arrivals.Count == 0 ? 0 : arrivals[^1].Number, int.MaxValue));
    }

    /// <summary>The store is at least what was acknowledged and at most what was posted, its tables agree, and the past of the feed has not changed.</summary>
    private static void Check(StoreWorld world, List<Record> acknowledged, List<Record> posted, List<Arrival> arrivals)
    {
        using var reader = world.Store.Read();
        var model = new RecordModel();
        foreach (var id in posted.Select(record => record.Id).Distinct())
        {
            foreach (var record in reader.RecordsOf(id))
            {
                model.Add(record);
            }
        }

        StoreChecks.Matches(reader, model, world.Store.Counts);
        var before = model.Ordered.ToList();
        Assert.All(acknowledged, record => Assert.False(model.Add(record), $"{record.Key} was acknowledged and is gone"));

        var all = new RecordModel();
        posted.ForEach(record => all.Add(record));
        Assert.All(before, record => Assert.False(all.Add(record), $"{record.Key} was never posted"));

        Assert.Equal(arrivals, reader.ArrivedAfter(0, int.MaxValue).Take(arrivals.Count));
        Remember(world, arrivals);
    }
}

using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Replication;

/// <summary>Whole shards of production cores under everything a network and a machine can do; the oracles look all the time.</summary>
public sealed class ShardStormTests
{
    [Fact]
    public void A_shard_without_faults_serves_and_is_equal_everywhere()
    {
        var world = new ShardWorld(1, new WorldPlan());
        Assert.True(world.RunUntil(() => world.Council.Record.ReplicaSet.Count == 3, TimeSpan.FromSeconds(10)), Story(world));
        world.Run(TimeSpan.FromSeconds(5));

        Assert.True(world.Counts.GetValueOrDefault("written") > 400, Story(world));
        Assert.True(world.RunUntil(() => world.Oracle.Unequal() is null, TimeSpan.FromSeconds(1)), Story(world));
    }

    [Theory]
    [InlineData(ReplicationMode.Quorum, AckKind.Received, CrashMode.KeepAll, 3)]
    [InlineData(ReplicationMode.Quorum, AckKind.Durable, CrashMode.Tear, 3)]
    [InlineData(ReplicationMode.Synchronous, AckKind.Received, CrashMode.KeepAll, 3)]
    [InlineData(ReplicationMode.Synchronous, AckKind.Durable, CrashMode.LoseAll, 2)]
    [InlineData(ReplicationMode.Quorum, AckKind.Received, CrashMode.KeepAll, 5)]
    [InlineData(ReplicationMode.Asynchronous, AckKind.Received, CrashMode.LoseAll, 3)]
    public void No_storm_loses_what_was_acknowledged(ReplicationMode mode, AckKind ack, CrashMode crash, int members)
    {
        var seeds = ulong.TryParse(Environment.GetEnvironmentVariable("SHARD_SEEDS"), out var many) ? many : 6;
        for (var seed = ulong.TryParse(Environment.GetEnvironmentVariable("SHARD_FIRST"), out var first) ? first : 1UL; seed <= seeds; seed++)
        {
            Storm(seed, new WorldPlan
            {
                Members = members,
                Mode = mode,
                Ack = ack,
                Crash = crash,
                Loss = 0.01,
                Duplicates = 0.02,
                Overtaking = 0.02,
                MaxDelay = TimeSpan.FromMilliseconds(seed % 3 == 0 ? 40 : 4),
                FaultEvery = TimeSpan.FromMilliseconds(700),
                ChangesMode = mode != ReplicationMode.Asynchronous && seed % 2 == 0,
            });
        }
    }

    private static void Storm(ulong seed, WorldPlan plan)
    {
        ShardWorld? world = null;
        try
        {
            world = new ShardWorld(seed, plan);
            world.Run(TimeSpan.FromSeconds(40));
            world.Heal();
            Assert.True(world.RunUntil(() => world.Oracle.Unequal() is null, TimeSpan.FromSeconds(90)), $"{world.Oracle.Unequal()}\n{Story(world)}");
        }
        catch (ShardOracleViolation violation)
        {
            Assert.Fail($"seed {seed}, {plan}: {violation.Message}");
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"seed {seed}, {plan}: {exception}\n{(world is null ? "" : Story(world))}");
        }

        if (Environment.GetEnvironmentVariable("SHARD_COUNTS") == "1")
        {
            Console.WriteLine($"seed {seed} {plan.Mode}: {string.Join(", ", world.Counts.Select(pair => $"{pair.Key} {pair.Value}"))}");
        }
    }

    private static string Story(ShardWorld world) =>
        string.Join(", ", world.Counts.Select(pair => $"{pair.Key} {pair.Value}")) + "\n" + string.Join('\n', world.Trace.TakeLast(150));
}

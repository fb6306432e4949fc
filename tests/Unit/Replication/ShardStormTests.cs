using Trefoil.Replication;
using Trefoil.Sharding;
using Trefoil.Storage;
using Trefoil.Unit.Testing;
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
    [Trait(Soak.Trait, "yes")]
    [InlineData(ReplicationMode.Quorum, AckKind.Received, CrashMode.KeepAll, 3)]
    [InlineData(ReplicationMode.Quorum, AckKind.Durable, CrashMode.Tear, 3)]
    [InlineData(ReplicationMode.Synchronous, AckKind.Received, CrashMode.KeepAll, 3)]
    [InlineData(ReplicationMode.Synchronous, AckKind.Durable, CrashMode.LoseAll, 2)]
    [InlineData(ReplicationMode.Quorum, AckKind.Received, CrashMode.KeepAll, 5)]
    [InlineData(ReplicationMode.Asynchronous, AckKind.Received, CrashMode.LoseAll, 3)]
    public void No_storm_loses_what_was_acknowledged(ReplicationMode mode, AckKind ack, CrashMode crash, int members)
    {
        for (var seed = 1UL; seed <= (ulong)Soak.Times(3, 100); seed++)
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

    [Fact]
    public void A_follower_that_acknowledges_what_it_does_not_hold_is_found()
    {
        var world = new ShardWorld(1, new WorldPlan
        {
            Loss = 0.05,
            Lie = message => message is ReplicaMessage.Ack ack ? ack with { ReceivedLsn = ack.ReceivedLsn + 3 } : message,
        });

        Assert.Contains("must", Assert.Throws<ShardOracleViolation>(() => world.Run(TimeSpan.FromSeconds(20))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_follower_that_claims_a_past_that_it_does_not_share_is_found()
    {
        EpochHistory? latest = null;
        var world = new ShardWorld(4, new WorldPlan
        {
            FaultEvery = TimeSpan.FromMilliseconds(500),
            Lie = message =>
            {
                if (message is not ReplicaMessage.Hello hello)
                {
                    return message;
                }

                latest = hello.History.Entries.Count > (latest?.Entries.Count ?? 0) ? hello.History : latest;
                return hello with { History = latest! };
            },
        });

        Assert.ThrowsAny<Exception>(() =>
        {
            world.Run(TimeSpan.FromSeconds(120));
            world.Heal();
            Assert.True(world.RunUntil(() => world.Oracle.Unequal() is null, TimeSpan.FromSeconds(60)));
        });
    }

    [Fact]
    public void The_same_seed_tells_the_same_story()
    {
        var plan = new WorldPlan { Loss = 0.02, FaultEvery = TimeSpan.FromMilliseconds(500) };
        string[] stories = [.. Enumerable.Range(0, 2).Select(_ =>
        {
            var world = new ShardWorld(77, plan);
            world.Run(TimeSpan.FromSeconds(10));
            return Story(world);
        })];

        Assert.Equal(stories[0], stories[1]);
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
    }

    private static string Story(ShardWorld world) =>
        string.Join(", ", world.Counts.Select(pair => $"{pair.Key} {pair.Value}")) + "\n" + string.Join('\n', world.Trace.TakeLast(150));
}

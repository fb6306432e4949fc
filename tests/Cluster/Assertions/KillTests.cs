using Trefoil.Cluster.Differential;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Assertions;

/// <summary>kill -9 under load: what was acknowledged is there, to the byte.</summary>
public sealed class KillTests
{
    private const int Writers = 4;
    private const int MostInRound = 1000;
    private const int Sample = 100;

    /// <summary>A test run kills three times, soak a hundred; every third kill is followed by one during the recovery.</summary>
    [Fact]
    [Trait(Soak.Trait, "yes")]
    public async Task No_acknowledged_assertion_is_missing_after_kill_9_under_load()
    {
        using var node = ServedNode.Create("--assertions", "true", "--api-port", $"{RedisServer.FreePort()}");
        var random = new Random(20261122);
        var journal = new List<PostedClaim>();
        await node.StartAsync();
        for (var round = 0; round < Soak.Times(inTest: 3, inSoak: 100); round++)
        {
            var writers = Enumerable.Range(0, Writers).Select(writer => new ClaimWriter(node.ApiPort, (round * Writers) + writer)).ToArray();
            ClaimWriter.Await(writers, random.Next(1, MostInRound));
            await node.KillAsync();
            var written = new List<PostedClaim>();
            foreach (var writer in writers)
            {
                written.AddRange(await writer.EndedAsync());
            }

            Assert.True(written.Count > 0, "nobody wrote anything");
            if (round % 3 == 2)
            {
                await node.StartAndKillAsync();
            }

            await node.StartAsync();
            using var judge = new ClaimJudge(node.ApiPort);
            var old = journal.Count == 0 ? [] : Enumerable.Range(0, Sample).Select(_ => journal[random.Next(journal.Count)]);
            await judge.AllAreKeptAsync(written.Concat(old), $"kill {round}");
            journal.AddRange(written);
            await DoubtsEndAsync(judge, writers, journal);
            Assert.Equal(journal.Count, await judge.CountAsync());
        }

        using var last = new ClaimJudge(node.ApiPort);
        await last.AllAreKeptAsync(journal, "after the last kill");
        TestContext.Current.SendDiagnosticMessage($"{journal.Count} assertions were acknowledged and are there");
    }

    /// <summary>What was not answered may be there or not: posted again, it is there once.</summary>
    private static async Task DoubtsEndAsync(ClaimJudge judge, ClaimWriter[] writers, List<PostedClaim> journal)
    {
        var doubts = writers.SelectMany(writer => writer.InDoubt).ToList();
        if (doubts.Count > 0)
        {
            journal.AddRange(await ClaimWriter.PostBatchAsync(judge.Client, doubts));
        }
    }
}

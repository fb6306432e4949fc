using Xunit;

namespace Trefoil.Unit.Consensus;

public sealed class RaftStormTests
{
    private const int Seeds = 500;

    [Fact]
    public void Figure_3_holds_in_any_weather_and_the_group_recovers_when_it_clears()
    {
        var (elections, crashes, changes, reads, snapshots) = (0, 0, 0, 0, 0UL);
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            var storm = new RaftStorm(seed);
            try
            {
                storm.Run(TimeSpan.FromSeconds(8));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
            }

            elections += storm.Oracle.Elections;
            crashes += storm.Crashes;
            changes += storm.Changes;
            reads += storm.ReadsAnswered;
            snapshots += storm.Snapshots;
        }

        // A storm that never blew would prove nothing.
        Assert.True(elections > 2 * Seeds, $"{elections} elections");
        Assert.True(crashes > Seeds, $"{crashes} crashes");
        Assert.True(changes > Seeds, $"{changes} changes");
        Assert.True(reads > Seeds, $"{reads} reads");
        Assert.True(snapshots > Seeds / 4, $"{snapshots} snapshots");
    }
}

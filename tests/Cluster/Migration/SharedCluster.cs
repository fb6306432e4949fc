using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Migration.Load;
using Xunit;

namespace Trefoil.Cluster.Migration;

/// <summary>One cluster for the tests of a class that leave it whole: three shards of two nodes, in quorum mode.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    internal TrefoilCluster Cluster { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Cluster = await TrefoilCluster.UpAsync("quorum");
        await Cluster.ReplicasSyncedAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    /// <summary>Fills consecutive slots that one node owns now, and says who.</summary>
    internal (Stock Stock, int Owner) Fill(int first, int slots, int perSlot, int valueBytes = 64)
    {
        var stock = new Stock(first, slots, perSlot, valueBytes);
        var owner = Cluster.OwnersAt(1)(first);
        stock.Fill(Cluster, owner);
        return (stock, owner);
    }
}

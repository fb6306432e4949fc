using Xunit;

namespace Trefoil.Cluster.Harness;

/// <summary>A formed cluster of three nodes that the tests of one class share.</summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    internal LocalCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await LocalCluster.UpAsync(3);

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}

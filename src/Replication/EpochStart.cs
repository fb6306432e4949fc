using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <summary>An epoch record in a log: from here on one primary wrote, under this epoch, until the next such record.</summary>
/// <param name="Cluster">Epochs are ordered only within one cluster.</param>
/// <param name="Epoch">Minted by the topology, unique in its cluster, and begun at most once by the one primary it was minted for.</param>
/// <param name="FirstLsn">Where the epoch record itself stands.</param>
public readonly record struct EpochStart(ClusterId Cluster, ulong Epoch, ulong FirstLsn);

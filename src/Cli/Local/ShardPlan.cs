namespace Trefoil.Cli.Local;

/// <summary>Who is a primary and who is whose replica in a new local cluster: <paramref name="Nodes"/> counts all, as for <c>redis-cli --cluster create</c>.</summary>
/// <remarks>The first nodes are the primaries. The others are dealt out to them in turn, those that are left over included.</remarks>
internal readonly record struct ShardPlan(int Nodes, int Replicas)
{
    /// <summary>0 when there are too few nodes for one primary with all its replicas.</summary>
    public int Primaries => Nodes / (Replicas + 1);

    /// <summary>The number of the primary that node <paramref name="index"/> (from 1) copies; null if it is one itself.</summary>
    public int? PrimaryOf(int index) => index <= Primaries ? null : ((index - Primaries - 1) % Primaries) + 1;
}

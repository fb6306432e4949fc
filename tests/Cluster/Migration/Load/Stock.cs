using System.Globalization;
using Trefoil.Cluster.Failover.Clusters;
using Trefoil.Cluster.Failover.Load;
using Xunit;

namespace Trefoil.Cluster.Migration.Load;

/// <summary>Strings in consecutive slots, each with a version that only grows: what must be there, once, wherever the slots are.</summary>
/// <param name="first">The first slot.</param>
/// <param name="slots">How many slots.</param>
/// <param name="perSlot">Keys in each.</param>
/// <param name="valueBytes">Least length of each value.</param>
internal sealed class Stock(int first, int slots, int perSlot, int valueBytes = 64)
{
    private const int BatchSize = 500;
    private static readonly LoadOptions Patient = new() { ReplyTimeout = TimeSpan.FromSeconds(30), ConnectTimeout = TimeSpan.FromSeconds(5) };

    private readonly int[] _versions = new int[slots * perSlot];

    public int First => first;

    public int Slots => slots;

    public int PerSlot => perSlot;

    public int Keys => slots * perSlot;

    public string Value(int slot, int key, int version)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{version}.{slot}.{key}.");
        return text.PadRight(valueBytes, 'x');
    }

    public int VersionOf(int slot, int key) => Volatile.Read(ref _versions[Index(slot, key)]);

    /// <summary>Acknowledged; only one client writes a key.</summary>
    public void Wrote(int slot, int key, int version) => Volatile.Write(ref _versions[Index(slot, key)], version);

    /// <summary>What is wrong with a value that was read when <paramref name="atLeast"/> had been acknowledged; null if nothing.</summary>
    public string? Problem(int slot, int key, string? read, int atLeast)
    {
        var parts = read?.Split('.', 2);
        return parts is null ? $"slot {slot}: key {key} is gone, version {atLeast} was acknowledged"
            : !int.TryParse(parts[0], CultureInfo.InvariantCulture, out var version) || read != Value(slot, key, version) ? $"slot {slot}: key {key} is '{read}'"
            : version < atLeast ? $"slot {slot}: key {key} is at version {version}, {atLeast} was acknowledged"
            : null;
    }

    /// <summary>Writes all of it to the node that owns the slots.</summary>
    public void Fill(IFailoverCluster cluster, int node) => Each(cluster, _ => node, (slot, key) => ["SET", SlotKeys.Of(slot, $"{key}"), Value(slot, key, 0)], (_, _, _) => null);

    /// <summary>Reads all of it from whoever owns each slot, by a map that is right; returns what is wrong.</summary>
    public Complaints Verify(IFailoverCluster cluster, Func<int, int> ownerOf) =>
        Each(cluster, ownerOf, (slot, key) => ["GET", SlotKeys.Of(slot, $"{key}")], (slot, key, text) => Problem(slot, key, text, VersionOf(slot, key)));

    private Complaints Each(
        IFailoverCluster cluster, Func<int, int> ownerOf, Func<int, int, string[]> command, Func<int, int, string?, string?> problem)
    {
        var complaints = new Complaints();
        foreach (var node in Enumerable.Range(first, slots).GroupBy(ownerOf))
        {
            using var connection = LoadConnection.Open(cluster.At(node.Key), cluster.MakeSocket, Patient);
            Assert.NotNull(connection);
            var all = node.SelectMany(slot => Enumerable.Range(0, perSlot).Select(key => (Slot: slot, Key: key)));
            foreach (var batch in all.Chunk(BatchSize))
            {
                var replies = connection.Call([.. batch.Select(k => command(k.Slot, k.Key))]);
                Assert.NotNull(replies);
                for (var i = 0; i < batch.Length; i++)
                {
                    var wrong = replies[i].IsError ? $"slot {batch[i].Slot} at node {node.Key}: {replies[i].Text}" : problem(batch[i].Slot, batch[i].Key, replies[i].Text);
                    if (wrong is not null)
                    {
                        complaints.Add(wrong);
                    }
                }
            }
        }

        return complaints;
    }

    private int Index(int slot, int key) => ((slot - first) * perSlot) + key;
}

using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>Checks that every shard has exactly one primary, and that replicas are others.</summary>
internal sealed class ClusterFileShards(int shardCount, List<TomlError> errors)
{
    public void Check(List<PlacedNode> nodes)
    {
        var primaries = new PlacedNode?[shardCount];
        foreach (var node in nodes)
        {
            foreach (var (shard, at) in Shards(node, "shards"))
            {
                if (primaries[shard] is { } other)
                {
                    var where = other == node ? $"twice in the shards of '{node.Node.Name}'" : $"in the shards of '{other.Node.Name}' and of '{node.Node.Name}'";
                    errors.Add(new TomlError(at, $"shard {shard} is {where}: keep it in one place"));
                }

                primaries[shard] ??= node;
            }
        }

        foreach (var node in nodes)
        {
            foreach (var (shard, at) in Shards(node, "replica_shards"))
            {
                if (primaries[shard] == node)
                {
                    errors.Add(new TomlError(at, $"'{node.Node.Name}' is the primary of shard {shard}: remove it from its replica_shards"));
                }
            }
        }

        int[] orphans = [.. Enumerable.Range(0, shardCount).Where(shard => primaries[shard] is null)];
        if (orphans.Length > 0 && nodes.Count > 0)
        {
            errors.Add(new TomlError(nodes[0].Table.At, $"{Numbers.Plural("shard", orphans)} no primary: add to the shards of one node"));
        }
    }

    private IEnumerable<(int Shard, TomlLocation At)> Shards(PlacedNode node, string key)
    {
        if (node.Table[key] is not TomlValue.Array array)
        {
            yield break;
        }

        foreach (var item in array.Items.OfType<TomlValue.Integer>())
        {
            if (item.Value >= 0 && item.Value < shardCount)
            {
                yield return ((int)item.Value, item.At);
            }
            else
            {
                errors.Add(new TomlError(
                    item.At, $"shard {item.Value} is out of range: with shard_count = {shardCount} they go from 0 to {shardCount - 1}"));
            }
        }
    }
}

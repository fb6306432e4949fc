using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>Reads one cluster file: its keys first, then what they mean together. It collects every error it can.</summary>
internal sealed class ClusterFileReader(string path, string? self)
{
    private static readonly string[] Keys =
        ["node_id", "cluster_name", "replication_mode", "replication_factor", "shard_count", "sharding_strategy", "nodes"];

    private static readonly string[] Strategies = ["BySeries", "ByMeasurement", "ByTime", "Composite"];

    private readonly List<TomlError> _errors = [];

    public ClusterFileResult Read(string text) => TomlTable.Parse(text) switch
    {
        TomlResult.Parsed parsed => Build(parsed.Root),
        TomlResult.Failed failed => new ClusterFileResult.Failed([Locate(failed.Error)]),
        _ => throw new InvalidOperationException("TomlResult has two cases."),
    };

    private ClusterFileResult Build(TomlTable root)
    {
        root.RefuseUnknown(Keys, _errors);
        var name = root.Text("cluster_name", _errors) ?? "trefoil";
        if (name.Length == 0 || !TopologyCodec.Fits(name, Topology.MaxNameBytes))
        {
            Complain(root, "cluster_name", $"cluster_name must have 1 to {Topology.MaxNameBytes} bytes");
        }

        var shardCount = (int)(root.Integer("shard_count", 1, ClusterFile.MaxShards, _errors) ?? 16);
        var factor = (int)(root.Integer("replication_factor", 1, int.MaxValue, _errors) ?? 1);
        var (mode, strategy) = (Mode(root), Strategy(root));
        var nodes = new ClusterFileNodes(name, _errors).Read(root);
        var shards = new ClusterFileShards(shardCount, _errors);
        shards.Check(nodes);
        if (factor > nodes.Count && nodes.Count > 0)
        {
            Complain(root, "replication_factor", $"replication_factor {factor} is more than the {nodes.Count} nodes: lower it or add nodes");
        }

        var own = Self(root, nodes);
        if (_errors.Count > 0)
        {
            return new ClusterFileResult.Failed([.. _errors.OrderBy(error => (error.At.Line, error.At.Column)).Select(Locate)]);
        }

        var topology = Topology.Fixed(
            [.. nodes.Select(node => node.Node.Record)], [.. nodes.Select(node => node.Slots)], ClusterFile.ClusterIdOf(name), name);
        return new ClusterFileResult.Loaded(new ClusterFile
        {
            Self = own!,
            ClusterName = name,
            ReplicationMode = mode,
            ReplicationFactor = factor,
            ShardCount = shardCount,
            Strategy = strategy,
            Nodes = [.. nodes.Select(node => node.Node)],
            Topology = topology,
            Warnings = [.. Warnings(root, nodes, factor, topology).Select(Locate)],
        });
    }

    private ReplicationMode Mode(TomlTable root)
    {
        switch (root.Text("replication_mode", _errors)?.ToUpperInvariant())
        {
            case null or "QUORUM":
                return ReplicationMode.Quorum;
            case "SYNCHRONOUS" or "SYNC":
                return ReplicationMode.Synchronous;
            case "ASYNCHRONOUS" or "ASYNC":
                return ReplicationMode.Asynchronous;
            default:
                Complain(root, "replication_mode", "replication_mode must be Synchronous, Quorum or Asynchronous");
                return default;
        }
    }

    private ShardingStrategy Strategy(TomlTable root)
    {
        var entry = root.Find("sharding_strategy");
        switch (entry?.Value)
        {
            case null or TomlValue.Text { Value: "BySeries" }:
                return new ShardingStrategy.BySeries();
            case TomlValue.Text { Value: "ByMeasurement" }:
                return new ShardingStrategy.ByMeasurement();
            case TomlValue.Table { Value: { Entries: [{ Key: "ByTime" }] } byTime }:
                return new ShardingStrategy.ByTime(Duration(byTime, "ByTime", "duration_nanos"));
            case TomlValue.Table { Value: { Entries: [{ Key: "Composite" }] } composite }:
                return new ShardingStrategy.Composite(Duration(composite, "Composite", "time_duration_nanos"));
            case TomlValue.Text { Value: var word } when NearestKey.Of(word, Strategies) is { } nearest && nearest != word:
                _errors.Add(new TomlError(entry.Value.At, $"sharding_strategy '{word}' is unknown; did you mean '{nearest}'?"));
                return new ShardingStrategy.BySeries();
            default:
                _errors.Add(new TomlError(entry.Value.At, "sharding_strategy must be \"BySeries\", \"ByMeasurement\", "
                    + "{ ByTime = { duration_nanos = N } } or { Composite = { time_duration_nanos = N } }"));
                return new ShardingStrategy.BySeries();
        }
    }

    private long Duration(TomlTable strategy, string name, string key)
    {
        if (strategy.Table(name, _errors) is not { } table)
        {
            return 1;
        }

        table.RefuseUnknown([key], _errors);
        if (table.Find(key) is null)
        {
            _errors.Add(new TomlError(table.At, $"{name} needs {key}: the length of a time bucket in nanoseconds"));
        }

        return table.Integer(key, 1, long.MaxValue, _errors) ?? 1;
    }

    private ClusterFileNode? Self(TomlTable root, List<PlacedNode> nodes)
    {
        var name = self ?? root.Text("node_id", _errors);
        if (name is null)
        {
            Complain(root, "node_id", "node_id is missing: name which of the [[nodes]] this is");
            return null;
        }

        var found = nodes.FirstOrDefault(node => node.Node.Name == name)?.Node;
        if (found is null && nodes.Count > 0)
        {
            var names = string.Join(", ", nodes.Select(node => node.Node.Name));
            Complain(root, "node_id", $"node_id '{name}' is none of the nodes ({names}): correct it or add the node");
        }

        return found;
    }

    /// <summary>Shards with fewer owners than the factor, and slots nobody has, work and are probably not meant.</summary>
    private static IEnumerable<TomlError> Warnings(TomlTable root, List<PlacedNode> nodes, int factor, Topology topology)
    {
        var owners = nodes.SelectMany(node => node.Node.Shards.Concat(node.Node.ReplicaShards)).CountBy(shard => shard);
        var few = owners.Where(shard => shard.Value < factor).Select(shard => shard.Key).Order().ToArray();
        if (few.Length > 0)
        {
            yield return new TomlError(
                At(root, "replication_factor"), $"{Numbers.Plural("shard", few)} fewer owners than replication_factor {factor}: add replica_shards");
        }

        if (topology.AssignedSlots < HashSlot.Count)
        {
            yield return new TomlError(At(root, "nodes"), $"slots {string.Join(", ", topology.UnassignedRanges)} have no owner: add them to a node's slots");
        }
    }

    private void Complain(TomlTable root, string key, string message) => _errors.Add(new TomlError(At(root, key), message));

    private static TomlLocation At(TomlTable table, string key) => table.Find(key)?.Value.At ?? new TomlLocation(1, 1);

    private string Locate(TomlError error) => $"{path}: {error}";
}

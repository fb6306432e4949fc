using Trefoil.Primitives;

namespace Trefoil.Sharding;

/// <summary>One node of a cluster file.</summary>
/// <param name="Name">Its <c>id</c> in the file.</param>
/// <param name="Record">What the topology knows of it; the id is derived from the cluster's and the node's name.</param>
/// <param name="Shards">Shards it is primary for, ascending.</param>
/// <param name="ReplicaShards">Shards it keeps copies of, ascending.</param>
/// <param name="Tags">Labels, in the order of the file; <c>zone</c> becomes the record's zone.</param>
public sealed record ClusterFileNode(
    string Name,
    NodeRecord Record,
    IReadOnlyList<int> Shards,
    IReadOnlyList<int> ReplicaShards,
    IReadOnlyList<Setting> Tags);

/// <summary>A static cluster: the map as a file gives it, with nothing to coordinate.</summary>
public sealed record ClusterFile
{
    /// <summary>Most shards a file may ask for.</summary>
    public const int MaxShards = 65_536;

    internal ClusterFile()
    {
    }

    /// <summary>The node this file is for.</summary>
    public required ClusterFileNode Self { get; init; }

    /// <summary>The cluster's name.</summary>
    public required string ClusterName { get; init; }

    /// <summary>How writes are acknowledged.</summary>
    public required ReplicationMode ReplicationMode { get; init; }

    /// <summary>Owners each shard should have, the primary included.</summary>
    public required int ReplicationFactor { get; init; }

    /// <summary>Shards are numbered 0..this − 1.</summary>
    public required int ShardCount { get; init; }

    /// <summary>How a point chooses its shard.</summary>
    public required ShardingStrategy Strategy { get; init; }

    /// <summary>The nodes in the order of the file.</summary>
    public required IReadOnlyList<ClusterFileNode> Nodes { get; init; }

    /// <summary>The same map in the form that consensus makes: hash slots, split evenly unless the file says otherwise.</summary>
    public required Topology Topology { get; init; }

    /// <summary>What is allowed and probably not meant, each with its place.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Reads a cluster file's text.</summary>
    /// <param name="text">TOML; the format is in docs/operating/cluster-file.md.</param>
    /// <param name="path">What errors call the file.</param>
    /// <param name="self">Overrides the file's <c>node_id</c>, so that all nodes may share one file.</param>
    public static ClusterFileResult Read(string text, string path, string? self = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(path);
        return new ClusterFileReader(path, self).Read(text);
    }

    /// <summary>The node with this name, or null.</summary>
    public ClusterFileNode? Find(string name) => Nodes.FirstOrDefault(node => node.Name == name);

    /// <summary>The primary of a shard (0..<see cref="ShardCount"/> − 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such shard.</exception>
    public ClusterFileNode PrimaryOf(int shard) =>
        Nodes.FirstOrDefault(node => node.Shards.Contains(shard)) ?? throw new ArgumentOutOfRangeException(nameof(shard));

    /// <summary>The nodes that keep copies of a shard, in the order of the file.</summary>
    public IEnumerable<ClusterFileNode> ReplicasOf(int shard) => Nodes.Where(node => node.ReplicaShards.Contains(shard));

    /// <summary>The id of a node that a file knows by name: the same wherever the file is read.</summary>
    public static NodeId IdOf(string clusterName, string nodeName) => NodeId.Read(Digest($"node\n{clusterName}\n{nodeName}"));

    internal static ClusterId ClusterIdOf(string clusterName) => ClusterId.Read(Digest($"cluster\n{clusterName}"));

    private static ReadOnlySpan<byte> Digest(string text) =>
        Blake3.Hash(System.Text.Encoding.UTF8.GetBytes(text)).AsSpan(0, NodeId.Size);
}

/// <summary>A cluster file, or everything that is wrong with it.</summary>
public abstract record ClusterFileResult
{
    private ClusterFileResult()
    {
    }

    /// <summary>It is good; it may still have warnings.</summary>
    public sealed record Loaded(ClusterFile File) : ClusterFileResult;

    /// <summary>It is not; each error says where (file, line, column) and what to change.</summary>
    public sealed record Failed(IReadOnlyList<string> Errors) : ClusterFileResult;
}

namespace Trefoil.KeyValue.Cluster;

/// <summary>The cluster as this node sees it, and the way to change it. Two implementations: consensus-backed (Node) and static.</summary>
public interface IClusterSource;

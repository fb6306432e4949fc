using Trefoil.Primitives;
using Trefoil.Storage;

namespace Trefoil.ControlPlane;

/// <summary>What <see cref="ControlStore.Open"/> found.</summary>
public abstract record ControlOpenResult
{
    private ControlOpenResult()
    {
    }

    /// <summary>Ready for a <see cref="ControlNode"/>.</summary>
    /// <param name="Store">Performs the persistent effects from now on.</param>
    /// <param name="Restore">What the node starts from.</param>
    public sealed record Opened(ControlStore Store, ControlRestore Restore) : ControlOpenResult;

    /// <summary>This directory cannot be started from; the text says why and what to do.</summary>
    public sealed record Refused(string Refusal) : ControlOpenResult;
}

/// <summary>Keeps on disk what the control plane must remember: performs the persistent effects, in production and in the simulator.</summary>
/// <remarks>
/// <c>identity</c> and <c>topology</c> are small files replaced as a whole; the log of the membership named by the identity is
/// in <c>wal/raft/&lt;cluster id&gt;-&lt;member id&gt;</c>. A join or a reset starts the new log beside the old one and switches by
/// saving the identity, so a crash between the two leaves the old membership whole. The member id is part of the name because
/// a node may come back to a cluster it has left: what a crash left of its former log must never pass for the new one.
/// </remarks>
public sealed class ControlStore : IDisposable
{
    private const string IdentityFile = "identity";
    private const string TopologyFile = "topology";
    private const string Logs = "wal/raft";

    private readonly IDisk _disk;
    private readonly List<(ClusterId Cluster, ulong Member)> _logs = [];
    private RaftStore? _log;

    private ControlStore(IDisk disk) => _disk = disk;

    /// <summary>True when a node has used this directory before.</summary>
    public static bool IsUsed(IDisk disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        return disk.Exists(IdentityFile);
    }

    /// <summary>The name of the cluster that a directory was created under; null where no node has used it, or its identity cannot be read.</summary>
    public static string? ClusterNameOf(IDisk disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        return AtomicFile.Read(disk, IdentityFile) is AtomicFileResult.Found found ? Identity.Decode(found.Content.Span)?.ClusterName : null;
    }

    /// <summary>Opens the directory, raises the boot epoch, recovers the log.</summary>
    /// <param name="disk">The data directory.</param>
    /// <param name="clusterName">The configured name; a directory of another one is refused.</param>
    /// <param name="random">Draws the node id where there is none yet.</param>
    public static ControlOpenResult Open(IDisk disk, string clusterName, Prng random)
    {
        ArgumentNullException.ThrowIfNull(disk);
        Identity identity;
        switch (AtomicFile.Read(disk, IdentityFile))
        {
            case AtomicFileResult.Found found when Identity.Decode(found.Content.Span) is { } kept:
                identity = kept with { BootEpoch = kept.BootEpoch + 1 };
                break;
            case AtomicFileResult.Found:
                return new ControlOpenResult.Refused($"The file '{IdentityFile}' was written by another version of this program.");
            case AtomicFileResult.Corrupt corrupt:
                return new ControlOpenResult.Refused(corrupt.Refusal);
            default:
                identity = new Identity(NodeId.Draw(random), 1, clusterName, ClusterId.None, 0, null);
                break;
        }

        if (identity.ClusterName != clusterName)
        {
            return new ControlOpenResult.Refused(
                $"The data directory belongs to cluster '{identity.ClusterName}', but cluster_name is '{clusterName}'. "
                + "Use the name it was created under, or another data_dir.");
        }

        var store = new ControlStore(disk);
        store.SaveIdentity(identity);
        RaftRecovery? recovery = null;
        var membership = (identity.Cluster, identity.MemberId);
        if (!identity.Cluster.IsNone && disk.List(LogOf(membership)).Count > 0)
        {
            store._logs.Add(membership);
            switch (RaftStore.Open(disk, LogOf(membership)))
            {
                case RaftOpenResult.Refused refused:
                    return new ControlOpenResult.Refused(refused.Refusal);
                case RaftOpenResult.Opened opened:
                    store._log = opened.Store;
                    recovery = opened.Recovery;
                    break;
            }
        }

        // A damaged copy of the topology is only a lost cache: the log or a peer has it.
        var saved = AtomicFile.Read(disk, TopologyFile) is AtomicFileResult.Found copy ? copy.Content.ToArray() : null;
        return new ControlOpenResult.Opened(store, new ControlRestore(identity, recovery, saved));
    }

    /// <summary>Performs a persistent effect; false when the effect is of another kind.</summary>
    /// <exception cref="DiskFailure">An fsync failed: fatal to the process.</exception>
    public bool Perform(ControlEffect effect)
    {
        switch (effect)
        {
            case ControlEffect.Persist persist:
                (_log ?? throw new InvalidOperationException("No log was started.")).Write(persist.Write);
                return true;
            case ControlEffect.StartLog start:
                StartLog((start.Cluster, start.MemberId));
                return true;
            case ControlEffect.SaveIdentity save:
                SaveIdentity(save.Identity);
                DeleteLogsExcept((save.Identity.Cluster, save.Identity.MemberId));
                return true;
            case ControlEffect.SaveTopology save:
                AtomicFile.Write(_disk, TopologyFile, save.Snapshot);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Says in the log that all of it is durable, so that later damage reads as damage and not as a torn tail.</summary>
    public void Seal(ulong commit) => _log?.Seal(commit);

    /// <inheritdoc/>
    public void Dispose() => _log?.Dispose();

    private static string LogOf((ClusterId Cluster, ulong Member) of) => $"{Logs}/{of.Cluster}-{of.Member}";

    private void SaveIdentity(Identity identity) => AtomicFile.Write(_disk, IdentityFile, identity.Encode());

    private void StartLog((ClusterId Cluster, ulong Member) membership)
    {
        _log?.Dispose();
        _logs.Add(membership);
        _disk.CreateDirectory(LogOf(membership));
        _log = RaftStore.Open(_disk, LogOf(membership)) switch
        {
            RaftOpenResult.Opened opened => opened.Store,
            RaftOpenResult.Refused refused => throw new InvalidOperationException(refused.Refusal),
            _ => throw new InvalidOperationException("Unknown result of opening a log."),
        };
    }

    /// <summary>Logs left behind by a crash between the start of one and the identity's switch stay: they are small and unused.</summary>
    private void DeleteLogsExcept((ClusterId Cluster, ulong Member) current)
    {
        foreach (var left in _logs.Where(log => log != current).ToArray())
        {
            foreach (var file in _disk.List(LogOf(left)))
            {
                _disk.Delete($"{LogOf(left)}/{file}");
            }

            _logs.Remove(left);
        }
    }
}

using Trefoil.Consensus;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;

namespace Trefoil.ControlPlane;

/// <summary>Writes a directory anew as a member of a recovered cluster, while its node is down. What it did before it may have voted for: that cluster is no more.</summary>
public static class ControlRecovery
{
    /// <summary>The newest topology that a directory holds, log included.</summary>
    public static Topology TopologyOf(ControlRestore restore)
    {
        ArgumentNullException.ThrowIfNull(restore);
        var node = new ControlNode(new ControlConfig { Bootstrap = false }, restore, new NodeEndpoints("127.0.0.1"), "", new Prng(1), TimeSpan.Zero);
        node.Tick(TimeSpan.Zero, []); // Applies what is known to be committed; what else it would do is not done.
        return node.Topology;
    }

    /// <summary>The first survivor, the sole voter of the new cluster: its log begins with the recovered topology.</summary>
    public static IReadOnlyList<ControlEffect> Lead(Identity identity, TopologyMachine machine)
    {
        var member = Member(identity, machine);
        var topology = machine.Topology;
        return
        [
            new ControlEffect.StartLog(topology.ClusterId, member.MemberId),
            new ControlEffect.Persist(new RaftWrite
            {
                Ballot = (1, 0),
                Snapshot = new StoredSnapshot(topology.Version, 1, ConfigurationCodec.Encode(Configuration.Of(member.MemberId)), machine.Snapshot()),
                SnapshotReplacesLog = true,
                Commit = topology.Version,
                MustSync = true,
            }),
            .. Follow(identity, machine),
        ];
    }

    /// <summary>Every other survivor: it keeps no log until the first one asks it to vote.</summary>
    public static IReadOnlyList<ControlEffect> Follow(Identity identity, TopologyMachine machine) =>
    [
        new ControlEffect.SaveTopology(machine.Snapshot(), Durable: true),
        new ControlEffect.SaveIdentity(identity with
        {
            Cluster = machine.Topology.ClusterId, MemberId = Member(identity, machine).MemberId, Offer = null,
        }),
    ];

    private static NodeRecord Member(Identity identity, TopologyMachine machine) =>
        machine.Topology.Find(identity.Node) ?? throw new ArgumentException("The recovered cluster does not count this node.", nameof(machine));
}

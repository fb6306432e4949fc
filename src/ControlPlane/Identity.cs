using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>Who this node is and where it belongs: the small file that outlives every restart.</summary>
/// <param name="Node">Drawn once, on an empty directory.</param>
/// <param name="BootEpoch">Number of starts; incarnations and request ids build on it.</param>
/// <param name="ClusterName">The name this directory was created under; a start under another name is refused.</param>
/// <param name="Cluster">The cluster it is a member of; none before founding or joining.</param>
/// <param name="MemberId">The Raft id minted when it joined; 0 with no cluster.</param>
/// <param name="Offer">Set while it has offered itself to another cluster: it then refuses writes, over restarts too.</param>
/// <param name="Dissolved">The cluster of its own that ended when it was absorbed last: nothing will ever be committed there.</param>
public sealed record Identity(
    NodeId Node, uint BootEpoch, string ClusterName, ClusterId Cluster, ulong MemberId, Offer? Offer, ClusterId Dissolved = default)
{
    private const byte Format = 1;
    private const int MaxName = 255;

    /// <summary>The bytes of the identity file.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter();
        writer.Byte(Format);
        writer.Node(Node);
        writer.UInt32(BootEpoch);
        writer.Text(ClusterName);
        writer.Cluster(Cluster);
        writer.Varint(MemberId);
        writer.Cluster(Dissolved);
        writer.Bool(Offer is not null);
        if (Offer is not null)
        {
            writer.Node(Offer.Join.Proposer);
            writer.Varint(Offer.Join.Sequence);
            writer.Text(Offer.Target.Host);
            writer.Varint((ulong)Offer.Target.Port);
            writer.Node(Offer.TargetId);
            writer.Cluster(Offer.Cluster);
        }

        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> wrote; null when it is something else.</summary>
    public static Identity? Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var format = reader.Byte();
        var node = reader.Node();
        var boot = reader.UInt32();
        var name = reader.Text(MaxName);
        var cluster = reader.Cluster();
        var member = reader.Varint();
        var dissolved = reader.Cluster();
        Offer? offer = null;
        if (reader.Bool())
        {
            var join = new RequestId(reader.Node(), reader.Varint());
            offer = new Offer(join, new HostPort(reader.Text(MaxName), reader.Count(65535)), reader.Node(), reader.Cluster());
        }

        return format == Format && reader.Ended ? new Identity(node, boot, name, cluster, member, offer, dissolved) : null;
    }
}

/// <summary>An offer that may have been committed on the other side, until that side has said that it was not.</summary>
/// <param name="Join">The request id under which the other cluster adds this node.</param>
/// <param name="Target">The member it was offered to.</param>
/// <param name="TargetId">That member's id.</param>
/// <param name="Cluster">The cluster it was offered to. No other may take it, even if the member has moved there since.</param>
public sealed record Offer(RequestId Join, HostPort Target, NodeId TargetId, ClusterId Cluster);

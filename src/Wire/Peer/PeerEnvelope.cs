using Trefoil.Primitives;

namespace Trefoil.Wire.Peer;

/// <summary>What stands around every control message between nodes: who sends it, and for which cluster.</summary>
/// <remarks>
/// <para>On the stream: <c>u32 length · sealed body</c>. The driver seals: a byte that says how, the body, and 32 bytes of
/// HMAC-SHA256 where the cluster has a secret.</para>
/// <para>Body: <c>u8 version · text cluster name · 16 cluster id · 16 sender · text host · varint port · payload</c>.</para>
/// </remarks>
/// <param name="ClusterName">The configured name: nodes of other names refuse each other.</param>
/// <param name="Cluster">The random id of the cluster that the sender was in.</param>
/// <param name="Sender">The sender's node id.</param>
/// <param name="ReplyTo">Where the sender accepts control messages.</param>
public sealed record PeerEnvelope(string ClusterName, ClusterId Cluster, NodeId Sender, HostPort ReplyTo)
{
    /// <summary>The only version so far.</summary>
    public const byte Version = 1;

    /// <summary>A longer frame is refused and its connection closed.</summary>
    public const int MaxFrameBytes = 16 << 20;

    private const int MaxText = 255;

    /// <summary>Writes the body's head; the payload follows.</summary>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Byte(Version);
        writer.Text(ClusterName);
        writer.Cluster(Cluster);
        writer.Node(Sender);
        writer.Text(ReplyTo.Host);
        writer.Varint((ulong)ReplyTo.Port);
    }

    /// <summary>Reads a body's head and finds the payload behind it; null when malformed or of another version.</summary>
    public static PeerEnvelope? Read(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(body);
        var version = reader.Byte();
        var name = reader.Text(MaxText);
        var cluster = reader.Cluster();
        var sender = reader.Node();
        var reply = new HostPort(reader.Text(MaxText), reader.Count(65535));
        payload = reader.Raw(reader.Remaining);
        return version == Version && !reader.Failed ? new PeerEnvelope(name, cluster, sender, reply) : null;
    }
}

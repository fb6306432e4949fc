using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>Stream messages: header, kind, body.</summary>
internal static class StreamCodec
{
    private const byte Channel = (byte)'S';

    private enum Kind : byte
    {
        Digest = 1,
        State = 2,
        Same = 3,
        Probe = 4,
        ProbeAck = 5,
        Refused = 6,
    }

    public static byte[] Encode(in Header header, StreamMessage message)
    {
        var writer = new ByteWriter();
        SwimCodec.WriteHeader(writer, Channel, header);
        switch (message)
        {
            case StreamMessage.Digest digest:
                writer.Byte((byte)Kind.Digest);
                writer.UInt64(digest.Hash);
                break;
            case StreamMessage.State state:
                WriteState(writer, state);
                break;
            case StreamMessage.Same:
                writer.Byte((byte)Kind.Same);
                break;
            case StreamMessage.Probe probe:
                writer.Byte((byte)Kind.Probe);
                writer.Node(probe.Target);
                break;
            case StreamMessage.ProbeAck ack:
                writer.Byte((byte)Kind.ProbeAck);
                writer.Node(ack.Subject);
                break;
            default:
                writer.Byte((byte)Kind.Refused);
                break;
        }

        return writer.ToArray();
    }

    /// <summary>
    /// Reads one message. A foreign one gives its header, and <see cref="StreamMessage.Refused"/> without a look at the body: of
    /// another cluster's words only its name and id are of interest.
    /// </summary>
    public static ReadResult TryRead(
        ReadOnlySpan<byte> bytes, string clusterName, ClusterId clusterId, int maxMembers, out Header header, out StreamMessage message)
    {
        message = new StreamMessage.Refused();
        header = default;
        if (bytes.Length > SwimLimits.MaxStreamBytes)
        {
            return ReadResult.Malformed;
        }

        var reader = new ByteReader(bytes);
        var result = SwimCodec.ReadHeader(ref reader, Channel, out header);
        if (result != ReadResult.Ok)
        {
            return result;
        }

        if (header.ClusterName != clusterName || header.ClusterId != clusterId)
        {
            return ReadResult.Foreign;
        }

        message = ReadMessage(ref reader, maxMembers);
        return reader.Ended ? ReadResult.Ok : ReadResult.Malformed;
    }

    private static StreamMessage ReadMessage(ref ByteReader reader, int maxMembers)
    {
        switch ((Kind)reader.Byte())
        {
            case Kind.Digest:
                return new StreamMessage.Digest(reader.UInt64());
            case Kind.State:
                return ReadState(ref reader, maxMembers);
            case Kind.Same:
                return new StreamMessage.Same();
            case Kind.Probe:
                return new StreamMessage.Probe(reader.Node());
            case Kind.ProbeAck:
                return new StreamMessage.ProbeAck(reader.Node());
            case Kind.Refused:
                return new StreamMessage.Refused();
            default:
                reader.Fail();
                return new StreamMessage.Refused();
        }
    }

    private static void WriteState(ByteWriter writer, StreamMessage.State state)
    {
        writer.Byte((byte)Kind.State);
        writer.Bool(state.Join);
        writer.UInt64(state.Hash);
        writer.Varint((ulong)state.Members.Count);
        foreach (var member in state.Members)
        {
            SwimCodec.WriteMember(writer, member);
        }
    }

    private static StreamMessage.State ReadState(ref ByteReader reader, int maxMembers)
    {
        var (join, hash, count) = (reader.Bool(), reader.UInt64(), reader.Count(maxMembers + 1));

        // The list grows with what is really there, never with a count that somebody claims.
        var members = new List<Member>(Math.Min(count, reader.Remaining / (SwimCodec.MinUpdateBytes - NodeId.Size)));
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            members.Add(SwimCodec.ReadMember(ref reader));
        }

        return new StreamMessage.State(join, hash, members);
    }
}

using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>Packets: header, kind, body, then updates up to the end.</summary>
internal static class PacketCodec
{
    private const byte Channel = (byte)'P';

    private enum Kind : byte
    {
        Ping = 1,
        PingRequest = 2,
        Ack = 3,
        Nack = 4,
        Gossip = 5,
    }

    /// <summary>Writes header and message; the caller appends updates.</summary>
    public static void Write(ByteWriter writer, in Header header, PacketMessage message)
    {
        SwimCodec.WriteHeader(writer, Channel, header);
        switch (message)
        {
            case PacketMessage.Ping ping:
                Start(writer, Kind.Ping, ping.Sequence);
                writer.Node(ping.Target);
                break;
            case PacketMessage.PingRequest request:
                Start(writer, Kind.PingRequest, request.Sequence);
                writer.Node(request.Target);
                SwimCodec.WriteAddress(writer, request.Address);
                break;
            case PacketMessage.Ack ack:
                Start(writer, Kind.Ack, ack.Sequence);
                writer.Node(ack.Subject);
                break;
            case PacketMessage.Nack nack:
                Start(writer, Kind.Nack, nack.Sequence);
                break;
            default:
                writer.Byte((byte)Kind.Gossip);
                break;
        }
    }

    /// <summary>Reads a whole packet; on anything but <see cref="ReadResult.Ok"/> nothing of it may be used.</summary>
    public static ReadResult TryRead(
        ReadOnlySpan<byte> bytes, string clusterName, ClusterId clusterId, out Header header, out PacketMessage message, List<Update> updates)
    {
        message = new PacketMessage.Gossip();
        header = default;
        if (bytes.Length > SwimLimits.MaxPacketBytes)
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

        message = ReadMessage(ref reader);
        while (!reader.Failed && reader.Remaining > 0)
        {
            updates.Add(SwimCodec.ReadUpdate(ref reader));
        }

        return reader.Ended ? ReadResult.Ok : ReadResult.Malformed;
    }

    private static PacketMessage ReadMessage(ref ByteReader reader)
    {
        switch ((Kind)reader.Byte())
        {
            case Kind.Ping:
                return new PacketMessage.Ping(reader.UInt32(), reader.Node());
            case Kind.PingRequest:
                return new PacketMessage.PingRequest(reader.UInt32(), reader.Node(), SwimCodec.ReadAddress(ref reader));
            case Kind.Ack:
                return new PacketMessage.Ack(reader.UInt32(), reader.Node());
            case Kind.Nack:
                return new PacketMessage.Nack(reader.UInt32());
            case Kind.Gossip:
                return new PacketMessage.Gossip();
            default:
                reader.Fail();
                return new PacketMessage.Gossip();
        }
    }

    private static void Start(ByteWriter writer, Kind kind, uint sequence)
    {
        writer.Byte((byte)kind);
        writer.UInt32(sequence);
    }
}

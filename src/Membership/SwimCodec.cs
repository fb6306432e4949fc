using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>The parts that packets and streams share: the header, a member, an address.</summary>
/// <remarks>
/// Header: two magic bytes, protocol version, oldest and newest version the sender reads, cluster name, cluster id, sender,
/// topology version. A receiver reads a message whose version lies in its own range; the sender's range is there so that
/// a later version can be spoken once every member reads it. Unknown kinds are malformed: a new kind needs a new version.
/// </remarks>
internal static class SwimCodec
{
    /// <summary>The shortest possible update: id, state, incarnation, host of one byte, port, version, no metadata, accuser.</summary>
    public const int MinUpdateBytes = 16 + 1 + 2 + 2 + 2 + 1 + 1 + 16;

    public static void WriteHeader(ByteWriter writer, byte channel, in Header header)
    {
        writer.Byte((byte)'T');
        writer.Byte(channel);
        writer.Byte(SwimLimits.MaxProtocolVersion);
        writer.Byte(SwimLimits.MinProtocolVersion);
        writer.Byte(SwimLimits.MaxProtocolVersion);
        writer.Text(header.ClusterName);
        writer.Cluster(header.ClusterId);
        writer.Node(header.Sender);
        writer.Varint(header.Version);
    }

    public static ReadResult ReadHeader(ref ByteReader reader, byte channel, out Header header)
    {
        header = default;
        if (reader.Byte() != (byte)'T' || reader.Byte() != channel)
        {
            return ReadResult.Malformed;
        }

        var version = reader.Byte();
        var (oldest, newest) = (reader.Byte(), reader.Byte());
        if (reader.Failed || oldest > version || version > newest)
        {
            return ReadResult.Malformed;
        }

        if (version is < SwimLimits.MinProtocolVersion or > SwimLimits.MaxProtocolVersion)
        {
            return ReadResult.UnknownVersion;
        }

        var name = ReadPrintable(ref reader, SwimLimits.MaxClusterNameBytes);
        header = new Header(name, reader.Cluster(), reader.Node(), reader.Varint());
        return reader.Failed || header.Sender.IsNone ? ReadResult.Malformed : ReadResult.Ok;
    }

    public static void WriteUpdate(ByteWriter writer, in Update update)
    {
        WriteMember(writer, update.Member);
        writer.Node(update.Accuser);
    }

    public static Update ReadUpdate(ref ByteReader reader) => new(ReadMember(ref reader), reader.Node());

    public static void WriteMember(ByteWriter writer, Member member)
    {
        writer.Node(member.Id);
        writer.Byte((byte)member.State);
        writer.Varint(member.Incarnation.BootEpoch);
        writer.Varint(member.Incarnation.Counter);
        WriteAddress(writer, member.Address);
        writer.Varint(member.Version);
        writer.Bytes(member.Metadata.Span);
    }

    public static Member ReadMember(ref ByteReader reader)
    {
        var id = reader.Node();
        var state = reader.Byte();
        var incarnation = new Incarnation(ReadUInt32Varint(ref reader), ReadUInt32Varint(ref reader));
        var address = ReadAddress(ref reader);
        var version = reader.Varint();
        var metadata = reader.Bytes(SwimLimits.MaxMetadataBytes);
        if (id.IsNone || state > (byte)MemberState.Left)
        {
            reader.Fail();
        }

        return new Member(id, address, incarnation, (MemberState)state, version, reader.Failed ? default : metadata.ToArray());
    }

    public static void WriteAddress(ByteWriter writer, HostPort address)
    {
        writer.Text(address.Host);
        writer.UInt16((ushort)address.Port);
    }

    public static HostPort ReadAddress(ref ByteReader reader)
    {
        var address = new HostPort(ReadPrintable(ref reader, SwimLimits.MaxHostBytes), reader.UInt16());
        if (address.Host.Length == 0 || address.Port == 0)
        {
            reader.Fail();
        }

        return address;
    }

    /// <summary>True for what <see cref="ReadPrintable"/> reads back: visible ASCII, and not too long.</summary>
    public static bool IsPrintable(string text, int max) =>
        text.Length <= max && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>
    /// Visible ASCII only. Lenient UTF-8 would replace bad bytes by longer ones, so that what is passed on could outgrow the
    /// limit; and these texts end up in logs.
    /// </summary>
    private static string ReadPrintable(ref ByteReader reader, int max)
    {
        var bytes = reader.Bytes(max);
        if (bytes.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            reader.Fail();
        }

        return reader.Failed ? "" : System.Text.Encoding.ASCII.GetString(bytes);
    }

    private static uint ReadUInt32Varint(ref ByteReader reader)
    {
        var value = reader.Varint();
        if (value > uint.MaxValue)
        {
            reader.Fail();
        }

        return (uint)value;
    }
}

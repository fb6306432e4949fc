using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.PubSub;

/// <summary>One published message as its receivers get it: encoded once per protocol and form, when the first one needs it.</summary>
internal ref struct PubSubMessage(string kind, ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _pattern = pattern;
    private readonly ReadOnlySpan<byte> _channel = channel;
    private readonly ReadOnlySpan<byte> _payload = payload;
    private byte[]? _resp2;
    private byte[]? _resp3;

    /// <summary>The bytes for a client of this protocol, shared by all of them.</summary>
    public byte[] For(int protocol) => protocol == 3 ? _resp3 ??= Encode(3) : _resp2 ??= Encode(2);

    private readonly byte[] Encode(int protocol)
    {
        using var writer = new RespWriter { Protocol = protocol };
        writer.Push(kind == "pmessage" ? 4 : 3);
        writer.Bulk(kind);
        if (kind == "pmessage")
        {
            writer.Bulk(_pattern);
        }

        writer.Bulk(_channel);
        writer.Bulk(_payload);
        return writer.Written.ToArray();
    }
}

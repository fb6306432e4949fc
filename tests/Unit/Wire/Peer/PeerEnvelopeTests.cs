using Trefoil.Primitives;
using Trefoil.Unit.Testing;
using Trefoil.Wire.Peer;
using Xunit;

namespace Trefoil.Unit.Wire.Peer;

public sealed class PeerEnvelopeTests
{
    private static readonly PeerEnvelope Sample =
        new("trefoil", new ClusterId(0x0102030405060708, 9), new NodeId(10, 11), new HostPort("127.0.0.1", 18182));

    [Fact]
    public void The_wire_form_is_as_published() => Golden.Check("Wire", "peer-envelope", Convert.ToHexStringLower(Written().Written));

    [Fact]
    public void What_is_written_is_read_back_with_the_payload_behind_it()
    {
        var writer = Written();
        writer.Raw([7, 8, 9]);

        Assert.Equal(Sample, PeerEnvelope.Read(writer.Written, out var payload));
        Assert.Equal([7, 8, 9], payload.ToArray());
    }

    [Fact]
    public void Every_shorter_form_and_every_other_version_is_refused()
    {
        var whole = Written().ToArray();
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.Null(PeerEnvelope.Read(whole.AsSpan(0, length), out _));
        }

        whole[0]++;
        Assert.Null(PeerEnvelope.Read(whole, out _));
    }

    private static ByteWriter Written()
    {
        var writer = new ByteWriter();
        Sample.Write(writer);
        return writer;
    }
}

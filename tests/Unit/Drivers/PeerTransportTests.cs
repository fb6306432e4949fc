using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Trefoil.ControlPlane;
using Trefoil.Drivers.Peers;
using Trefoil.Primitives;
using Trefoil.Unit.Testing;
using Trefoil.Wire.Peer;
using Xunit;

namespace Trefoil.Unit.Drivers;

public sealed class PeerTransportTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private readonly List<IDisposable> _open = [];

    [Fact]
    public async Task Messages_arrive_in_order_with_who_sent_them()
    {
        var (port, received, _) = Listen("a", "secret");
        var sender = Listen("a", "secret").Transport;

        for (var version = 0UL; version < 500; version++)
        {
            sender.Send(new HostPort("127.0.0.1", port), Envelope("a"), new ControlMessage.Pull(version));
        }

        await Eventually.True("500 messages arrived", () => received.Count == 500, Deadline);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => (ulong)i), received.Select(m => ((ControlMessage.Pull)m.Message).Version));
        Assert.All(received, m => Assert.Equal(Envelope("a").Sender, m.From.Node));
    }

    [Theory]
    [InlineData("other", "secret")]
    [InlineData("a", "wrong")]
    [InlineData("a", "")]
    public async Task Another_cluster_name_or_secret_is_dropped_and_counted(string name, string secret)
    {
        var (port, received, listener) = Listen("a", "secret");
        var sender = Listen(name, secret).Transport;

        sender.Send(new HostPort("127.0.0.1", port), Envelope(name), new ControlMessage.Pull(1));

        await Eventually.True("the frame was refused", () => listener.Counters.Bad > 0, Deadline);
        Assert.Empty(received);
    }

    [Fact]
    public async Task A_peer_that_comes_back_on_the_same_port_is_reached_by_the_next_message()
    {
        var (port, _, first) = Listen("a", "");
        var sender = Listen("a", "").Transport;
        var to = new HostPort("127.0.0.1", port);
        sender.Send(to, Envelope("a"), new ControlMessage.Pull(1));
        await Eventually.True("the first message arrived", () => first.Counters.Received == 1, Deadline);
        first.Dispose();

        var received = new ConcurrentQueue<(PeerIdentity From, ControlMessage Message)>();
        var second = PeerTransport.Listen("a", "", new IPEndPoint(IPAddress.Loopback, port), (f, m) => received.Enqueue((f, m)), out var problem);
        Assert.True(second is not null, problem);
        _open.Add(second);

        await Eventually.True("a message arrived at the second", () =>
        {
            sender.Send(to, Envelope("a"), new ControlMessage.Pull(2));
            return !received.IsEmpty;
        }, Deadline);
    }

    [Fact]
    public async Task Garbage_closes_its_connection_and_harms_nobody()
    {
        var (port, received, listener) = Listen("a", "");
        var random = new Prng(7);
        for (var round = 0; round < 50; round++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), TestContext.Current.CancellationToken);
            var noise = new byte[1 + random.Below(4000)];
            for (var i = 0; i < noise.Length; i++)
            {
                noise[i] = (byte)random.Next();
            }

            try
            {
                await socket.SendAsync(noise, TestContext.Current.CancellationToken);
            }
            catch (SocketException)
            {
                // It was closed on us before everything was sent: that is the point.
            }
        }

        var sender = Listen("a", "").Transport;
        sender.Send(new HostPort("127.0.0.1", port), Envelope("a"), new ControlMessage.Pull(9));

        await Eventually.True("a good message still arrives", () => received.Count == 1, Deadline);
        Assert.True(listener.Counters.Bad > 0);
    }

    [Fact]
    public void A_port_in_use_is_refused_by_name()
    {
        var (port, _, _) = Listen("a", "");

        Assert.Null(PeerTransport.Listen("a", "", new IPEndPoint(IPAddress.Loopback, port), (_, _) => { }, out var problem));
        Assert.Contains($"port {port} (rpc_port)", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absent_peer_is_reported_and_costs_no_wait()
    {
        var transport = Listen("a", "").Transport;
        var reported = new ConcurrentQueue<HostPort>();
        transport.Unreachable = reported.Enqueue;
        var nobody = new HostPort("127.0.0.1", Loopback.FreePort());

        transport.Send(nobody, Envelope("a"), new ControlMessage.Pull(1));

        await Eventually.True("the peer was reported unreachable", () => reported.Contains(nobody), Deadline);
    }

    public void Dispose()
    {
        foreach (var item in _open)
        {
            item.Dispose();
        }
    }

    private static PeerEnvelope Envelope(string name) =>
        new(name, new ClusterId(1, 2), new NodeId(3, 4), new HostPort("127.0.0.1", 5));

    private (int Port, ConcurrentQueue<(PeerIdentity From, ControlMessage Message)> Received, PeerTransport Transport) Listen(
        string name, string secret)
    {
        var received = new ConcurrentQueue<(PeerIdentity, ControlMessage)>();
        var port = Loopback.FreePort();
        var transport = PeerTransport.Listen(
            name, secret, new IPEndPoint(IPAddress.Loopback, port), (from, message) => received.Enqueue((from, message)), out var problem);
        Assert.True(transport is not null, problem);
        _open.Add(transport);
        return (port, received, transport);
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Trefoil.Drivers;
using Trefoil.Membership;
using Trefoil.Primitives;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Drivers;

/// <summary>Real sockets on loopback: what the virtual network cannot show.</summary>
public sealed class SwimDriverTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static int _lastPort;

    private static readonly SwimConfig Fast = SwimConfig.Local with
    {
        ProbeInterval = TimeSpan.FromMilliseconds(300),
        ProbeTimeout = TimeSpan.FromMilliseconds(150),
        ReconnectInterval = TimeSpan.FromMilliseconds(500),
        JoinRetryInterval = TimeSpan.FromMilliseconds(200),
    };

    [Theory]
    [InlineData("")]
    [InlineData("s3cret")]
    public async Task Two_drivers_meet_notice_a_crash_and_meet_again(string secret)
    {
        using var one = new Runner(1, secret: secret);
        using var two = new Runner(2, secret: secret);
        two.Join(one);
        await Eventually.True("both see each other", () => one.Sees(2, MemberState.Alive) && two.Sees(1, MemberState.Alive), Deadline);
        Assert.Contains(one.Events, happened => happened is SwimEvent.Joined);

        two.Driver.Dispose();
        await Eventually.True("the crash is noticed", () => one.Sees(2, MemberState.Dead), Deadline);

        using var again = new Runner(2, secret: secret, port: two.Port, boot: 2);
        again.Join(one);
        await Eventually.True("it is back", () => one.Sees(2, MemberState.Alive) && again.Sees(1, MemberState.Alive), Deadline);
        await Eventually.True("probes are answered", () => one.Driver.Snapshot.Contacts.Any(contact => contact.AckReceived is not null), Deadline);
    }

    [Fact]
    public async Task A_graceful_stop_is_heard_as_a_leave()
    {
        using var one = new Runner(1);
        using var two = new Runner(2);
        two.Join(one);
        await Eventually.True("both see each other", () => one.Sees(2, MemberState.Alive) && two.Sees(1, MemberState.Alive), Deadline);

        two.Driver.Stop(Deadline);
        await Eventually.True("the goodbye is heard", () => one.Sees(2, MemberState.Left), Deadline);
        Assert.DoesNotContain(one.Events, happened => happened is SwimEvent.Failed);
    }

    [Fact]
    public async Task A_seed_may_be_a_host_name()
    {
        using var one = new Runner(1, host: "localhost");
        using var two = new Runner(2, host: "localhost");
        two.Driver.Post(swim => swim.Join([new HostPort("localhost", one.Port)]));

        await Eventually.True("both see each other", () => one.Sees(2, MemberState.Alive) && two.Sees(1, MemberState.Alive), Deadline);
        await Eventually.True(
            "names are resolved for packets too", () => two.Driver.Snapshot.Contacts.Any(contact => contact.AckReceived is not null), Deadline);
    }

    [Fact]
    public async Task A_seed_of_another_cluster_is_told_as_an_event()
    {
        using var one = new Runner(1, cluster: "red");
        using var two = new Runner(2, cluster: "blue");
        two.Join(one);

        await Eventually.True("the event", () => two.Events.OfType<SwimEvent.ForeignCluster>().Any(), Deadline);
        Assert.Equal("red", two.Events.OfType<SwimEvent.ForeignCluster>().First().Name);
        Assert.Single(one.Driver.Snapshot.Members);
    }

    [Fact]
    public async Task A_wrong_secret_is_counted_and_keeps_out()
    {
        using var one = new Runner(1, secret: "right");
        using var two = new Runner(2, secret: "wrong");
        two.Join(one);

        await Eventually.True("bad seals", () => one.Driver.Counters.BadSeals > 1, Deadline);
        Assert.Single(one.Driver.Snapshot.Members);
        Assert.Single(two.Driver.Snapshot.Members);
    }

    [Fact]
    public async Task Garbage_on_both_sockets_neither_stops_nor_grows_it()
    {
        using var one = new Runner(1);
        using var two = new Runner(2);
        two.Join(one);
        await Eventually.True("both see each other", () => one.Sees(2, MemberState.Alive) && two.Sees(1, MemberState.Alive), Deadline);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        using (var garbage = new GarbageSender(one.Port))
        {
            garbage.SendPackets(20_000);
            garbage.OpenStreams(200);
            await Eventually.True("garbage is counted", () => one.Driver.Counters is { BadSeals: > 0, Oversized: > 0, BrokenStreams: > 0 }, Deadline);
        }

        one.Driver.Post(swim => swim.SetVersion(5));
        await Eventually.True("it still works", () => two.Driver.Snapshot.Members.Any(member => member.Version == 5), Deadline);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64L * 1024 * 1024);
        Assert.DoesNotContain(one.Events.Concat(two.Events), happened => happened is SwimEvent.Failed);
    }

    [Fact]
    public void A_port_in_use_is_refused_with_its_number()
    {
        using var first = BindFree();
        var port = first.LocalEndPoint.Port;

        var refused = Assert.IsType<SwimBinding.Refused>(SwimSockets.Bind(IPAddress.Loopback, port));
        Assert.Equal($"cannot listen for SWIM on 127.0.0.1:{port} (UDP): the port is in use", refused.Message);

        var freed = BindFree();
        var taken = freed.LocalEndPoint.Port;
        freed.Dispose();
        using var tcp = new TcpListener(IPAddress.Loopback, taken);
        tcp.Start();
        refused = Assert.IsType<SwimBinding.Refused>(SwimSockets.Bind(IPAddress.Loopback, taken));
        Assert.Equal($"cannot listen for SWIM on 127.0.0.1:{taken} (TCP): the port is in use", refused.Message);
    }

    [Fact]
    public void A_stopped_driver_takes_no_commands()
    {
        using var one = new Runner(1);
        one.Driver.Dispose();

        Assert.False(one.Driver.Post(swim => swim.SetVersion(1)));
        one.Driver.Dispose();
    }

    /// <summary>Below the kernel's ephemeral range, so that no outgoing connection of another test takes the port between two runs.</summary>
    private static SwimSockets BindFree()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = 20000 + (((Environment.ProcessId * 31) + Interlocked.Increment(ref _lastPort)) % 12000);
            if (SwimSockets.Bind(IPAddress.Loopback, port) is SwimBinding.Bound bound)
            {
                return bound.Sockets;
            }
        }

        throw new InvalidOperationException("No free port.");
    }

    /// <summary>One node: sockets, core and driver.</summary>
    private sealed class Runner : IDisposable
    {
        public Runner(int number, string secret = "", string cluster = "test", string host = "127.0.0.1", int port = 0, uint boot = 1)
        {
            var sockets = port == 0 ? BindFree() : ((SwimBinding.Bound)SwimSockets.Bind(IPAddress.Loopback, port)).Sockets;
            Port = sockets.LocalEndPoint.Port;
            var core = new Swim(Fast, IdOf(number), new HostPort(host, Port), cluster, new ClusterId(1, 1), boot, new Prng((ulong)number));
            Driver = SwimDriver.Start(core, sockets, new SwimDriverConfig { Secret = secret }, Events.Enqueue, TimeProvider.System);
        }

        public SwimDriver Driver { get; }

        public int Port { get; }

        public ConcurrentQueue<SwimEvent> Events { get; } = [];

        public void Join(Runner other) => Driver.Post(swim => swim.Join([new HostPort("127.0.0.1", other.Port)]));

        public bool Sees(int number, MemberState state) =>
            Driver.Snapshot.Members.Any(member => member.Id == IdOf(number) && member.State == state);

        public void Dispose() => Driver.Dispose();

        private static NodeId IdOf(int number) => new(1, (ulong)number);
    }

    /// <summary>Somebody who speaks no SWIM at all, and a lot of it.</summary>
    private sealed class GarbageSender(int port) : IDisposable
    {
        private readonly Prng _random = new(3);
        private readonly IPEndPoint _to = new(IPAddress.Loopback, port);
        private readonly List<Socket> _sockets = [];

        public void SendPackets(int count)
        {
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            for (var i = 0; i < count; i++)
            {
                udp.SendTo(Noise(_random.Below(3000)), _to);
            }
        }

        /// <summary>Some send noise, some a huge length, some half a length, some nothing; half of them stay open.</summary>
        public void OpenStreams(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                tcp.Connect(_to);
                byte[] first = (i % 4) switch { 0 => Noise(500), 1 => [0, 0, 0, 1], 2 => [7, 0], _ => [] };
                tcp.Send(first);
                if (i % 2 == 0)
                {
                    tcp.Dispose();
                }
                else
                {
                    _sockets.Add(tcp);
                }
            }
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

        private byte[] Noise(int length)
        {
            var bytes = new byte[length];
            for (var i = 0; i < length; i++)
            {
                bytes[i] = (byte)_random.Next();
            }

            return bytes;
        }
    }
}

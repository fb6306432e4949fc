using System.Net;
using System.Net.Sockets;
using Trefoil.Membership;
using Trefoil.Primitives;
using Trefoil.Wire.Peer;

namespace Trefoil.Drivers;

/// <summary>Runs one <see cref="Swim"/>: sockets in, effects out, on threads of its own.</summary>
/// <remarks>
/// Threads with non-blocking sockets and Poll, never the thread pool and never asynchronous sockets: a server whose pool is
/// exhausted by its clients must still answer pings, or it costs itself a suspicion. One thread owns the core; one receives
/// packets, one accepts streams, one asks DNS; each stream has a short-lived one. Thread-safe, except that <c>onEvent</c> runs on
/// the core's thread and must neither block nor throw.
/// </remarks>
public sealed class SwimDriver : IDisposable
{
    /// <summary>The longest that <see cref="Snapshot"/> lags behind; a change of the members is published at once.</summary>
    public static readonly TimeSpan PublishInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Inputs between two ticks: a flood may delay a timer by no more than handling these.</summary>
    private const int MaxInputsPerTick = 512;

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    private readonly Swim _core;
    private readonly SwimSockets _sockets;
    private readonly PacketSeal _seal;
    private readonly Action<SwimEvent> _onEvent;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly SwimInbox _inbox;
    private readonly SwimAddressBook _addresses;
    private readonly SwimStreams _streams;
    private readonly SwimDriverTally _tally = new();
    private readonly Thread _owner;
    private readonly Thread _receiver;
    private volatile SwimSnapshot _snapshot;
    private volatile bool _stopping;
    private volatile bool _stopOnceLeft;

    private SwimDriver(Swim core, SwimSockets sockets, SwimDriverConfig config, Action<SwimEvent> onEvent, TimeProvider time)
    {
        (_core, _sockets, _onEvent, _time) = (core, sockets, onEvent, time);
        _start = time.GetTimestamp();
        _seal = new PacketSeal(config.Secret, "swim packet");
        _inbox = new SwimInbox(config.InboxPackets, config.InboxCommands);
        _addresses = new SwimAddressBook(sockets.LocalEndPoint.AddressFamily, time);
        _snapshot = new SwimSnapshot(core.Members, core.Contacts, core.Counters with { });
        _streams = new SwimStreams(sockets, _inbox, _addresses, _tally, config, core.Config.StreamTimeout, time);
        _owner = new Thread(Run) { IsBackground = true, Name = "swim" };
        _receiver = new Thread(Receive) { IsBackground = true, Name = "swim-udp" };
    }

    /// <summary>Starts the threads. The driver owns <paramref name="core"/> and <paramref name="sockets"/> from here on.</summary>
    public static SwimDriver Start(Swim core, SwimSockets sockets, SwimDriverConfig config, Action<SwimEvent> onEvent, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(core);
        ArgumentNullException.ThrowIfNull(sockets);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(onEvent);
        ArgumentNullException.ThrowIfNull(time);
        var driver = new SwimDriver(core, sockets, config, onEvent, time);
        driver._owner.Start();
        driver._receiver.Start();
        return driver;
    }

    /// <summary>What the core believed a moment ago. Takes no lock.</summary>
    public SwimSnapshot Snapshot => _snapshot;

    /// <summary>What the driver itself dropped.</summary>
    public SwimDriverCounters Counters => _tally.Read();

    /// <summary>The core's <c>now</c>: the time base of <see cref="Contact"/>.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Has a command carried out on the core's thread: <c>driver.Post(swim => swim.Join(seeds))</c>. False when full or stopped.</summary>
    public bool Post(Action<Swim> command) => _inbox.TryPostCommand(command);

    /// <summary>Leaves gracefully, waits up to <paramref name="patience"/> for the news to be spread, then stops.</summary>
    public void Stop(TimeSpan patience)
    {
        _stopOnceLeft = true;
        if (Post(swim => swim.Leave()))
        {
            _owner.Join(patience);
        }

        Dispose();
    }

    /// <summary>Stops at once, as a crash would: the others have to find out.</summary>
    public void Dispose()
    {
        _stopping = true;
        _inbox.Close();
        _owner.Join();
        _receiver.Join();
        _streams.Dispose();
        _addresses.Dispose();
        _sockets.Dispose();
    }

    internal static HostPort AddressOf(EndPoint endPoint)
    {
        var ip = (IPEndPoint)endPoint;
        var address = ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address;
        return new HostPort(address.ToString(), ip.Port);
    }

    /// <summary>The only code that touches the core.</summary>
    private void Run()
    {
        var (commands, inputs, effects) = (new List<Action<Swim>>(), new List<SwimInput>(), new List<SwimEffect>());
        var published = TimeSpan.Zero;
        while (!_stopping)
        {
            _inbox.Take(_core.Deadline - Elapsed, commands, inputs, MaxInputsPerTick);
            foreach (var command in commands)
            {
                command(_core);
            }

            foreach (var input in inputs)
            {
                _core.Handle(Elapsed, input);
            }

            _core.Tick(Elapsed, effects);
            Publish(ref published);
            foreach (var effect in effects)
            {
                Perform(effect);
            }

            commands.Clear();
            inputs.Clear();
            effects.Clear();
            _stopping |= _stopOnceLeft && _core.HasLeft;
        }
    }

    /// <summary>Before the events go out, so that whoever hears one also sees it.</summary>
    private void Publish(ref TimeSpan published)
    {
        var now = Elapsed;
        if (!ReferenceEquals(_snapshot.Members, _core.Members) || now - published >= PublishInterval)
        {
            published = now;
            _snapshot = new SwimSnapshot(_core.Members, _core.Contacts, _core.Counters with { });
        }
    }

    private void Perform(SwimEffect effect)
    {
        switch (effect)
        {
            case SwimEffect.SendPacket packet:
                SendPacket(packet);
                break;
            case SwimEffect.OpenStream open:
                _streams.Open(open);
                break;
            case SwimEffect.AnswerStream answer:
                _streams.Answer(answer.Stream, answer.Bytes);
                break;
            case SwimEffect.CloseStream close:
                _streams.Answer(close.Stream, null);
                break;
            case SwimEffect.Raise raise:
                _onEvent(raise.Event);
                break;
        }
    }

    private void SendPacket(SwimEffect.SendPacket packet)
    {
        if (_addresses.Find(packet.To) is not { } to)
        {
            _tally.Unresolved();
            return;
        }

        try
        {
            _sockets.Udp.SendTo(_seal.Seal(packet.Bytes.Span), to);
        }
        catch (SocketException)
        {
            // A full send buffer, no route, a foreign address family: all the same as a lost packet.
            _tally.SendFailure();
        }
    }

    private void Receive()
    {
        // Large enough for any datagram: a shorter buffer would cut a long one to something that looks right.
        var buffer = new byte[65536];
        EndPoint from = new IPEndPoint(_sockets.LocalEndPoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!_stopping)
        {
            try
            {
                if (_sockets.Udp.Poll(Slice, SelectMode.SelectRead))
                {
                    var length = _sockets.Udp.ReceiveFrom(buffer, ref from);
                    Receive(buffer.AsSpan(0, length), from);
                }
            }
            catch (SocketException)
            {
                // An ICMP error that belongs to some earlier packet, or a wake-up without data.
                _tally.SendFailure();
            }
        }
    }

    private void Receive(ReadOnlySpan<byte> datagram, EndPoint from)
    {
        if (datagram.Length > SwimLimits.MaxPacketBytes)
        {
            _tally.Oversized();
        }
        else if (!_seal.TryOpen(datagram, out var payload))
        {
            _tally.BadSeal();
        }
        else if (!_inbox.TryPostPacket(new SwimInput.PacketReceived(AddressOf(from), payload.ToArray())))
        {
            _tally.InboxFull();
        }
    }
}

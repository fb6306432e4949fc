using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Trefoil.ControlPlane;
using Trefoil.Migration;
using Trefoil.Primitives;
using Trefoil.Replication;
using Trefoil.Wire.Peer;

namespace Trefoil.Drivers.Peers;

/// <summary>What the transport has done since it was started.</summary>
public sealed class PeerCounters
{
    internal long SentFrames, ReceivedFrames, DroppedFrames, BadFrames, RefusedConnections;

    /// <summary>Frames handed to the kernel.</summary>
    public long Sent => Interlocked.Read(ref SentFrames);

    /// <summary>Frames read and understood.</summary>
    public long Received => Interlocked.Read(ref ReceivedFrames);

    /// <summary>Frames given up because a peer was away or too slow.</summary>
    public long Dropped => Interlocked.Read(ref DroppedFrames);

    /// <summary>Frames that were malformed, badly sealed, or of another cluster's name; their connections were closed.</summary>
    public long Bad => Interlocked.Read(ref BadFrames);

    /// <summary>Connections closed at once because too many were open.</summary>
    public long Refused => Interlocked.Read(ref RefusedConnections);
}

/// <summary>Carries control and replication messages between nodes: framed TCP, best effort, in order per peer while a connection lasts.</summary>
/// <remarks>
/// Blocking sockets and threads of its own, one per connection, and never the thread pool or an async socket: a command that
/// holds a client thread for five seconds may not cost a lease or a leadership (correctness.md, 8). Messages to a peer
/// use a connection that only we write to; its answers come over one of its own. Replication, which is bulk, has a second such
/// connection to each peer, so that no lease waits behind a snapshot, and slots that move share it; the first byte of a payload says what it is.
/// </remarks>
public sealed class PeerTransport : IDisposable
{
    private const int MaxConnections = 2048;
    private static readonly TimeSpan FirstFrameDeadline = TimeSpan.FromSeconds(10);

    private readonly string _clusterName;
    private readonly PacketSeal _seal;
    private readonly Socket _listener;
    private readonly Action<PeerIdentity, ControlMessage> _received;
    private readonly ConcurrentDictionary<HostPort, PeerLink> _links = new();
    private readonly ConcurrentDictionary<HostPort, PeerLink> _bulkLinks = new();
    private readonly ConcurrentDictionary<Socket, bool> _inbound = new();
    private volatile bool _stopped;

    private PeerTransport(
        string clusterName, string secret, Socket listener, Action<PeerIdentity, ControlMessage> received)
    {
        _clusterName = clusterName;
        _seal = new PacketSeal(secret, "peer frame");
        _listener = listener;
        _received = received;
    }

    /// <summary>Counts of frames and connections.</summary>
    public PeerCounters Counters { get; } = new();

    /// <summary>Called, from a transport thread, when a peer cannot be reached.</summary>
    public Action<HostPort>? Unreachable { get; set; }

    /// <summary>Called from reader threads with what members of this node's shard say; null: nobody here replicates.</summary>
    public Action<PeerIdentity, ReplicaMessage>? ReplicaReceived { get; set; }

    /// <summary>The same, with what the other ends of migrations say.</summary>
    public Action<PeerIdentity, MigrationMessage>? MigrationReceived { get; set; }

    /// <summary>Binds the control port and starts to listen; null, and the reason, when the port is not to be had.</summary>
    /// <param name="clusterName">Frames of other names are dropped.</param>
    /// <param name="secret">Seals every frame; empty for none.</param>
    /// <param name="bind">The address to listen on.</param>
    /// <param name="received">Called from reader threads, one frame at a time per connection.</param>
    /// <param name="problem">Why it could not listen.</param>
    public static PeerTransport? Listen(
        string clusterName, string secret, IPEndPoint bind, Action<PeerIdentity, ControlMessage> received, out string? problem)
    {
        ArgumentNullException.ThrowIfNull(bind);
        var listener = new Socket(bind.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(bind);
            listener.Listen(128);
        }
        catch (SocketException error)
        {
            listener.Dispose();
            problem = error.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"port {bind.Port} (rpc_port) on {bind.Address} is in use by another process"
                : $"cannot listen on {bind} (rpc_port): {error.Message}";
            return null;
        }

        problem = null;
        var transport = new PeerTransport(clusterName, secret, listener, received);
        new Thread(transport.Accept) { IsBackground = true, Name = "peer-accept" }.Start();
        return transport;
    }

    /// <summary>Sends to a peer if it can be reached soon; drops the message otherwise. Called by one thread.</summary>
    public void Send(HostPort to, PeerEnvelope envelope, ControlMessage message)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var writer = new ByteWriter(512);
        envelope.Write(writer);
        ControlCodec.Write(writer, message);
        LinkTo(to, _links).Send(Frame(writer));
    }

    /// <summary>As the other, over the connection for bulk. Called by one thread, which may be another one.</summary>
    public void Send(HostPort to, PeerEnvelope envelope, MigrationMessage message)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var writer = new ByteWriter(512);
        envelope.Write(writer);
        MigrationCodec.Write(writer, message);
        LinkTo(to, _bulkLinks).Send(Frame(writer));
    }

    /// <summary>As the other, over the connection for bulk. Called by one thread, which may be another one.</summary>
    public void Send(HostPort to, PeerEnvelope envelope, ReplicaMessage message)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var writer = new ByteWriter(512);
        envelope.Write(writer);
        ReplicaCodec.Write(writer, message);
        LinkTo(to, _bulkLinks).Send(Frame(writer));
    }

    /// <summary>Closes every connection and stops listening.</summary>
    public void Dispose()
    {
        _stopped = true;
        _listener.Dispose();
        foreach (var link in _links.Values.Concat(_bulkLinks.Values))
        {
            link.Dispose();
        }

        foreach (var socket in _inbound.Keys)
        {
            socket.Dispose();
        }
    }

    private void OnUnreachable(HostPort address) => Unreachable?.Invoke(address);

    private PeerLink LinkTo(HostPort to, ConcurrentDictionary<HostPort, PeerLink> links) =>
        links.TryGetValue(to, out var link)
            ? link
            : links.GetOrAdd(to, static (address, self) => new PeerLink(address, self.Counters, self.OnUnreachable), this);

    /// <summary>The frame as it goes out: a length, then the sealed body.</summary>
    private byte[] Frame(ByteWriter writer)
    {
        var body = _seal.Seal(writer.Written);
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, body.Length);
        body.CopyTo(frame, 4);
        return frame;
    }

    private void Accept()
    {
        while (!_stopped)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (SocketException) when (!_stopped)
            {
                continue; // The client was gone before we came to it, or descriptors ran out for a moment.
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }

            if (_inbound.Count >= MaxConnections)
            {
                Interlocked.Increment(ref Counters.RefusedConnections);
                socket.Dispose();
                continue;
            }

            _inbound[socket] = true;
            new Thread(() => Read(socket), 256 << 10) { IsBackground = true, Name = "peer-read" }.Start();
        }
    }

    private void Read(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            socket.ReceiveTimeout = (int)FirstFrameDeadline.TotalMilliseconds;
            var buffer = new FrameBuffer();
            var first = true;
            while (!_stopped && buffer.Fill(socket))
            {
                while (buffer.TryTake(out var frame))
                {
                    if (!Take(frame))
                    {
                        Interlocked.Increment(ref Counters.BadFrames);
                        return;
                    }

                    if (first)
                    {
                        first = false;
                        socket.ReceiveTimeout = 0; // A peer that has shown itself may be silent for as long as it likes.
                    }
                }

                if (buffer.IsMalformed)
                {
                    Interlocked.Increment(ref Counters.BadFrames);
                    return;
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The peer is gone: whatever mattered is sent again over its next connection.
        }
        finally
        {
            _inbound.TryRemove(socket, out _);
            socket.Dispose();
        }
    }

    private bool Take(ReadOnlySpan<byte> frame)
    {
        if (!_seal.TryOpen(frame, out var body))
        {
            return false;
        }

        if (PeerEnvelope.Read(body, out var payload) is not { } envelope)
        {
            return false;
        }

        if (payload.Length > 0 && payload[0] >= ReplicaCodec.FirstKind)
        {
            return envelope.ClusterName == _clusterName && TakeBulk(envelope, payload.ToArray());
        }

        if (ControlCodec.Read(payload) is not { } message)
        {
            return false;
        }

        if (envelope.ClusterName != _clusterName && message is not (ControlMessage.Offer or ControlMessage.Invite))
        {
            return false; // An offer or invitation of another name is answered with the reason instead.
        }

        Interlocked.Increment(ref Counters.ReceivedFrames);
        _received(new PeerIdentity(envelope.Sender, envelope.Cluster, envelope.ReplyTo), message);
        return true;
    }

    private bool TakeBulk(PeerEnvelope envelope, byte[] payload)
    {
        var from = new PeerIdentity(envelope.Sender, envelope.Cluster, envelope.ReplyTo);
        if (payload[0] >= MigrationCodec.FirstKind)
        {
            if (MigrationCodec.Read(payload) is not { } moved)
            {
                return false;
            }

            MigrationReceived?.Invoke(from, moved);
        }
        else
        {
            if (ReplicaCodec.Read(payload) is not { } message)
            {
                return false;
            }

            ReplicaReceived?.Invoke(from, message);
        }

        Interlocked.Increment(ref Counters.ReceivedFrames);
        return true;
    }
}

using System.Globalization;
using System.Text;
using Trefoil.Wire.Resp;

namespace Trefoil.Simulator.Clients;

/// <summary>A client's end of a connection: commands out, replies in, in order; a stream, whatever the network does to its packets.</summary>
internal sealed class VirtualConnection
{
    private static readonly TimeSpan ResendAfter = TimeSpan.FromMilliseconds(250);

    private readonly Queue<Action<RespReply?>> _waiting = new();
    private readonly RespReplyReader _replies = new();
    private readonly Stream _up;
    private readonly Stream _down;
    private ServerConnection? _server;

    /// <summary>A connection over a world of one's own; what leaves at either end is handed to <paramref name="carry"/>.</summary>
    /// <param name="connections">Where it leads.</param>
    /// <param name="address">The client's address, as the server sees it.</param>
    /// <param name="carry">Carries a packet: to the server if true. It may come late, twice or never.</param>
    /// <param name="later">Runs something after a delay.</param>
    public VirtualConnection(NodeConnections connections, string address, Action<bool, Action> carry, Action<TimeSpan, Action> later)
    {
        (_up, _down) = (new Stream(arrive => carry(true, arrive), later), new Stream(arrive => carry(false, arrive), later));
        _up.Send(() =>
        {
            _server = connections.Accept(address, bytes => _down.Send(() => Arrive(bytes)), () => _down.Send(() => End(false)));
            if (_server is null)
            {
                _down.Send(() => End(true));
            }
            else if (Connected is not null)
            {
                _down.Send(() => Connected?.Invoke(true));
            }
        });
        Connections = connections;
    }

    /// <summary>Neither end has closed it, as far as this one knows.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Nobody listened: no command of it ever ran.</summary>
    public bool WasRefused { get; private set; }

    /// <summary>Told once the server has accepted, or that it has closed; set when the connection is made, or never.</summary>
    public Action<bool>? Connected { get; set; }

    /// <summary>Takes replies to what <see cref="Send"/> sent; null once it is closed.</summary>
    public Action<RespReply?>? Unasked { get; set; }

    /// <summary>Calls that are not answered yet.</summary>
    public int Waiting => _waiting.Count;

    private NodeConnections Connections { get; }

    /// <summary>Connects a client, a machine of its own, to a node.</summary>
    public static VirtualConnection Open(Simulation world, int client, SimulatedNode node) =>
        Between(world, world.Nodes.Count + client, string.Create(CultureInfo.InvariantCulture, $"10.0.1.{client + 1}:{50000 + client}"), node);

    /// <summary>Connects a machine of the network to a node.</summary>
    public static VirtualConnection Between(Simulation world, int machine, string address, SimulatedNode node) =>
        new(
            node.Connections, address,
            (toNode, arrive) => world.Network.Send(world.Now, toNode ? machine : node.Index, toNode ? node.Index : machine, arrive),
            (delay, action) => world.Queue.At(world.Now + delay, action));

    /// <summary>Sends a command behind those before it.</summary>
    /// <param name="arguments">With the command's name.</param>
    /// <param name="answered">Its reply; null: the connection closed without one.</param>
    public void Call(IReadOnlyList<string> arguments, Action<RespReply?> answered)
    {
        if (!IsOpen)
        {
            answered(null);
            return;
        }

        _waiting.Enqueue(answered);
        Send(Encode(arguments));
    }

    /// <summary>Sends bytes behind those before them; their replies are <see cref="Unasked"/> ones.</summary>
    public void Send(byte[] bytes) => _up.Send(() =>
    {
        if (_server is { } server)
        {
            Connections.Arrive(server, bytes);
        }
    });

    /// <summary>Closes: what is not answered yet never is, though it may still be done.</summary>
    public void Close()
    {
        if (IsOpen)
        {
            _up.Send(() =>
            {
                if (_server is { } server)
                {
                    Connections.End(server);
                }

                _up.Stop();
            });
            End(false);
        }
    }

    private static byte[] Encode(IReadOnlyList<string> arguments)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"*{arguments.Count}\r\n");
        foreach (var argument in arguments)
        {
            text.Append(CultureInfo.InvariantCulture, $"${argument.Length}\r\n{argument}\r\n");
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private void Arrive(byte[] bytes)
    {
        if (!IsOpen)
        {
            return;
        }

        _replies.Feed(bytes);
        while (IsOpen && _replies.TryRead(out var reply))
        {
            if (!_waiting.TryDequeue(out var answered) && (answered = Unasked) is null)
            {
                throw new OracleViolation($"a reply that nobody asked for: {reply.Text}");
            }

            answered(reply);
        }

        if (_replies.Failure is { } failure)
        {
            throw new OracleViolation($"a client cannot read its replies: {failure}");
        }
    }

    private void End(bool refused)
    {
        _down.Stop();
        if (refused)
        {
            _up.Stop();
        }

        if (!IsOpen)
        {
            return;
        }

        (IsOpen, WasRefused) = (false, refused);
        while (_waiting.TryDequeue(out var answered))
        {
            answered(null);
        }

        Connected?.Invoke(false);
        Unasked?.Invoke(null);
    }

    /// <summary>One direction: what is sent arrives once and in order, or is sent again, until somebody stops it.</summary>
    private sealed class Stream(Action<Action> carry, Action<TimeSpan, Action> later)
    {
        private readonly SortedDictionary<long, Action> _sent = [];
        private readonly SortedSet<long> _arrived = [];
        private long _last;
        private long _delivered;
        private bool _stopped;
        private bool _watched;

        public void Send(Action arrive)
        {
            if (_stopped)
            {
                return;
            }

            var number = ++_last;
            _sent.Add(number, arrive);
            carry(() => Arrive(number));
            Watch();
        }

        public void Stop()
        {
            _stopped = true;
            _sent.Clear();
        }

        private void Arrive(long number)
        {
            if (_stopped || number <= _delivered)
            {
                return;
            }

            _arrived.Add(number);
            while (!_stopped && _arrived.Remove(_delivered + 1))
            {
                _sent.Remove(++_delivered, out var arrive);
                arrive!();
            }
        }

        private void Watch()
        {
            if (_watched || _stopped || _sent.Count == 0)
            {
                return;
            }

            _watched = true;
            var newest = _last;
            later(ResendAfter, () =>
            {
                _watched = false;
                foreach (var number in _sent.Keys.Where(number => number <= newest && !_arrived.Contains(number)).ToList())
                {
                    carry(() => Arrive(number));
                }

                Watch();
            });
        }
    }
}

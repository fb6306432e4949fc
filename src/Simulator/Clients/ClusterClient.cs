using System.Globalization;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;

namespace Trefoil.Simulator.Clients;

/// <summary>A machine with a client library that knows clusters: it remembers which node has which slot, follows redirections, and tries again what surely did not happen.</summary>
/// <remarks>One request at a time. It never sends a write again that it has no answer to: that would be a second write.</remarks>
internal sealed class ClusterClient(Simulation world, int index, Prng random)
{
    /// <summary>Redirections that are followed at once; then it waits as if told to try again.</summary>
    private const int MaxRedirections = 5;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(4);

    /// <summary>What a server says to a command that it has not run and will not run.</summary>
    private static readonly string[] Refusals = ["MOVED ", "ASK ", "TRYAGAIN ", "CLUSTERDOWN ", "NOREPLICAS ", "READONLY ", "MASTERDOWN ", "LOADING ", "EXECABORT ", "CROSSSLOT "];

    private readonly SortedDictionary<(int Node, bool IsReadOnly), VirtualConnection> _connections = [];
    private readonly SortedDictionary<int, SimulatedNode> _owners = [];

    /// <summary>Its number; it is machine <c>nodes + index</c> of the network.</summary>
    public int Index => index;

    /// <summary>Its own choices.</summary>
    public Prng Random => random;

    /// <summary>Sends a request to whoever has its slot, until it is done, or its fate is unknown, or <paramref name="patience"/> has passed without it.</summary>
    public void Do(ClientRequest request, TimeSpan patience, Action<ClientAnswer> told) => new Attempts(this, request, world.Now + patience, told).Send();

    /// <summary>Sends a command to this node and no other, once.</summary>
    public void Ask(SimulatedNode node, Action<ClientAnswer> told, params string[] command) =>
        new Attempts(this, ClientRequest.Write(-1, command), world.Now, told).SendTo(node, asking: false);

    /// <summary>Asks a replica, stale as it may be, over a connection that is for nothing else.</summary>
    public void AskReplica(SimulatedNode node, Action<RespReply?> told, params string[] command)
    {
        var connection = To(node, isReadOnly: true);
        connection.Call(["READONLY"], _ => { });
        var waits = true;
        connection.Call(command, reply =>
        {
            waits = false;
            told(reply);
        });
        world.Queue.At(world.Now + AnswerLimit, () =>
        {
            if (waits)
            {
                connection.Close();
            }
        });
    }

    /// <summary>Closes whatever is open.</summary>
    public void Disconnect()
    {
        foreach (var connection in _connections.Values)
        {
            connection.Close();
        }

        _connections.Clear();
    }

    private static bool IsRefusal(string? error) => error is not null && Array.Exists(Refusals, start => error.StartsWith(start, StringComparison.Ordinal));

    private VirtualConnection To(SimulatedNode node, bool isReadOnly = false)
    {
        if (!_connections.TryGetValue((node.Index, isReadOnly), out var connection) || !connection.IsOpen)
        {
            _connections[(node.Index, isReadOnly)] = connection = VirtualConnection.Open(world, index, node);
        }

        return connection;
    }

    private SimulatedNode OwnerOf(int slot)
    {
        if (_owners.TryGetValue(slot, out var owner) && !random.Chance(0.01))
        {
            return owner;
        }

        return world.Nodes[random.Below(world.Nodes.Count)];
    }

    /// <summary>One request on its way.</summary>
    private sealed class Attempts(ClusterClient client, ClientRequest request, TimeSpan until, Action<ClientAnswer> told)
    {
        private readonly Simulation _world = client.World;
        private TimeSpan _called;
        private long _calledWallMs;
        private SimulatedNode? _node;
        private int _redirections;
        private int _attempt;

        public void Send() => SendTo(client.OwnerOf(request.Slot), asking: false);

        public void SendTo(SimulatedNode node, bool asking)
        {
            (_node, _called, _calledWallMs) = (node, _world.Now, node.Clock.WallMs);
            var (attempt, connection) = (++_attempt, client.To(node));
            var (replies, expected) = (new List<RespReply>(), request.Commands.Count + (asking ? 1 : 0));
            void Heard(RespReply? reply)
            {
                if (attempt != _attempt)
                {
                    return;
                }

                if (reply is null)
                {
                    _attempt++;
                    Unanswered(connection);
                    return;
                }

                replies.Add(reply);
                if (replies.Count == expected)
                {
                    _attempt++;
                    Answered(asking ? replies.GetRange(1, replies.Count - 1) : replies);
                }
            }

            if (asking)
            {
                connection.Call(["ASKING"], Heard);
            }

            foreach (var command in request.Commands)
            {
                connection.Call(command, Heard);
            }

            // Impatient ones give up on a connection now and then, and leave it open what becomes of their request.
            var limit = client.Random.Chance(0.01) ? client.Random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(5)) : AnswerLimit;
            _world.Queue.At(_world.Now + limit, () =>
            {
                if (attempt == _attempt)
                {
                    connection.Close();
                }
            });
        }

        private void Unanswered(VirtualConnection connection)
        {
            client._owners.Remove(request.Slot);
            if (!request.ChangesNothing && !connection.WasRefused)
            {
                Tell(AnswerKind.Unknown, null);
            }
            else
            {
                TryAgain(null);
            }
        }

        private void Answered(List<RespReply> replies)
        {
            var error = replies.Find(reply => reply.IsError && IsRefusal(reply.Text)) ?? replies.Find(reply => reply.IsError);
            if (error is null)
            {
                client._owners[request.Slot] = _node!;
                Tell(AnswerKind.Done, replies[^1]);
            }
            else if (!IsRefusal(error.Text))
            {
                // A client's fault, or the server's: whoever asked knows whether it may be.
                Tell(AnswerKind.Done, error);
            }
            else if (Redirection(error.Text!) is var (node, asking) && _redirections++ < MaxRedirections && _world.Now < until)
            {
                _world.Counts.Add(SimulationCounts.Progress.Redirections);
                if (!asking)
                {
                    client._owners[request.Slot] = node;
                }

                SendTo(node, asking);
            }
            else
            {
                TryAgain(error);
            }
        }

        private void TryAgain(RespReply? error)
        {
            if (_world.Now >= until)
            {
                Tell(AnswerKind.NotDone, error);
                return;
            }

            _redirections = 0;
            _world.Note("retry", client.Index + _world.Nodes.Count, _node?.Index ?? -1, (ulong)_called.Ticks, (request, new ClientAnswer(AnswerKind.NotDone, error, _called, _world.Now, _node, 0)));
            _world.Queue.At(_world.Now + client.Random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(400)), () =>
            {
                if (client.Random.Chance(0.3))
                {
                    client._owners.Remove(request.Slot);
                }

                Send();
            });
        }

        /// <summary>As in <c>MOVED 5 10.0.0.3:7000</c>.</summary>
        private (SimulatedNode Node, bool Asking)? Redirection(string error)
        {
            var words = error.Split(' ');
            return words is ["MOVED" or "ASK", _, var address] && _world.NodeAt(address[..address.LastIndexOf(':')]) is { } node
                ? (node, words[0] == "ASK") : null;
        }

        private void Tell(AnswerKind kind, RespReply? reply)
        {
            var answer = new ClientAnswer(kind, reply, _called, _world.Now, _node, _calledWallMs);
            _world.Note("client", client.Index + _world.Nodes.Count, _node?.Index ?? -1, ((ulong)kind << 56) ^ (ulong)_called.Ticks, (request, answer));
            told(answer);
        }
    }

    private Simulation World => world;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"client {index}");
}

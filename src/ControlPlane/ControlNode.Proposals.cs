using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.ControlPlane;

/// <summary>Proposals: kept by the proposer until its own machine has applied them, sent again under the same id meanwhile.</summary>
public sealed partial class ControlNode
{
    private readonly List<Pending> _pending = [];
    private readonly List<ControlEffect> _answers = [];

    // Leader only: requests in its log and not applied yet. Membership tests only, so its order never shows.
    private readonly HashSet<RequestId> _inFlight = [];

    // Leader only: nodes whose removal waits until they are no longer voters; the value is when to stop waiting.
    private readonly SortedDictionary<NodeId, TimeSpan> _leaving = [];
    private NodeId _leaderHint;

    private void ProposeLocally(ControlInput.Propose input, List<ControlEffect> effects)
    {
        if (_offer is not null)
        {
            Answer(input.Token, new CommandResult.Refused("ERR This node is joining another cluster, try again"));
        }
        else if (_identity.Cluster.IsNone)
        {
            Answer(input.Token, new CommandResult.Refused("CLUSTERDOWN This node is in no cluster yet"));
        }
        else if (_pending.Count >= _config.MaxPending)
        {
            Answer(input.Token, new CommandResult.Refused("ERR Too many topology changes in flight, try again"));
        }
        else
        {
            var command = input.Build(NextRequest());
            Start(new Pending(command, Timeout(command)) { Token = input.Token }, effects);
        }
    }

    private TimeSpan Timeout(TopologyCommand command) =>
        _now + (command is TopologyCommand.RemoveNode ? _config.RemovalTimeout : _config.ProposalTimeout);

    private void Start(Pending pending, List<ControlEffect> effects)
    {
        _pending.Add(pending);
        Submit(pending, effects);
    }

    /// <summary>Hands the proposal to the leader: here, or over there; without one it waits for the next retry.</summary>
    private void Submit(Pending pending, List<ControlEffect> effects)
    {
        pending.NextSend = _now + _config.ProposalRetry;
        if (IsLeader)
        {
            AppendAsLeader(pending.Command, pending.Bytes);
        }
        else if (LeaderAddress() is { } leader)
        {
            Send(leader, new ControlMessage.Propose(pending.Command.Request, pending.Bytes, _machine.Topology.Version), effects);
        }
    }

    private void ProposeForPeer(PeerIdentity from, ControlMessage.Propose propose, List<ControlEffect> effects)
    {
        if (!IsLeader)
        {
            Send(from.Address, new ControlMessage.NotLeader(propose.Request, LeaderNode()), effects);
        }
        else if (_machine.TryGetResult(propose.Request, out _))
        {
            AnswerPull(from, propose.Version, effects); // Committed already: what it misses is the entry itself.
        }
        else if (TopologyCommandCodec.TryDecode(propose.Command, out var command) && command.Request == propose.Request)
        {
            AppendAsLeader(command, propose.Command);
        }
    }

    private void AppendAsLeader(TopologyCommand command, byte[] bytes)
    {
        if (_inFlight.Contains(command.Request) || WaitsForVoterChange(command) || WaitsForLease(command))
        {
            return;
        }

        if (_raft!.Propose(bytes).IsAccepted)
        {
            _inFlight.Add(command.Request);
        }
    }

    /// <summary>A voter is replaced before it is removed: else its RESET could take the quorum with it.</summary>
    private bool WaitsForVoterChange(TopologyCommand command)
    {
        if (command is not TopologyCommand.RemoveNode removal
            || _machine.Topology.Find(removal.Node) is not { } node
            || !_raft!.Configuration.IsMember(node.MemberId))
        {
            return false;
        }

        _leaving[removal.Node] = _now + _config.RemovalTimeout;
        _nextVoterCheck = _now;
        return true;
    }

    private void FollowHint(ControlMessage.NotLeader other, List<ControlEffect> effects)
    {
        var pending = _pending.Find(p => p.Command.Request == other.Request);
        if (pending is null || other.Leader.IsNone || other.Leader == _identity.Node)
        {
            return;
        }

        _leaderHint = other.Leader;
        if (_machine.Topology.Find(other.Leader) is { } leader && pending.Hints++ < 3)
        {
            Send(
                ControlAddress(leader),
                new ControlMessage.Propose(pending.Command.Request, pending.Bytes, _machine.Topology.Version),
                effects);
        }
    }

    private void RetryProposals(List<ControlEffect> effects)
    {
        foreach (var pending in _pending.ToArray())
        {
            if (_now >= pending.Deadline)
            {
                _pending.Remove(pending);
                Conclude(pending, new CommandResult.Refused(Refusals.OutcomeUnknown), effects);
            }
            else if (_now >= pending.NextSend)
            {
                pending.Hints = 0;
                Submit(pending, effects);
            }
        }
    }

    private void ResendProposals(List<ControlEffect> effects)
    {
        foreach (var pending in _pending.ToArray())
        {
            Submit(pending, effects);
        }
    }

    /// <summary>The machine has applied a request: whoever waits for it here is told.</summary>
    private void Complete(RequestId request, CommandResult result, List<ControlEffect> effects)
    {
        var index = _pending.FindIndex(p => p.Command.Request == request);
        if (index >= 0)
        {
            var pending = _pending[index];
            _pending.RemoveAt(index);
            Conclude(pending, result, effects);
        }
    }

    /// <summary>A whole topology was installed: requests that it already contains are answered from its window.</summary>
    private void AnswerApplied(List<ControlEffect> effects)
    {
        foreach (var pending in _pending.ToArray())
        {
            if (_machine.TryGetResult(pending.Command.Request, out var result))
            {
                Complete(pending.Command.Request, result, effects);
            }
        }
    }

    private void Conclude(Pending pending, CommandResult result, List<ControlEffect> effects)
    {
        if (pending.Then is { } then)
        {
            then(result, effects);
        }
        else
        {
            Answer(pending.Token, result);
        }
    }

    private void Answer(ulong token, CommandResult result) => _answers.Add(new ControlEffect.Answer(token, result));

    private HostPort? LeaderAddress()
    {
        var leader = LeaderNode();
        if (leader.IsNone && !KeepsLog)
        {
            // A member that keeps no log asks anyone alive; the answer is the leader, or a hint.
            var others = _machine.Topology.Nodes.Where(n => n.Id != _identity.Node && IsAlive(n.Id)).ToList();
            leader = others.Count > 0 ? others[_random.Below(others.Count)].Id : NodeId.None;
        }

        return leader != _identity.Node && _machine.Topology.Find(leader) is { } node ? ControlAddress(node) : null;
    }

    /// <summary>A proposal of this node that its own machine has not applied yet.</summary>
    private sealed class Pending(TopologyCommand command, TimeSpan deadline)
    {
        public TopologyCommand Command { get; } = command;

        public byte[] Bytes { get; } = TopologyCommandCodec.Encode(command);

        public TimeSpan Deadline { get; } = deadline;

        public ulong Token { get; init; }

        public Action<CommandResult, List<ControlEffect>>? Then { get; init; }

        public TimeSpan NextSend { get; set; }

        public int Hints { get; set; }
    }
}

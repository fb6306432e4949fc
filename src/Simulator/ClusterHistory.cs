using System.Runtime.CompilerServices;
using System.Text;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Simulator;

/// <summary>Everything that was ever true of one cluster, by whoever showed it first; whoever shows otherwise is wrong.</summary>
internal sealed class ClusterHistory(ClusterId id)
{
    private readonly Dictionary<ulong, ulong> _leaders = [];
    private readonly Dictionary<(ulong Member, ulong Term), ulong> _votes = [];
    private readonly Dictionary<ulong, (ulong Term, ulong Candidate)> _lastVotes = [];
    private readonly Dictionary<(ulong Index, ulong Term), (ulong Digest, ulong? Before)> _entries = [];
    private readonly Dictionary<ulong, (ulong Digest, ulong Command, ulong Term, ulong AtTerm)> _committed = [];
    private readonly Dictionary<ulong, ulong> _commands = [];
    private readonly Dictionary<ulong, ulong> _topologies = [];
    private readonly Dictionary<ulong, NodeId> _members = [];
    private readonly Dictionary<RequestId, (ulong Index, NodeId Node)> _joins = [];
    private readonly Dictionary<NodeId, ulong> _removals = [];

    public ClusterId Id { get; } = id;

    public string Name => Narrator.Short(Id);

    /// <summary>The highest version anyone has shown.</summary>
    public Topology Latest { get; private set; } = Topology.Empty;

    /// <summary>Highest index known to be committed with all below it.</summary>
    public ulong Committed { get; private set; } = 1;

    /// <summary>The highest index that anybody has taken for committed.</summary>
    public ulong HighestCommit { get; private set; } = 1;

    /// <summary>The commit index rises only to an entry of the leader's own term; older ones are committed with it (thesis, 3.6.2).</summary>
    public void Rise(ulong index, ulong? entryTerm, ulong term)
    {
        HighestCommit = index;
        Require(entryTerm is null || entryTerm == term, $"index {index} of {Name}, of term {entryTerm}, is the first to be committed in term {term}, by counting");
    }

    /// <summary>Who starts knows the vote of its last life: forgotten, it could be given twice. False when there was none.</summary>
    public bool CheckBallot(ulong member, ulong term, ulong vote)
    {
        if (!_lastVotes.TryGetValue(member, out var last))
        {
            return false;
        }

        Require(
            term > last.Term || (term == last.Term && vote == last.Candidate),
            $"member {member} of {Name} voted for {last.Candidate} in term {last.Term}, and starts in term {term} with a vote for {vote}");
        return true;
    }

    /// <summary>One leader per term. True when this is news.</summary>
    public bool Lead(ulong term, ulong member)
    {
        if (_leaders.TryAdd(term, member))
        {
            return true;
        }

        Require(_leaders[term] == member, $"two leaders in term {term} of {Name}: members {_leaders[term]} and {member}");

        return false;
    }

    /// <summary>One vote per member and term.</summary>
    public void Vote(ulong member, ulong term, ulong candidate)
    {
        if (term >= _lastVotes.GetValueOrDefault(member).Term)
        {
            _lastVotes[member] = (term, candidate);
        }

        if (!_votes.TryAdd((member, term), candidate))
        {
            Require(
                _votes[(member, term)] == candidate,
                $"member {member} of {Name} voted twice in term {term}: for {_votes[(member, term)]} and for {candidate}");
        }
    }

    /// <summary>Log matching: (index, term) names one entry, and one entry before it; by induction one prefix.</summary>
    public void Write(ulong index, ShadowEntry entry, ulong? before)
    {
        if (_entries.TryAdd((index, entry.Term), (entry.Digest, before)))
        {
            return;
        }

        var known = _entries[(index, entry.Term)];
        Require(known.Digest == entry.Digest, $"two different entries at index {index}, term {entry.Term} of {Name}");
        Require(
            before is null || known.Before is null || known.Before == before,
            $"the entry before index {index}, term {entry.Term} of {Name} has term {known.Before} here and {before} there");
    }

    /// <summary>State-machine safety: what is committed at an index never changes.</summary>
    public void Commit(ulong index, ShadowEntry entry, ulong atTerm)
    {
        Command(index, entry.Command);
        if (_committed.TryAdd(index, (entry.Digest, 0, entry.Term, atTerm)))
        {
            while (_committed.ContainsKey(Committed + 1))
            {
                Committed++;
            }

            return;
        }

        Require(
            _committed[index].Digest == entry.Digest && _committed[index].Term == entry.Term,
            $"index {index} of {Name} was committed with term {_committed[index].Term} and then with term {entry.Term} or other bytes");
    }

    /// <summary>The command that machines apply at an index; empty bytes for none. Deltas say it without a term.</summary>
    public void Command(ulong index, ReadOnlyMemory<byte> bytes)
    {
        var digest = Trace.HashOf(bytes.Span);
        if (!_commands.TryAdd(index, digest))
        {
            Require(_commands[index] == digest, $"two different commands were applied at index {index} of {Name}");
            return;
        }

        if (bytes.Length == 0 || !TopologyCommandCodec.TryDecode(bytes.Span, out var command))
        {
            return;
        }

        switch (command)
        {
            case TopologyCommand.AddNode add:
                _joins.TryAdd(add.Request, (index, add.Record.Id));
                break;
            case TopologyCommand.RemoveNode remove:
                _removals[remove.Node] = Math.Max(index, _removals.GetValueOrDefault(remove.Node));
                break;
        }
    }

    /// <summary>Leader completeness: who leads has everything that was committed in an earlier term.</summary>
    public void CheckLeader(ulong term, ShadowLog log)
    {
        for (var index = log.Base + 1; index <= Committed; index++)
        {
            if (_committed.TryGetValue(index, out var entry) && entry.AtTerm < term)
            {
                Require(
                    log.TermAt(index) == entry.Term,
                    $"the leader of term {term} of {Name} lacks the entry at {index} that was committed in term {entry.AtTerm}");
            }
        }
    }

    /// <summary>One topology per version, and so one owner per slot and version.</summary>
    public void Show(Topology topology)
    {
        var digest = Trace.HashOf(topology.Encode());
        if (!_topologies.TryAdd(topology.Version, digest))
        {
            Require(
                _topologies[topology.Version] == digest, $"two different topologies of {Name} at version {topology.Version}");
            return;
        }

        if (topology.Version > Latest.Version)
        {
            Latest = topology;
        }

        foreach (var node in topology.Nodes)
        {
            if (!_members.TryAdd(node.MemberId, node.Id))
            {
                Require(_members[node.MemberId] == node.Id, $"member id {node.MemberId} of {Name} was given to two nodes");
            }
        }
    }

    /// <summary>At most one application per request: no more ids are minted than joins were asked for.</summary>
    public void CheckMinted(Topology topology)
    {
        if (Committed >= topology.Version)
        {
            var asked = _joins.Values.Count(join => join.Index <= topology.Version);
            Require(
                topology.NextMemberId <= 2 + (ulong)asked,
                $"{Name} minted member ids up to {topology.NextMemberId - 1} with {asked} joins");
        }
    }

    /// <summary>True when this join asks for this node.</summary>
    public bool IsJoinOf(RequestId request, NodeId node) => _joins.TryGetValue(request, out var join) && join.Node == node;

    /// <summary>True when a removal is committed that the latest topology does not show yet.</summary>
    public bool IsLeaving(NodeId node) => _removals.GetValueOrDefault(node) > Latest.Version;

    private static void Require(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] Violation violation)
    {
        if (!condition)
        {
            throw new OracleViolation(violation.ToString());
        }
    }

    /// <summary>The text is only made when somebody will read it: these are the most frequent checks of all.</summary>
    [InterpolatedStringHandler]
    private readonly ref struct Violation
    {
        private readonly StringBuilder? _text;

        public Violation(int literalLength, int formattedCount, bool condition, out bool isWanted)
        {
            isWanted = !condition;
            _text = condition ? null : new StringBuilder(literalLength + (8 * formattedCount));
        }

        public void AppendLiteral(string text) => _text!.Append(text);

        public void AppendFormatted<T>(T value) => _text!.Append(value);

        public override string ToString() => _text?.ToString() ?? "";
    }
}

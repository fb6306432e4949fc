using Trefoil.Consensus;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Storage;

namespace Trefoil.ControlPlane;

/// <summary>Raft's part: founding, restoring, performing each Ready in its order, applying what was committed.</summary>
public sealed partial class ControlNode
{
    // A Raft id may be heard of before the topology names it (a leader added while this node was behind).
    private readonly SortedDictionary<ulong, HostPort> _memberAddresses = [];

    // True once a leader's beacon has said that this node no longer votes: its Raft then keeps its ballot and its peace,
    // because a demoted voter that never learnt of the change would campaign for ever.
    private bool _dormant;

    // Term of the last entry that Raft handed out, which a snapshot cut there needs.
    private ulong _appliedTerm;

    /// <summary>Becomes a cluster of one. The log starts with a snapshot that holds the founding, at index 1 and term 1.</summary>
    /// <remarks>A snapshot, not an entry: whoever joins later needs the first configuration, which no entry carries.</remarks>
    private void Found(ClusterId cluster, List<ControlEffect> effects)
    {
        _identity = _identity with { Cluster = cluster, MemberId = 1, Offer = null };
        _machine = new TopologyMachine();
        _window.Clear();
        var founder = new NodeRecord
        {
            Id = _identity.Node,
            MemberId = 1,
            Endpoints = _endpoints,
            Zone = _zone,
            ShardId = _identity.Node,
            ConfigEpoch = _keptEpoch,
        };
        _machine.Apply(1, new TopologyCommand.FoundCluster(NextRequest(), cluster, _identity.ClusterName, founder));
        var snapshot = new Snapshot(1, 1, Configuration.Of(1), _machine.Snapshot());
        effects.Add(new ControlEffect.StartLog(cluster, 1));
        effects.Add(new ControlEffect.Persist(new RaftWrite
        {
            Ballot = (1, 0),
            Snapshot = ToStored(snapshot),
            SnapshotReplacesLog = true,
            Commit = 1,
            MustSync = true,
        }));
        effects.Add(new ControlEffect.SaveIdentity(_identity));
        _dormant = false;
        _raft = new RaftNode(
            RaftConfigOf(1), new RaftRestore(1, 0, 1, snapshot, [], null), _random.Fork(), _now);
        _raft.Campaign(_now);
        effects.Add(new ControlEffect.Rebase(_identity.Node, cluster, []));
        Note(ControlEvent.Founded, $"cluster {cluster}", effects);
    }

    private void RestoreTopology(ControlRestore restore)
    {
        if (restore.SavedTopology is { } saved)
        {
            var copy = new TopologyMachine();
            if (copy.TryRestore(saved) && copy.Topology.ClusterId == _identity.Cluster)
            {
                _machine = copy;
            }
        }

        if (restore.Log?.Snapshot is { } snapshot && snapshot.Index > _machine.Topology.Version)
        {
            RestoreSnapshot(snapshot.Data.Span);
        }
    }

    private void RestoreSnapshot(ReadOnlySpan<byte> data)
    {
        var machine = new TopologyMachine();
        if (!machine.TryRestore(data))
        {
            // The store has checked the bytes, so this is a snapshot of a later format, not damage.
            throw new InvalidOperationException("The topology snapshot cannot be read: it was written by a later version.");
        }

        _machine = machine;
        _window.Clear();
    }

    private RaftConfig RaftConfigOf(ulong member) => _config.Raft with { Id = member };

    private void StepRaft(PeerIdentity from, RaftMessage message, List<ControlEffect> effects)
    {
        if (message.To != _identity.MemberId)
        {
            return; // For an earlier join of this node: its Raft id is never used again.
        }

        if (_raft is null)
        {
            effects.Add(new ControlEffect.StartLog(_identity.Cluster, _identity.MemberId));
            _raft = new RaftNode(
                RaftConfigOf(_identity.MemberId), RaftRestore.Empty, _random.Fork(), _now);
        }

        _dormant = false;
        _memberAddresses[message.From] = from.Address;
        _raft.Step(_now, message);
    }

    private void DrainRaft(List<ControlEffect> effects)
    {
        while (_raft is { HasReady: true } raft)
        {
            var ready = raft.TakeReady();
            SendRaft(ready.MessagesBefore, effects);
            if (ready.Ballot is not null || ready.Snapshot is not null || ready.Entries.Count > 0)
            {
                effects.Add(new ControlEffect.Persist(ToWrite(ready)));
            }

            SendRaft(ready.MessagesAfter, effects);
            if (ready.Snapshot is { } snapshot && snapshot.Index > _machine.Topology.Version)
            {
                var before = _machine.Topology;
                RestoreSnapshot(snapshot.Data.Span);
                AnswerApplied(effects);
                Note(ControlEvent.SnapshotInstalled, $"index {snapshot.Index}", effects);
                FollowReplacement(before, effects);
                if (!ReferenceEquals(raft, _raft))
                {
                    return; // It says that this node was removed: it is lone now, with a log of its own.
                }
            }

            _appliedTerm = ready.Snapshot?.Term ?? _appliedTerm;

            foreach (var entry in ready.Committed)
            {
                _appliedTerm = entry.Term;
                ApplyEntry(entry.Index, entry.Kind == EntryKind.Command ? entry.Data : default, effects);
                if (!ReferenceEquals(raft, _raft))
                {
                    return; // The entry removed this node: it is lone now, with a log of its own.
                }
            }

            _confirmed.AddRange(ready.Reads);

            raft.Advance();
        }

        NoticeLeadership(effects);
    }

    private void SendRaft(IReadOnlyList<RaftMessage> messages, List<ControlEffect> effects)
    {
        foreach (var message in messages)
        {
            if (AddressOf(message.To) is { } address)
            {
                Send(address, new ControlMessage.Raft(message), effects);
            }
        }
    }

    private HostPort? AddressOf(ulong member)
    {
        foreach (var node in _machine.Topology.Nodes)
        {
            if (node.MemberId == member)
            {
                return ControlAddress(node);
            }
        }

        return _memberAddresses.TryGetValue(member, out var heard) ? heard : null;
    }

    private void ReportUnreachable(HostPort address)
    {
        foreach (var node in _machine.Topology.Nodes)
        {
            if (ControlAddress(node) == address && IsLeader)
            {
                _raft!.ReportUnreachable(node.MemberId);
            }
        }
    }

    /// <summary>Applies one committed entry, whichever way it came; empty data only advances the version.</summary>
    private void ApplyEntry(ulong index, ReadOnlyMemory<byte> data, List<ControlEffect> effects)
    {
        if (index != _machine.Topology.Version + 1)
        {
            return; // Seen already by the other way. A gap cannot come from Raft, and deltas are checked before.
        }

        _window.Add(new Delta(index, data.ToArray()));
        if (data.IsEmpty || !TopologyCommandCodec.TryDecode(data.Span, out var command))
        {
            _machine.Skip(index);
            return;
        }

        var before = _machine.Topology;
        var result = _machine.Apply(index, command);
        _inFlight.Remove(command.Request);
        Complete(command.Request, result, effects);
        if (command is TopologyCommand.Promote promote)
        {
            NotePromotion(promote, result);
        }

        FollowMembers(before, command, effects);
    }

    /// <summary>What a change of the members means here: SWIM's bans, and this node's own removal.</summary>
    private void FollowMembers(Topology before, TopologyCommand command, List<ControlEffect> effects)
    {
        switch (command)
        {
            case TopologyCommand.AddNode join when _machine.Topology.Find(join.Record.Id) is not null:
                effects.Add(new ControlEffect.Admit(join.Record.Id));
                break;
            case TopologyCommand.RemoveNode gone when before.Find(gone.Node) is { } removed:
                _leaving.Remove(gone.Node);
                _health.Remove(gone.Node);
                if (gone.Node == _identity.Node)
                {
                    if (removed.MemberId != _identity.MemberId)
                    {
                        break; // An earlier membership's end, met again on the way: a replay from the log's beginning passes it.
                    }

                    BecomeLone(_reset?.Hard ?? false, "removed from the cluster", effects);
                }
                else
                {
                    TellRemoved(before, gone.Node, effects);
                    effects.Add(new ControlEffect.Evict(gone.Node));
                }

                break;
        }
    }

    /// <summary>A whole topology came instead of its entries: follows whoever joined or was removed in between.</summary>
    private void FollowReplacement(Topology before, List<ControlEffect> effects)
    {
        var after = _machine.Topology;
        foreach (var gone in before.Nodes.Where(node => node.Id != _identity.Node && after.Find(node.Id) is null))
        {
            _leaving.Remove(gone.Id);
            _health.Remove(gone.Id);
            effects.Add(new ControlEffect.Evict(gone.Id));
        }

        BanRemoved(effects);
        foreach (var came in after.Nodes.Where(node => before.Find(node.Id) is null))
        {
            effects.Add(new ControlEffect.Admit(came.Id));
        }

        if (after.Find(_identity.Node) is null)
        {
            BecomeLone(_reset?.Hard ?? false, "removed from the cluster", effects);
        }
    }

    /// <summary>Who was removed while this process did not look: SWIM's bans do not outlive a process, and the removed one may not know yet.</summary>
    private void BanRemoved(List<ControlEffect> effects)
    {
        foreach (var removed in _machine.Topology.Removed.Where(removed => removed.Id != _identity.Node && _machine.Topology.Find(removed.Id) is null))
        {
            effects.Add(new ControlEffect.Evict(removed.Id));
        }
    }

    private void NoticeLeadership(List<ControlEffect> effects)
    {
        if (IsLeader == _wasLeader)
        {
            return;
        }

        _wasLeader = IsLeader;
        _inFlight.Clear();
        _leaving.Clear();
        ForgetLeases();
        Note(_wasLeader ? ControlEvent.BecameLeader : ControlEvent.LostLeadership, $"term {_raft?.Term}", effects);
        if (_wasLeader)
        {
            _elections++;
            _nextBeacon = _now; // Members that keep no log ask it for their leases.
            ResendProposals(effects);
        }
    }

    private void CompactLog(List<ControlEffect> effects)
    {
        if (_raft is not { } raft
            || raft.AppliedIndex != _machine.Topology.Version
            || raft.AppliedIndex < raft.FirstIndex + (ulong)(_config.CompactEvery + _config.KeepEntries))
        {
            return;
        }

        var snapshot = new Snapshot(
            raft.AppliedIndex, _appliedTerm, raft.Configuration, _machine.Snapshot());
        raft.Compact(snapshot, (ulong)_config.KeepEntries);
        effects.Add(new ControlEffect.Persist(new RaftWrite
        {
            Snapshot = ToStored(snapshot),
            KeepFrom = raft.FirstIndex,
            Commit = raft.CommitIndex,
        }));
    }

    private static RaftRestore ToRaftRestore(RaftRecovery log) => new(
        log.Term,
        log.Vote,
        log.Commit,
        log.Snapshot is { } s ? new Snapshot(s.Index, s.Term, ConfigurationOf(s), s.Data) : null,
        [.. log.Entries.Select(e => new Entry(e.Index, e.Term, (EntryKind)e.Kind, e.Data))],
        null)
    {
        Abstain = log.TornBytes > 0,
    };

    private static RaftWrite ToWrite(Ready ready) => new()
    {
        Ballot = ready.Ballot,
        Snapshot = ready.Snapshot is { } snapshot ? ToStored(snapshot) : null,
        SnapshotReplacesLog = ready.Snapshot is not null,
        Entries = [.. ready.Entries.Select(e => new StoredEntry(e.Index, e.Term, (byte)e.Kind, e.Data))],
        Commit = ready.Commit,
        MustSync = ready.MustSync,
    };

    private static StoredSnapshot ToStored(Snapshot snapshot) =>
        new(snapshot.Index, snapshot.Term, ConfigurationCodec.Encode(snapshot.Configuration), snapshot.Data);

    private static Configuration ConfigurationOf(StoredSnapshot snapshot) =>
        ConfigurationCodec.TryDecode(snapshot.Configuration.Span, out var configuration)
            ? configuration
            : throw new InvalidOperationException("The snapshot's configuration cannot be read: it was written by a later version.");
}

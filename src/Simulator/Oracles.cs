using Trefoil.Consensus;
using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Simulator.Shards;

namespace Trefoil.Simulator;

/// <summary>Watches everything that leaves a core, and compares it with the history of its cluster, at every step.</summary>
internal sealed class Oracles(Simulation world)
{
    private readonly List<ClusterHistory> _clusters = [];
    private readonly Dictionary<ClusterId, ClusterHistory> _byId = [];
    private readonly Dictionary<int, ShadowLog?> _logs = [];
    private readonly HashSet<(ClusterId Cluster, ulong Member)> _memberships = [];
    private readonly HashSet<(ClusterId Cluster, ulong Member)> _abandoned = [];
    private readonly Dictionary<ClusterId, (ulong Applied, Configuration Configuration)> _configurations = [];
    private readonly Dictionary<int, (ClusterId, ulong)> _held = [];
    private bool _membershipsDue;

    public IReadOnlyList<ClusterHistory> Clusters => _clusters;

    public LeaseOracle Leases { get; } = new(world);

    public ShardOracle Shards { get; } = new(world);

    public MembershipOracle Members { get; } = new(world);

    public CopyOracle Copies { get; } = new(world);

    public ElectionOracle Elections { get; } = new(world);

    public ClusterHistory Of(ClusterId id)
    {
        if (!_byId.TryGetValue(id, out var history))
        {
            history = new ClusterHistory(id);
            _byId.Add(id, history);
            _clusters.Add(history);
        }

        return history;
    }

    /// <summary>The newest configuration of voters that anyone has applied; null when nobody has one.</summary>
    public Configuration? ConfigurationOf(ClusterId id) =>
        _configurations.TryGetValue(id, out var known) ? known.Configuration : null;

    public bool IsAbandoned(ClusterId cluster, ulong member) => _abandoned.Contains((cluster, member));

    public void Started(SimulatedNode node, ControlRestore restore)
    {
        var identity = restore.Identity;
        Members.Begins(node);
        if (restore.Log is { } known)
        {
            world.Counts.Add(SimulationCounts.Progress.BallotsJudged, Of(identity.Cluster).CheckBallot(identity.MemberId, known.Term, known.Vote) ? 1 : 0);
        }

        _held[node.Index] = (identity.Cluster, identity.MemberId);
        _memberships.Add(_held[node.Index]);
        _membershipsDue = true;
        _logs[node.Index] = null;
        if (restore.Log is { } recovery)
        {
            var log = new ShadowLog(identity.Cluster);
            log.Restore(recovery);
            _logs[node.Index] = log;
        }
    }

    /// <summary>What a process had committed stays committed, whether or not it lived to say so.</summary>
    public void Crashed(SimulatedNode node)
    {
        Leases.Ended(node);
        if (node.Control.Raft is { } raft && _logs[node.Index] is { } log && log.Cluster == node.Control.Identity.Cluster)
        {
            Register(raft, log);
        }
    }

    /// <summary>What a node's log of Raft holds; null: it keeps none.</summary>
    public ShadowLog? LogOf(SimulatedNode node) => _logs.GetValueOrDefault(node.Index);

    /// <summary>What the control core is about to hear.</summary>
    public void Told(SimulatedNode node, ControlInput input)
    {
        switch (input)
        {
            case ControlInput.LogFenced fenced:
                Shards.Fenced(node, fenced.Cluster, fenced.Epoch);
                break;
            case ControlInput.Peer { Message: ControlMessage.LeaseGrant grant }:
                Leases.Answered(node, grant.Token);
                break;
        }
    }

    /// <summary>The control core has had its turn, and nothing of it has left the node yet.</summary>
    public void Ticked(SimulatedNode node, List<ControlEffect> effects)
    {
        if (node.Control.Raft is not { } raft || _logs[node.Index] is not { } log || log.Cluster != node.Control.Identity.Cluster)
        {
            return;
        }

        log.Expect(effects);
        var history = Of(log.Cluster);
        if (raft.CommitIndex > history.HighestCommit)
        {
            var unwritten = effects.OfType<ControlEffect.Persist>().SelectMany(persist => persist.Write.Entries).LastOrDefault(entry => entry.Index == raft.CommitIndex);
            history.Rise(raft.CommitIndex, unwritten?.Term ?? log.TermAt(raft.CommitIndex), raft.Term);
            world.Counts.Add(SimulationCounts.Progress.CommitsJudged);
        }
    }

    public void Sent(SimulatedNode node, ClusterId cluster, ControlMessage message)
    {
        switch (message)
        {
            case ControlMessage.Raft { Message: RaftMessage.VoteReply { Granted: true } reply }:
                Of(cluster).Vote(reply.From, reply.Term, reply.To);
                break;
            case ControlMessage.Raft { Message: RaftMessage.Vote vote }:
                Of(cluster).Vote(vote.From, vote.Term, vote.From);
                break;
            case ControlMessage.Deltas deltas:
                foreach (var entry in deltas.Entries)
                {
                    Of(cluster).Command(entry.Index, entry.Command);
                }

                break;
            case ControlMessage.LeaseRequest request:
                Leases.Asked(node, request.Token);
                break;
            case ControlMessage.Crossed:
                world.Counts.Add(SimulationCounts.Progress.Crossings);
                break;
        }
    }

    public void Stored(SimulatedNode node, ControlEffect effect)
    {
        switch (effect)
        {
            case ControlEffect.StartLog start:
                _logs[node.Index] = new ShadowLog(start.Cluster);
                break;
            case ControlEffect.Persist persist when _logs[node.Index] is { } log:
                log.Write(persist.Write);
                foreach (var entry in persist.Write.Entries)
                {
                    Of(log.Cluster).Write(entry.Index, ShadowEntry.Of(entry), log.TermAt(entry.Index - 1));
                }

                if (persist.Write.Snapshot is { Index: > 1 })
                {
                    world.Counts.Add(persist.Write.SnapshotReplacesLog
                        ? SimulationCounts.Progress.SnapshotsInstalled
                        : SimulationCounts.Progress.Compactions);
                }

                break;
            case ControlEffect.SaveIdentity save:
                Save(node, save.Identity);
                if (_logs[node.Index] is { } left && left.Cluster != save.Identity.Cluster)
                {
                    _logs[node.Index] = null;
                }

                break;
        }
    }

    public void Published(SimulatedNode node, Topology topology)
    {
        Leases.Shown(node, topology);
        if (!topology.ClusterId.IsNone)
        {
            Of(topology.ClusterId).Show(topology);
            _membershipsDue = true;
        }
    }

    public void Noted(SimulatedNode node, ControlEffect.Note note)
    {
        world.Counts.Add(note.Event switch
        {
            ControlEvent.Founded => SimulationCounts.Progress.Founded,
            ControlEvent.Joined => SimulationCounts.Progress.Joins,
            ControlEvent.OfferWithdrawn => SimulationCounts.Progress.Withdrawn,
            ControlEvent.Reset => SimulationCounts.Progress.Resets,
            ControlEvent.Expelled => SimulationCounts.Progress.Removals,
            ControlEvent.VotersChanging => SimulationCounts.Progress.VoterChanges,
            _ => note.Event.ToString(),
        });
        if (note is { Event: ControlEvent.Promoting })
        {
            Elections.Promoting(node, note.Detail);
        }

        if (note is { Event: ControlEvent.Reset } && note.Detail.Contains("without", StringComparison.Ordinal))
        {
            world.Counts.Add(SimulationCounts.Progress.ForcedResets);
            _abandoned.Add((node.Identity.Cluster, node.Identity.MemberId));
        }
    }

    /// <summary>A round is performed as a whole: state and disk agree.</summary>
    public void Stepped(SimulatedNode node)
    {
        var control = node.Control;
        if (control.Raft is { } raft && _logs[node.Index] is { } log && log.Cluster == control.Identity.Cluster)
        {
            var history = Of(log.Cluster);
            Register(raft, log);
            if (raft.Role == Role.Leader && history.Lead(raft.Term, raft.Id))
            {
                world.Counts.Add(SimulationCounts.Progress.Elections);
                history.CheckLeader(raft.Term, log);
            }

            if (!_configurations.TryGetValue(log.Cluster, out var known) || raft.AppliedIndex >= known.Applied)
            {
                _configurations[log.Cluster] = (raft.AppliedIndex, raft.Configuration);
            }
        }

        if (_membershipsDue)
        {
            _membershipsDue = false;
            Of(control.Topology.ClusterId).CheckMinted(control.Topology);
            CheckMemberships();
        }
    }

    private void Register(RaftNode raft, ShadowLog log)
    {
        var history = Of(log.Cluster);
        for (var index = Math.Max(log.Registered, log.Base) + 1; index <= raft.CommitIndex; index++)
        {
            if (log.Find(index) is not { } entry)
            {
                break;
            }

            var before = history.Committed;
            history.Commit(index, entry, raft.Term);
            log.Registered = index;
            world.Counts.Add(SimulationCounts.Progress.Commits, history.Committed > before ? 1 : 0);
        }
    }

    /// <summary>A Raft id is taken up once: who took it up again would have forgotten its votes.</summary>
    private void Save(SimulatedNode node, Identity identity)
    {
        _membershipsDue = true;
        var membership = (identity.Cluster, identity.MemberId);
        if (!_held.TryGetValue(node.Index, out var held) || held != membership)
        {
            if (!_memberships.Add(membership))
            {
                throw new OracleViolation(
                    $"n{node.Index} takes up member id {identity.MemberId} of {Narrator.Short(identity.Cluster)} a second time");
            }

            _held[node.Index] = membership;
        }
    }

    /// <summary>
    /// Absorption safety: whoever a living cluster counts as a member knows it, or has offered itself under the very join that
    /// made it one. Excused: a reset that the cluster did not consent to within its timeout.
    /// </summary>
    private void CheckMemberships()
    {
        foreach (var cluster in _clusters)
        {
            // A cluster lives while one of its members is in it: those it has removed do not count, even if they do not know.
            if (!world.Nodes.Any(node => !node.Gone && node.Identity.Cluster == cluster.Id
                && cluster.Latest.Find(node.Identity.Node)?.MemberId == node.Identity.MemberId))
            {
                continue;
            }

            foreach (var member in cluster.Latest.Nodes)
            {
                if (!IsAware(cluster, member))
                {
                    throw new OracleViolation(
                        $"{cluster.Name} at version {cluster.Latest.Version} counts {Narrator.Short(member.Id)} as member "
                        + $"{member.MemberId}, but that node knows nothing of it");
                }
            }
        }
    }

    private bool IsAware(ClusterHistory cluster, NodeRecord member)
    {
        if (_abandoned.Contains((cluster.Id, member.MemberId)) || cluster.IsLeaving(member.Id))
        {
            return true;
        }

        foreach (var node in world.Nodes)
        {
            var identity = node.Identity;
            if (identity.Node == member.Id)
            {
                return (identity.Cluster == cluster.Id && identity.MemberId >= member.MemberId)
                    || (identity.Offer is { } offer && cluster.IsJoinOf(offer.Join, member.Id));
            }
        }

        return false;
    }
}

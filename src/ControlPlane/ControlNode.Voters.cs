using Trefoil.Consensus;

namespace Trefoil.ControlPlane;

/// <summary>The leader keeps the right members voting: learners first, then one joint change (dissertation, 4.2.1 and 4.3).</summary>
public sealed partial class ControlNode
{
    private static readonly TimeSpan VoterCheck = TimeSpan.FromMilliseconds(500);

    // A learner this many entries behind or fewer counts as caught up: it closes the rest within one round trip.
    private const ulong CaughtUp = 64;

    private readonly SortedDictionary<ulong, TimeSpan> _silentSince = [];
    private TimeSpan _nextVoterCheck;

    private void ControlVoters(List<ControlEffect> effects)
    {
        if (!IsLeader || _now < _nextVoterCheck)
        {
            return;
        }

        _nextVoterCheck = _now + VoterCheck;
        ExpireLeaving();
        NoticeSilence();
        var raft = _raft!;
        var configuration = raft.Configuration;
        if (configuration.IsJoint)
        {
            return;
        }

        var wanted = VoterController.Decide(Candidates(), configuration.Incoming, raft.Id);
        if (NextChange(wanted, configuration) is { } change
            && raft.ProposeConfiguration(change).IsAccepted)
        {
            _nextVoterCheck = _now; // The next step may be due as soon as this one is committed.
            Note(ControlEvent.VotersChanging, Describe(change), effects);
        }
    }

    /// <summary>One step from the present configuration towards <paramref name="wanted"/>; null when it is reached or must wait.</summary>
    private ConfigurationChange? NextChange(IReadOnlyList<ulong> wanted, Configuration configuration)
    {
        foreach (var learner in configuration.Learners)
        {
            if (!wanted.Contains(learner))
            {
                return ConfigurationChange.Remove(learner);
            }
        }

        foreach (var member in wanted)
        {
            if (!configuration.IsMember(member))
            {
                return ConfigurationChange.AddLearner(member);
            }
        }

        var progress = _raft!.Progress;
        var ready = wanted.All(member => configuration.Incoming.Contains(member)
            || progress.Any(p => p.Id == member && p.RecentlyActive && p.Match + CaughtUp >= _raft.LastIndex));
        if (!ready || wanted.SequenceEqual(configuration.Incoming))
        {
            return null;
        }

        return new ConfigurationChange(
        [
            .. wanted.Except(configuration.Incoming).Select(id => new MemberChange(MemberChangeKind.AddVoter, id)),
            .. configuration.Incoming.Except(wanted).Select(id => new MemberChange(MemberChangeKind.Remove, id)),
        ]);
    }

    private static string Describe(ConfigurationChange change) =>
        string.Join(' ', change.Changes.Select(step => $"{step.Kind}({step.Id})"));

    private List<VoterCandidate> Candidates() =>
    [
        .. _machine.Topology.Nodes.Select(node => new VoterCandidate(
            node.MemberId,
            node.Id,
            node.Zone,
            Usable: IsAlive(node.Id) && (node.Id == _identity.Node || _health.ContainsKey(node.Id)),
            GoneForGood: IsGoneForGood(node.Id, node.MemberId),
            Leaving: _leaving.ContainsKey(node.Id))),
    ];

    private bool IsGoneForGood(Primitives.NodeId node, ulong member) =>
        _health.TryGetValue(node, out var health)
        && health.State == PeerHealth.Dead
        && _now - health.Since >= _config.VoterStability
        && _silentSince.TryGetValue(member, out var since)
        && _now - since >= _config.VoterStability;

    /// <summary>Raft's own evidence: which members have not answered this leader, and since when.</summary>
    private void NoticeSilence()
    {
        foreach (var progress in _raft!.Progress)
        {
            if (progress.RecentlyActive || progress.Id == _raft.Id)
            {
                _silentSince.Remove(progress.Id);
            }
            else
            {
                _silentSince.TryAdd(progress.Id, _now);
            }
        }
    }

    private void ExpireLeaving()
    {
        foreach (var (node, until) in _leaving.ToArray())
        {
            if (_now >= until)
            {
                _leaving.Remove(node);
            }
        }
    }
}

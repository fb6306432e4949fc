namespace Trefoil.Consensus;

/// <summary>The configuration and, for a leader, the progress of each member, in ascending order of id.</summary>
internal sealed class ProgressTracker
{
    private readonly List<Progress> _members = [];
    private readonly Func<ulong, ulong> _matchOf;
    private readonly Func<ulong, ulong> _roundOf;

    public ProgressTracker()
    {
        // Made once: a delegate per acknowledgement would be garbage on the hottest path.
        _matchOf = id => Find(id)?.Match ?? 0;
        _roundOf = id => Find(id)?.Round ?? 0;
    }

    public Configuration Configuration { get; private set; } = Configuration.Empty;

    public IReadOnlyList<Progress> Members => _members;

    /// <summary>Highest index that a quorum has made durable.</summary>
    public ulong CommittedMatch => Joint.Committed(Configuration.Incoming, Configuration.Outgoing, _matchOf);

    /// <summary>Highest heartbeat round that a quorum has echoed.</summary>
    public ulong CommittedRound => Joint.Committed(Configuration.Incoming, Configuration.Outgoing, _roundOf);

    public Progress? Find(ulong id)
    {
        foreach (var progress in _members)
        {
            if (progress.Id == id)
            {
                return progress;
            }
        }

        return null;
    }

    /// <summary>Makes the members those of <paramref name="configuration"/>; who stays keeps its progress.</summary>
    public void Switch(Configuration configuration, Func<ulong, Progress> create)
    {
        Configuration = configuration;
        var members = configuration.Members();
        _members.RemoveAll(progress => !configuration.IsMember(progress.Id));
        foreach (var id in members)
        {
            if (Find(id) is null)
            {
                _members.Add(create(id));
            }
        }

        _members.Sort((a, b) => a.Id.CompareTo(b.Id));
        foreach (var progress in _members)
        {
            progress.IsLearner = configuration.Learners.Contains(progress.Id);
        }
    }

    /// <summary>Forgets everything known of the members: a new term, or a leader no more.</summary>
    public void Reset(Func<ulong, Progress> create)
    {
        _members.Clear();
        Switch(Configuration, create);
    }

    /// <summary>Whether a quorum was heard at or after <paramref name="since"/>; the node itself always is.</summary>
    public bool QuorumHeard(ulong self, TimeSpan since) =>
        Tally(id => id == self || Find(id)?.HeardAt >= since) == VoteResult.Won;

    public VoteResult Tally(Func<ulong, bool?> answer) => Joint.Tally(Configuration.Incoming, Configuration.Outgoing, answer);
}

using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>Knows who is in the cluster and who is alive: SWIM (Das, Gupta, Motivala 2002) with suspicion, as one synchronous machine.</summary>
/// <remarks>
/// The driver feeds it with <see cref="Handle"/>, calls <see cref="Tick"/> at <see cref="Deadline"/> at the latest, and performs
/// the effects in their order. Commands (<see cref="Join"/>, <see cref="Leave"/>, ...) may come between any two calls and take
/// effect at the next tick; <see cref="Deadline"/> then lies in the past. <c>now</c> is the time since some start, and never
/// goes backwards. One owner; no clock, no I/O; the same seed and inputs give the same effects.
/// </remarks>
public sealed partial class Swim
{
    private readonly SwimConfig _config;
    private readonly string _clusterName;
    private readonly Prng _random;
    private readonly Roster _roster = new();
    private readonly BroadcastQueue _news = new();
    private readonly Bans _bans = new();
    private readonly List<SwimEffect> _pending = [];
    private readonly List<Update> _updates = [];
    private readonly ByteWriter _packet = new(SwimLimits.MaxPacketBytes);

    private ClusterId _clusterId;
    private Member _self;
    private IReadOnlyList<Member>? _members;
    private TimeSpan _now;
    private TimeSpan _expectedTick = TimeSpan.MaxValue;
    private TimeSpan? _nextTimer;
    private bool _started;

    /// <summary>A node that knows nobody yet. It answers others from the first tick on.</summary>
    /// <param name="config">Timing; one of the profiles.</param>
    /// <param name="self">This node's id.</param>
    /// <param name="address">Where others reach this node, as announced to them.</param>
    /// <param name="clusterName">Visible ASCII, at most <see cref="SwimLimits.MaxClusterNameBytes"/>.</param>
    /// <param name="clusterId">The cluster this node belongs to; only nodes of the same one talk to each other.</param>
    /// <param name="bootEpoch">Persisted by the caller, and higher at each start of the process.</param>
    /// <param name="random">Owned by this object from here on.</param>
    public Swim(SwimConfig config, NodeId self, HostPort address, string clusterName, ClusterId clusterId, uint bootEpoch, Prng random)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentException.ThrowIfNullOrEmpty(clusterName);
        if (self.IsNone)
        {
            throw new ArgumentException("A member needs an id.", nameof(self));
        }

        if (!SwimCodec.IsPrintable(clusterName, SwimLimits.MaxClusterNameBytes))
        {
            throw new ArgumentException($"'{clusterName}' is not visible ASCII of at most {SwimLimits.MaxClusterNameBytes} bytes.", nameof(clusterName));
        }

        if (string.IsNullOrEmpty(address.Host) || !SwimCodec.IsPrintable(address.Host, SwimLimits.MaxHostBytes) || address.Port is < 1 or > 65535)
        {
            throw new ArgumentException($"'{address}' cannot be announced.", nameof(address));
        }

        _config = config;
        _clusterName = clusterName;
        _clusterId = clusterId;
        _random = random;
        _probeOrder = new ProbeOrder(random);
        _sequence = (uint)random.Next();
        _self = new Member(self, address, new Incarnation(bootEpoch, 0), MemberState.Alive, 0, default);
    }

    /// <summary>The timing it was made with.</summary>
    public SwimConfig Config => _config;

    /// <summary>This node as it announces itself.</summary>
    public Member Self => _self;

    /// <summary>Everyone known, this node and the dead ones included, sorted by id. An immutable snapshot; the same object while nothing changed.</summary>
    public IReadOnlyList<Member> Members => _members ??= Snapshot();

    /// <summary>When other members were last probed and last answered, sorted by id. An immutable snapshot.</summary>
    public IReadOnlyList<Contact> Contacts => [.. _roster.Peers.Select(peer => peer.Contact)];

    /// <summary>What happened so far.</summary>
    public SwimCounters Counters { get; } = new();

    /// <summary>True once a leave is complete: its news is spread, or nobody is there to hear it, or its time is over. The driver may stop.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>When <see cref="Tick"/> next has something to do; <see cref="TimeSpan.Zero"/> for at once, <see cref="TimeSpan.MaxValue"/> when idle.</summary>
    public TimeSpan Deadline => !_started || _pending.Count > 0 || CommandWaits ? TimeSpan.Zero : NextTimer;

    /// <summary>Takes one input. What does not belong here is counted and dropped; nothing that arrives makes it throw.</summary>
    public void Handle(TimeSpan now, SwimInput input)
    {
        Advance(now);
        if (HasLeft)
        {
            if (input is SwimInput.StreamRequested late)
            {
                _pending.Add(new SwimEffect.CloseStream(late.Stream));
            }

            return;
        }

        switch (input)
        {
            case SwimInput.PacketReceived packet:
                HandlePacket(packet.From, packet.Bytes.Span);
                break;
            case SwimInput.StreamRequested request:
                HandleRequest(request);
                break;
            case SwimInput.StreamAnswered answer:
                HandleAnswer(answer.Exchange, answer.Bytes.Span);
                break;
            case SwimInput.StreamFailed failed:
                HandleFailure(failed.Exchange);
                break;
        }
    }

    /// <summary>Advances time to <paramref name="now"/> and appends everything that is to be done to <paramref name="effects"/>.</summary>
    public void Tick(TimeSpan now, List<SwimEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        Advance(now);
        if (!_started)
        {
            Start();
        }

        if (!HasLeft)
        {
            ForgiveLateness();
            BeginLeave();
            TickStreams();
            TickProbing();
            TickSuspicions();
            TickGossip();
            EndLeave();
        }

        _nextTimer = null;
        var next = NextTimer;
        _expectedTick = next > _now ? next : _now;

        effects.AddRange(_pending);
        _pending.Clear();
    }

    /// <summary>Announces other metadata, at most <see cref="SwimLimits.MaxMetadataBytes"/>; it takes a new incarnation.</summary>
    public void SetMetadata(ReadOnlyMemory<byte> metadata)
    {
        if (metadata.Length > SwimLimits.MaxMetadataBytes)
        {
            throw new ArgumentException($"{metadata.Length} bytes exceed the {SwimLimits.MaxMetadataBytes} of metadata.", nameof(metadata));
        }

        if (!metadata.Span.SequenceEqual(_self.Metadata.Span))
        {
            Announce(_self with { Metadata = metadata.ToArray(), Incarnation = _self.Incarnation.Next() });
        }
    }

    /// <summary>Says in every message from now on which topology version this node has seen. A lower one than before is ignored.</summary>
    public void SetVersion(ulong topologyVersion)
    {
        if (topologyVersion > _self.Version)
        {
            _self = _self with { Version = topologyVersion };
            _members = null;
        }
    }

    /// <summary>Asked for far more often than anything moves it: kept until an input, a tick or a command.</summary>
    private TimeSpan NextTimer => _nextTimer ??= HasLeft ? TimeSpan.MaxValue
        : Earliest(_leaveDeadline, StreamDeadline, ProbeDeadline, SuspicionDeadline, GossipDeadline);

    private Header Header => new(_clusterName, _clusterId, _self.Id, _self.Version);

    /// <summary>n of the formulas: live members, this node included.</summary>
    private int LiveMembers => _roster.Live + 1;

    private static TimeSpan Earliest(params ReadOnlySpan<TimeSpan> times)
    {
        var earliest = TimeSpan.MaxValue;
        foreach (var time in times)
        {
            earliest = time < earliest ? time : earliest;
        }

        return earliest;
    }

    private void Advance(TimeSpan now)
    {
        _now = now > _now ? now : _now;
        _nextTimer = null;
    }

    /// <summary>The periodic timers start at random phases, so that nodes started together do not act together.</summary>
    private void Start()
    {
        _started = true;
        _nextProbe = _now + (_config.ProbeInterval * _random.Fraction());
        _nextPushPull = _now + (PushPullInterval * _random.Fraction());
        _nextReconnect = _now + (_config.ReconnectInterval * _random.Fraction());
        _nextGossip = _now;
        _nextJoin = _now;
    }

    private void Raise(SwimEvent happened) => _pending.Add(new SwimEffect.Raise(happened));

    private Member[] Snapshot()
    {
        var members = new Member[_roster.Peers.Count + 1];
        var (index, selfPlaced) = (0, false);
        foreach (var peer in _roster.Peers)
        {
            if (!selfPlaced && _self.Id < peer.Member.Id)
            {
                members[index++] = _self;
                selfPlaced = true;
            }

            members[index++] = peer.Member;
        }

        if (!selfPlaced)
        {
            members[index] = _self;
        }

        return members;
    }
}

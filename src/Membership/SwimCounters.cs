namespace Trefoil.Membership;

/// <summary>What happened so far; all counts only grow. The core changes its own; copy with <c>with { }</c> to publish.</summary>
public sealed record SwimCounters
{
    public long PacketsSent { get; internal set; }

    public long PacketsReceived { get; internal set; }

    /// <summary>Bytes of packets sent, before sealing.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>Bytes of packets received, after unsealing, of whatever sender.</summary>
    public long BytesReceived { get; internal set; }

    public long PingsSent { get; internal set; }

    public long PingsReceived { get; internal set; }

    public long AcksSent { get; internal set; }

    public long AcksReceived { get; internal set; }

    public long PingRequestsSent { get; internal set; }

    public long PingRequestsReceived { get; internal set; }

    /// <summary>Helpers that said they got no answer either: a sign that the silence is not our own fault (Lifeguard, section IV-A).</summary>
    public long NacksReceived { get; internal set; }

    public long GossipSent { get; internal set; }

    public long GossipReceived { get; internal set; }

    /// <summary>Stream exchanges begun by us: joins, push/pulls, fallback probes.</summary>
    public long StreamsOpened { get; internal set; }

    public long StreamsAnswered { get; internal set; }

    /// <summary>Our exchanges that were not answered in time, or badly.</summary>
    public long StreamsFailed { get; internal set; }

    /// <summary>Exchanges not begun because <see cref="SwimLimits.MaxExchanges"/> were under way.</summary>
    public long StreamsSkipped { get; internal set; }

    /// <summary>Push/pulls that ended at equal digests.</summary>
    public long DigestsEqual { get; internal set; }

    /// <summary>Full member lists merged.</summary>
    public long StatesMerged { get; internal set; }

    /// <summary>Probes that ended without any answer.</summary>
    public long ProbesFailed { get; internal set; }

    public long Suspicions { get; internal set; }

    /// <summary>Times this node raised its incarnation because it heard that it was suspect or dead.</summary>
    public long Refutations { get; internal set; }

    /// <summary>Claims about ourselves newer than anything we said: a lost boot epoch, or two processes with one identity.</summary>
    public long IdentityConflicts { get; internal set; }

    /// <summary>Ticks so late that silence proves nothing: the process or its machine was asleep.</summary>
    public long LateTicks { get; internal set; }

    /// <summary>Dropped: not a message of ours, or cut short, or out of range.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Dropped: another cluster's name or id.</summary>
    public long Foreign { get; internal set; }

    /// <summary>Dropped: a protocol version this build does not read.</summary>
    public long UnknownVersion { get; internal set; }

    /// <summary>Dropped: from or about an evicted member.</summary>
    public long Banned { get; internal set; }

    /// <summary>Dropped: a ping for somebody else, or a packet with our own name on it.</summary>
    public long Misdirected { get; internal set; }

    /// <summary>Dropped because a named limit was reached (members, relays).</summary>
    public long OverLimit { get; internal set; }

    public long DeadAnswersSent { get; internal set; }
}

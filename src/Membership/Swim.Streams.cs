using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>Streams: joining, digest-first push/pull, finding lost members again, and the probe where packets do not get through.</summary>
public sealed partial class Swim
{
    /// <summary>Seeds asked at one attempt to join; the next attempt asks the next ones.</summary>
    private const int JoinFanout = 3;

    /// <summary>Attempts per <see cref="SwimConfig.ReconnectInterval"/> that the whole cluster aims at.</summary>
    private const int ReconnectsPerInterval = 3;

    private readonly List<HostPort> _seeds = [];
    private readonly List<Exchange> _exchanges = [];
    private int _nextSeed;
    private bool _joinWaits;
    private ulong _lastExchange;
    private TimeSpan _nextJoin;
    private TimeSpan _nextPushPull;
    private TimeSpan _nextReconnect;
    private TimeSpan _nextStranger;

    private enum ExchangeKind
    {
        Join,
        Sync,
        Push,
        Probe,
    }

    private bool CommandWaits => _joinWaits || (_self.State == MemberState.Left && _leaveDeadline == TimeSpan.MaxValue);

    private TimeSpan StreamDeadline
    {
        get
        {
            var exchanges = _exchanges.Count > 0 ? _exchanges[0].Deadline : TimeSpan.MaxValue;
            return _self.State == MemberState.Left ? exchanges
                : _roster.Peers.Count == 0 && _seeds.Count == 0 ? exchanges
                : Earliest(exchanges, _nextPushPull, _nextReconnect, JoinIsOpen ? _nextJoin : TimeSpan.MaxValue);
        }
    }

    private bool JoinIsOpen => _seeds.Count > 0 && _roster.Live == 0;

    /// <summary>Memberlist's scaling: every doubling beyond 32 members adds one interval, so that streams per second stay bounded.</summary>
    private TimeSpan PushPullInterval =>
        _config.PushPullInterval * Math.Max(1.0, Math.Ceiling(Math.Log2(LiveMembers) - 5) + 1);

    /// <summary>
    /// Joins through any of <paramref name="seeds"/>, and keeps them: they are asked again while no other member is known, and
    /// now and then while they are not members themselves. At most <see cref="SwimLimits.MaxSeeds"/>; this node's own address is ignored.
    /// </summary>
    public void Join(IReadOnlyList<HostPort> seeds)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        foreach (var seed in seeds)
        {
            if (_seeds.Count < SwimLimits.MaxSeeds && seed != _self.Address && !_seeds.Contains(seed))
            {
                _seeds.Add(seed);
            }
        }

        _joinWaits = _seeds.Count > 0;
        _nextTimer = null;
        if (_self.State == MemberState.Left)
        {
            Revive();
        }
    }

    /// <summary>A hash of what is believed about the live: the dead are left out, because nodes forget them at different times.</summary>
    internal ulong Digest()
    {
        const ulong Prime = 0x100000001B3;
        var hash = 0xCBF29CE484222325;
        foreach (var member in Members.Where(member => member.IsLive))
        {
            Mix(member.Id.High);
            Mix(member.Id.Low);
            Mix(((ulong)member.Incarnation.BootEpoch << 32) | member.Incarnation.Counter);
            Mix((ulong)member.State);
        }

        return hash;

        // FNV-1a over words, with SplitMix64's shift so that high bits reach the low ones.
        void Mix(ulong word)
        {
            hash = (hash ^ word) * Prime;
            hash ^= hash >> 32;
        }
    }

    private void TickStreams()
    {
        while (_exchanges.Count > 0 && _now >= _exchanges[0].Deadline)
        {
            HandleFailure(_exchanges[0].Id);
        }

        if (_self.State == MemberState.Left)
        {
            return;
        }

        if (_joinWaits || (JoinIsOpen && _now >= _nextJoin))
        {
            JoinSeeds();
        }

        if (_now >= _nextPushPull)
        {
            _nextPushPull = _now + PushPullInterval;
            foreach (var peer in _roster.Pick(_random, 1, peer => peer.Member.State == MemberState.Alive))
            {
                OpenSync(peer.Member.Address);
            }
        }

        if (_now >= _nextReconnect)
        {
            _nextReconnect = _now + _config.ReconnectInterval;
            Reconnect();
        }
    }

    private void JoinSeeds()
    {
        _joinWaits = false;
        _nextJoin = _now + _config.JoinRetryInterval;
        for (var i = 0; i < Math.Min(JoinFanout, _seeds.Count); i++)
        {
            var seed = _seeds[_nextSeed++ % _seeds.Count];
            if (!_exchanges.Exists(exchange => exchange.To == seed && exchange.Kind == ExchangeKind.Join))
            {
                Open(ExchangeKind.Join, seed, OwnState(join: true));
            }
        }
    }

    /// <summary>
    /// What heals a partition: the other half is dead here, and we are dead there, so no probe would ever cross again. Serf's
    /// scheme: each node tries with a probability that keeps the number of attempts in the whole cluster constant.
    /// </summary>
    private void Reconnect()
    {
        var lost = _roster.Peers.Where(peer => peer.Member.State == MemberState.Dead).Select(peer => peer.Member.Address).ToList();
        lost.AddRange(_seeds.Where(seed => !_roster.Peers.Any(peer => peer.Member.Address == seed)));
        if (lost.Count > 0 && _random.Chance(Math.Max(lost.Count, ReconnectsPerInterval) / (double)LiveMembers))
        {
            OpenSync(lost[_random.Below(lost.Count)]);
        }
    }

    private void OpenSync(HostPort to) => Open(ExchangeKind.Sync, to, new StreamMessage.Digest(Digest()));

    private void Open(ExchangeKind kind, HostPort to, StreamMessage request, uint sequence = 0)
    {
        if (_exchanges.Count >= SwimLimits.MaxExchanges)
        {
            Counters.StreamsSkipped++;
            return;
        }

        // Every exchange has the same patience, so the list stays sorted by deadline.
        _exchanges.Add(new Exchange(++_lastExchange, kind, to, _now + _config.StreamTimeout, sequence));
        Counters.StreamsOpened++;
        _pending.Add(new SwimEffect.OpenStream(_lastExchange, to, StreamCodec.Encode(Header, request)));
    }

    private void HandleRequest(SwimInput.StreamRequested request)
    {
        var result = StreamCodec.TryRead(
            request.Bytes.Span, _clusterName, _clusterId, _config.MaxMembers, out var header, out var message);
        var admissible = Admissible(result, header);
        var answer = result == ReadResult.Foreign ? new StreamMessage.Refused()
            : admissible ? AnswerTo(header, message)
            : null;
        if (answer is null)
        {
            _pending.Add(new SwimEffect.CloseStream(request.Stream));
            return;
        }

        Counters.StreamsAnswered++;
        _pending.Add(new SwimEffect.AnswerStream(request.Stream, StreamCodec.Encode(Header, answer)));
    }

    private StreamMessage? AnswerTo(in Header header, StreamMessage message)
    {
        if (_roster.Find(header.Sender) is { } sender)
        {
            NoteVersion(sender, header.Version);
        }

        switch (message)
        {
            case StreamMessage.Digest digest:
                return digest.Hash == Digest() ? new StreamMessage.Same() : OwnState(join: false);
            case StreamMessage.State state:
                MergeState(state.Members);
                return state.Join || state.Hash != Digest() ? OwnState(join: false) : new StreamMessage.Same();
            case StreamMessage.Probe probe when probe.Target == _self.Id:
                return new StreamMessage.ProbeAck(_self.Id);
            default:
                Counters.Misdirected++;
                return null;
        }
    }

    private void HandleAnswer(ulong id, ReadOnlySpan<byte> bytes)
    {
        var index = _exchanges.FindIndex(exchange => exchange.Id == id);
        if (index < 0)
        {
            return;
        }

        var exchange = _exchanges[index];
        _exchanges.RemoveAt(index);
        var result = StreamCodec.TryRead(bytes, _clusterName, _clusterId, _config.MaxMembers, out var header, out var message);
        if (result == ReadResult.Foreign && exchange.Kind != ExchangeKind.Probe)
        {
            Raise(new SwimEvent.ForeignCluster(exchange.To, header.ClusterName, header.ClusterId));
        }

        if (!Admissible(result, header))
        {
            Counters.StreamsFailed++;
            return;
        }

        if (_roster.Find(header.Sender) is { } sender)
        {
            NoteVersion(sender, header.Version);
        }

        Conclude(exchange, message);
    }

    private void Conclude(Exchange exchange, StreamMessage answer)
    {
        switch (answer)
        {
            case StreamMessage.Same:
                Counters.DigestsEqual++;
                break;
            case StreamMessage.ProbeAck ack when exchange.Kind == ExchangeKind.Probe:
                ProbeAnswered(exchange.Sequence, ack.Subject);
                break;
            case StreamMessage.State state when exchange.Kind != ExchangeKind.Probe:
                MergeState(state.Members);
                if (exchange.Kind == ExchangeKind.Join)
                {
                    SyncSoon();
                }

                // The pull half is done. The push half is needed only if we know more, and is never answered by a third round.
                if (exchange.Kind == ExchangeKind.Sync && state.Hash != Digest())
                {
                    Open(ExchangeKind.Push, exchange.To, OwnState(join: false));
                }

                break;
            default:
                Counters.StreamsFailed++;
                break;
        }
    }

    /// <summary>
    /// When many join at once, the state that a seed answers with is soon out of date, and gossip may have passed the newcomer by:
    /// it compares digests once more, shortly after, instead of a whole push/pull interval later.
    /// </summary>
    private void SyncSoon()
    {
        var soon = _now + (_config.JoinRetryInterval * (1 + _random.Fraction()));
        _nextPushPull = soon < _nextPushPull ? soon : _nextPushPull;
    }

    private void HandleFailure(ulong id)
    {
        Counters.StreamsFailed += _exchanges.RemoveAll(exchange => exchange.Id == id);
    }

    private void FailExchanges()
    {
        Counters.StreamsFailed += _exchanges.Count;
        _exchanges.Clear();
    }

    private StreamMessage.State OwnState(bool join) => new(join, Digest(), Members);

    private sealed record Exchange(ulong Id, ExchangeKind Kind, HostPort To, TimeSpan Deadline, uint Sequence);
}

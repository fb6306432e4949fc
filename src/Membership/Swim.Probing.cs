using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>The failure detector: probe, then helpers and TCP, then suspicion (SWIM, section 3.1); and being a helper.</summary>
public sealed partial class Swim
{
    private readonly ProbeOrder _probeOrder;
    private readonly List<Relay> _relays = [];
    private Probe? _probe;
    private TimeSpan _nextProbe;
    private uint _sequence;

    private TimeSpan ProbeTimeout => _config.ProbeTimeout < _config.ProbeInterval ? _config.ProbeTimeout : _config.ProbeInterval;

    private TimeSpan ProbeDeadline
    {
        get
        {
            var relays = _relays.Count > 0 ? _relays[0].Deadline : TimeSpan.MaxValue;
            var probes = _self.State == MemberState.Left ? TimeSpan.MaxValue
                : _probe is { Indirect: false } probe ? probe.IndirectAt
                : _probe is null && _roster.Live == 0 ? TimeSpan.MaxValue
                : _nextProbe;
            return Earliest(relays, probes);
        }
    }

    private void TickProbing()
    {
        TickRelays();
        if (_self.State == MemberState.Left)
        {
            return;
        }

        if (_probe is { Indirect: false } silent && _now >= silent.IndirectAt)
        {
            ProbeIndirectly(silent);
        }

        if (_now >= _nextProbe)
        {
            ConcludeProbe();
            BeginProbe();
        }
    }

    private void BeginProbe()
    {
        _nextProbe = _now + _config.ProbeInterval;
        if (_probeOrder.Next(_roster) is not { } peer)
        {
            return;
        }

        _probe = new Probe(peer.Member.Id, ++_sequence, _now + ProbeTimeout);
        peer.Contact = peer.Contact with { PingSent = _now };
        SendPing(peer.Member, _probe.Sequence);
    }

    private void ProbeIndirectly(Probe probe)
    {
        probe.Indirect = true;
        if (_roster.Find(probe.Target) is not { Member.IsLive: true } target)
        {
            return;
        }

        var helpers = _roster.Pick(
            _random, _config.IndirectProbes, peer => peer.Member.State == MemberState.Alive && peer.Member.Id != probe.Target);
        foreach (var helper in helpers)
        {
            Counters.PingRequestsSent++;
            Send(helper.Member.Address, new PacketMessage.PingRequest(probe.Sequence, probe.Target, target.Member.Address));
        }

        Open(ExchangeKind.Probe, target.Member.Address, new StreamMessage.Probe(probe.Target), probe.Sequence);
    }

    private void ConcludeProbe()
    {
        if (_probe is { Answered: false } failed && _roster.Find(failed.Target) is { Member.IsLive: true } peer)
        {
            Counters.ProbesFailed++;
            Merge(new Update(peer.Member with { State = MemberState.Suspect }, _self.Id));
        }

        _probe = null;
    }

    /// <summary>An answer, on whatever way it came. One for an older probe is too late: refuting is the target's affair now.</summary>
    private void ProbeAnswered(uint sequence, NodeId subject)
    {
        if (_probe is { } probe && probe.Sequence == sequence && probe.Target == subject && _roster.Find(subject) is { } peer)
        {
            probe.Answered = true;
            probe.Indirect = true;
            peer.Contact = peer.Contact with { AckReceived = _now };
        }
    }

    private void HandlePing(HostPort from, PacketMessage.Ping ping)
    {
        Counters.PingsReceived++;
        if (ping.Target != _self.Id)
        {
            Counters.Misdirected++;
            return;
        }

        Counters.AcksSent++;
        Send(from, new PacketMessage.Ack(ping.Sequence, _self.Id));
    }

    /// <summary>Pings the target for somebody else. The address is the asker's: it may know a newer one than we do.</summary>
    private void HandlePingRequest(HostPort from, PacketMessage.PingRequest request)
    {
        Counters.PingRequestsReceived++;
        if (_relays.Count >= SwimLimits.MaxRelays)
        {
            Counters.OverLimit++;
            return;
        }

        // Every relay has the same patience, so the list stays sorted by deadline. It ends before the asker's own probe does.
        var patience = (_config.ProbeInterval - ProbeTimeout) * 0.8;
        _relays.Add(new Relay(from, request.Sequence, request.Target, ++_sequence, _now + patience));
        Counters.PingsSent++;
        Send(request.Address, new PacketMessage.Ping(_sequence, request.Target));
    }

    private void HandleAck(PacketMessage.Ack ack)
    {
        Counters.AcksReceived++;
        ProbeAnswered(ack.Sequence, ack.Subject);
        var index = _relays.FindIndex(relay => relay.Sequence == ack.Sequence && relay.Target == ack.Subject);
        if (index >= 0)
        {
            var relay = _relays[index];
            _relays.RemoveAt(index);
            Counters.AcksSent++;
            Send(relay.Asker, new PacketMessage.Ack(relay.AskersSequence, relay.Target));
        }
    }

    private void HandleNack(PacketMessage.Nack nack)
    {
        if (_probe?.Sequence == nack.Sequence)
        {
            Counters.NacksReceived++;
        }
    }

    private void TickRelays()
    {
        while (_relays.Count > 0 && _now >= _relays[0].Deadline)
        {
            var relay = _relays[0];
            _relays.RemoveAt(0);
            Send(relay.Asker, new PacketMessage.Nack(relay.AskersSequence));
        }
    }

    private void SendPing(Member target, uint sequence)
    {
        Counters.PingsSent++;
        Send(target.Address, new PacketMessage.Ping(sequence, target.Id));
    }

    /// <summary>
    /// A tick that comes later than a probe's whole timeout means that this process was asleep: answers may be waiting unread, so the
    /// probe says nothing, and the suspicions lost that much of the time in which they could have been refuted.
    /// </summary>
    private void ForgiveLateness()
    {
        var late = _now - _expectedTick;
        if (late <= ProbeTimeout)
        {
            return;
        }

        Counters.LateTicks++;
        _probe = null;
        foreach (var peer in _suspects.Values)
        {
            peer.Suspicion!.Postpone(late);
        }
    }

    /// <summary>The one probe under way.</summary>
    private sealed class Probe(NodeId target, uint sequence, TimeSpan indirectAt)
    {
        public NodeId Target { get; } = target;

        public uint Sequence { get; } = sequence;

        public TimeSpan IndirectAt { get; } = indirectAt;

        /// <summary>True once helpers were asked, or need not be.</summary>
        public bool Indirect { get; set; }

        public bool Answered { get; set; }
    }

    /// <summary>A probe done for somebody else.</summary>
    private sealed record Relay(HostPort Asker, uint AskersSequence, NodeId Target, uint Sequence, TimeSpan Deadline);
}

using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>Packets: what they carry along, the gossip between probes, and saying goodbye.</summary>
public sealed partial class Swim
{
    private TimeSpan _nextGossip;
    private TimeSpan _leaveDeadline = TimeSpan.MaxValue;

    private TimeSpan GossipDeadline => _news.Count > 0 && _roster.Peers.Count > 0 ? _nextGossip : TimeSpan.MaxValue;

    /// <summary>Says goodbye: the others hear that this node left, and do not have to find out. See <see cref="HasLeft"/>.</summary>
    public void Leave()
    {
        if (_self.State != MemberState.Left)
        {
            _probe = null;
            Announce(_self with { State = MemberState.Left });
        }
    }

    private void BeginLeave()
    {
        if (_self.State == MemberState.Left && _leaveDeadline == TimeSpan.MaxValue)
        {
            _leaveDeadline = _now + _config.LeaveTimeout;
            _nextGossip = _now;
        }
    }

    private void EndLeave() =>
        HasLeft = _self.State == MemberState.Left
            && (_now >= _leaveDeadline || _roster.Live == 0 || !_news.Contains(_self.Id));

    /// <summary>Undoes a leave, with an incarnation that overrides the goodbye.</summary>
    private void Revive()
    {
        HasLeft = false;
        _leaveDeadline = TimeSpan.MaxValue;
        Announce(_self with { State = MemberState.Alive, Incarnation = _self.Incarnation.Next() });
    }

    /// <summary>Spreads news to a few at random: suspects too, since they must hear it, and the dead while they are fresh.</summary>
    private void TickGossip()
    {
        if (_now < GossipDeadline)
        {
            return;
        }

        _nextGossip = _now + _config.GossipInterval;
        var peers = _roster.Pick(
            _random,
            _config.GossipFanout,
            peer => peer.Member.IsLive || (peer.Member.State == MemberState.Dead && _now - peer.Since < _config.GossipToDeadTime));
        foreach (var peer in peers)
        {
            if (_news.Count == 0)
            {
                return;
            }

            Counters.GossipSent++;
            Send(peer.Member.Address, new PacketMessage.Gossip());
        }
    }

    private void Send(HostPort to, PacketMessage message)
    {
        const int Limit = SwimLimits.MaxPacketBytes - SwimLimits.SealBytes;
        _packet.Clear();
        PacketCodec.Write(_packet, Header, message);
        _news.Fill(_packet, Limit, BroadcastQueue.TransmitLimit(_config.RetransmitMultiplier, LiveMembers));
        Emit(to);
    }

    private void Emit(HostPort to)
    {
        Counters.PacketsSent++;
        Counters.BytesSent += _packet.Length;
        _pending.Add(new SwimEffect.SendPacket(to, _packet.ToArray()));
    }

    private void HandlePacket(HostPort from, ReadOnlySpan<byte> bytes)
    {
        Counters.PacketsReceived++;
        Counters.BytesReceived += bytes.Length;
        _updates.Clear();
        var result = PacketCodec.TryRead(bytes, _clusterName, _clusterId, out var header, out var message, _updates);
        if (!Admissible(result, header))
        {
            return;
        }

        NoteSender(header, from);
        foreach (var update in _updates)
        {
            Merge(update);
        }

        switch (message)
        {
            case PacketMessage.Ping ping:
                HandlePing(from, ping);
                break;
            case PacketMessage.PingRequest request:
                HandlePingRequest(from, request);
                break;
            case PacketMessage.Ack ack:
                HandleAck(ack);
                break;
            case PacketMessage.Nack nack:
                HandleNack(nack);
                break;
            default:
                Counters.GossipReceived++;
                break;
        }

        AnswerTheDead(header.Sender, from);
    }

    /// <summary>Counts what may not be acted on, by its reason.</summary>
    private bool Admissible(ReadResult result, in Header header)
    {
        switch (result)
        {
            case ReadResult.Malformed:
                Counters.Malformed++;
                return false;
            case ReadResult.UnknownVersion:
                Counters.UnknownVersion++;
                return false;
            case ReadResult.Foreign:
                Counters.Foreign++;
                return false;
        }

        if (header.Sender == _self.Id)
        {
            Counters.Misdirected++;
            return false;
        }

        if (_bans.Contains(header.Sender))
        {
            Counters.Banned++;
            return false;
        }

        return true;
    }

    /// <summary>A stranger of our own cluster knows us while we do not know it, as after our restart: ask it for what it believes.</summary>
    private void NoteSender(in Header header, HostPort from)
    {
        if (_roster.Find(header.Sender) is { } peer)
        {
            NoteVersion(peer, header.Version);
        }
        else if (_self.State != MemberState.Left && _now >= _nextStranger)
        {
            _nextStranger = _now + _config.JoinRetryInterval;
            Open(ExchangeKind.Join, from, OwnState(join: true));
        }
    }

    /// <summary>"You are dead": whoever still talks does not know it, and is told so that it can refute. Rate-limited per member.</summary>
    private void AnswerTheDead(NodeId sender, HostPort from)
    {
        if (_roster.Find(sender) is not { Member.IsLive: false } peer || _now - peer.LastDeadAnswer < _config.DeadAnswerInterval)
        {
            return;
        }

        peer.LastDeadAnswer = _now;
        Counters.DeadAnswersSent++;
        _packet.Clear();
        PacketCodec.Write(_packet, Header, new PacketMessage.Gossip());
        SwimCodec.WriteUpdate(_packet, new Update(peer.Member, _self.Id));
        Emit(from);
    }
}

using Trefoil.Primitives;

namespace Trefoil.Membership;

/// <summary>What is believed: every claim, heard or decided here, goes through <see cref="Merge"/>.</summary>
public sealed partial class Swim
{
    /// <summary>The members under suspicion, by id: the only ones whose timers run.</summary>
    private readonly SortedDictionary<NodeId, Peer> _suspects = [];

    private TimeSpan _nextReclaim;

    private TimeSpan SuspicionDeadline =>
        _suspects.Count == 0 ? TimeSpan.MaxValue : _suspects.Values.Min(peer => peer.Suspicion!.Deadline);

    /// <summary>The topology removed this member: forget it, and drop what it says until <see cref="Admit"/>. Raises Left if it was live.</summary>
    /// <remarks>This node's own id is ignored: a removed node is told by its topology, and then rebases or stops.</remarks>
    public void Evict(NodeId id)
    {
        if (id == _self.Id)
        {
            return;
        }

        _bans.Add(id);
        if (_roster.Find(id) is not { } peer)
        {
            return;
        }

        if (peer.Member.IsLive)
        {
            Raise(new SwimEvent.Left(peer.Member with { State = MemberState.Left }));
        }

        Forget(peer);
        _nextTimer = null;
        _news.Remove(id);
        _seeds.Remove(peer.Member.Address);
    }

    /// <summary>Lifts the ban of <see cref="Evict"/>.</summary>
    public void Admit(NodeId id) => _bans.Remove(id);

    /// <summary>This node now belongs to another cluster: forget all members, bans, seeds and news, without events, and say nothing more to the old one.</summary>
    /// <remarks>Its own incarnation grows, and a leave is undone, so that it can join at once.</remarks>
    public void Rebase(ClusterId newCluster)
    {
        _clusterId = newCluster;
        _roster.Clear();
        _suspects.Clear();
        _bans.Clear();
        _news.Clear();
        _seeds.Clear();
        _probeOrder.Clear();
        _relays.Clear();
        FailExchanges();
        _pending.RemoveAll(effect => effect is SwimEffect.SendPacket or SwimEffect.OpenStream);
        _probe = null;

        // Before it is announced: versions of the old cluster mean nothing in the new one.
        _self = _self with { Version = 0 };
        Revive();
    }

    /// <summary>The same, under another id: a hard reset makes this node a new one.</summary>
    public void Rebase(ClusterId newCluster, NodeId self)
    {
        _self = _self with { Id = self };
        Rebase(newCluster);
    }

    private void Merge(in Update update)
    {
        var news = update.Member;
        if (news.Id == _self.Id)
        {
            HearAboutSelf(news);
        }
        else if (_bans.Contains(news.Id))
        {
            Counters.Banned++;
        }
        else if (_roster.Find(news.Id) is not { } peer)
        {
            Introduce(update);
        }
        else
        {
            NoteVersion(peer, news.Version);
            var precedence = news.ComparePrecedence(peer.Member);
            if (precedence > 0)
            {
                Accept(peer, update);
            }
            else if (precedence == 0 && peer.Suspicion?.Confirm(update.Accuser) == true)
            {
                _news.Add(update);
            }
        }
    }

    /// <summary>
    /// A member list from a stream may be old news: whom it calls dead is only suspected, which gives it the chance to refute.
    /// Otherwise two healed halves of a partition would first bury each other (memberlist's mergeState). Its suspicions may be
    /// hearsay, so they count as our own accusation and not as an independent one.
    /// </summary>
    private void MergeState(IReadOnlyList<Member> members)
    {
        foreach (var member in members)
        {
            var claim = member.State == MemberState.Dead && _roster.Find(member.Id) is { Member.IsLive: true }
                ? member with { State = MemberState.Suspect }
                : member;
            Merge(new Update(claim, _self.Id));
        }

        Counters.StatesMerged++;
    }

    /// <summary>The dead whom we never met are none of our business: learning them here would keep them in circulation for ever.</summary>
    private void Introduce(in Update update)
    {
        if (!update.Member.IsLive)
        {
            return;
        }

        if (_roster.Peers.Count >= _config.MaxMembers - 1)
        {
            Counters.OverLimit++;
            return;
        }

        var peer = _roster.Add(update.Member, _now);
        _members = null;
        _probeOrder.Add(update.Member.Id);
        Raise(new SwimEvent.Joined(update.Member));
        if (update.Member.State == MemberState.Suspect)
        {
            BeginSuspicion(peer, update.Accuser);
            Raise(new SwimEvent.Suspected(update.Member));
        }

        if (update.Member.Version > 0)
        {
            Raise(new SwimEvent.VersionSeen(update.Member.Id, update.Member.Version));
        }

        _news.Add(update);
    }

    private void Accept(Peer peer, in Update update)
    {
        var old = peer.Member;
        var member = update.Member with { Version = Math.Max(old.Version, update.Member.Version) };
        _roster.Update(peer, member, _now);
        _members = null;
        EndSuspicion(peer);
        if (!old.IsLive && member.IsLive)
        {
            _probeOrder.Add(member.Id);
            Raise(new SwimEvent.Joined(member));
        }
        else if (old.State == MemberState.Suspect && member.State == MemberState.Alive)
        {
            Raise(new SwimEvent.AliveAgain(member));
        }

        if (old.IsLive && member.IsLive && !member.AnnouncesTheSameAs(old))
        {
            Raise(new SwimEvent.MetadataChanged(member));
        }

        switch (member.State)
        {
            case MemberState.Suspect:
                BeginSuspicion(peer, update.Accuser);
                if (old.State != MemberState.Suspect)
                {
                    Raise(new SwimEvent.Suspected(member));
                }

                break;
            case MemberState.Dead when old.IsLive:
                Raise(new SwimEvent.Failed(member));
                break;
            case MemberState.Left when old.IsLive:
                Raise(new SwimEvent.Left(member));
                break;
        }

        _news.Add(new Update(member, update.Accuser));
    }

    /// <summary>Refutes (SWIM, section 4.2). An older claim needs no new incarnation, but whoever made it has missed ours.</summary>
    private void HearAboutSelf(Member claim)
    {
        if (_self.State == MemberState.Left)
        {
            return;
        }

        if (claim.State == MemberState.Alive)
        {
            if (claim.Incarnation > _self.Incarnation)
            {
                Counters.IdentityConflicts++;
                Announce(_self with { Incarnation = claim.Incarnation.Next() });
            }
        }
        else if (claim.Incarnation >= _self.Incarnation)
        {
            Counters.Refutations++;
            Announce(_self with { Incarnation = claim.Incarnation.Next() });
        }
        else if (!_news.Contains(_self.Id))
        {
            Announce(_self);
        }
    }

    private void Announce(Member self)
    {
        _self = self;
        (_members, _nextTimer) = (null, null);
        _news.Add(new Update(self, self.Id));
    }

    private void NoteVersion(Peer peer, ulong version)
    {
        if (version > peer.Member.Version)
        {
            _roster.Update(peer, peer.Member with { Version = version }, _now);
            _members = null;
            Raise(new SwimEvent.VersionSeen(peer.Member.Id, version));
        }
    }

    private void BeginSuspicion(Peer peer, NodeId accuser)
    {
        var min = SuspicionTimeout.Min(_config, LiveMembers);
        var expected = SuspicionTimeout.ExpectedConfirmations(_config, LiveMembers);
        peer.Suspicion = new Suspicion(accuser, expected, _now, min, min * _config.SuspicionMaxMultiplier);
        _suspects[peer.Member.Id] = peer;
        Counters.Suspicions++;
    }

    private void EndSuspicion(Peer peer)
    {
        peer.Suspicion = null;
        _suspects.Remove(peer.Member.Id);
    }

    private void TickSuspicions()
    {
        foreach (var peer in _suspects.Values.Where(peer => _now >= peer.Suspicion!.Deadline).ToList())
        {
            Merge(new Update(peer.Member with { State = MemberState.Dead }, _self.Id));
        }

        if (_now >= _nextReclaim)
        {
            _nextReclaim = _now + _config.ReconnectInterval;
            foreach (var peer in _roster.Peers.Where(peer => !peer.Member.IsLive && _now - peer.Since >= _config.DeadRetention).ToList())
            {
                Forget(peer);
            }
        }
    }

    private void Forget(Peer peer)
    {
        EndSuspicion(peer);
        _roster.Remove(peer.Member.Id);
        _members = null;
        if (_probe?.Target == peer.Member.Id)
        {
            _probe = null;
        }
    }
}

using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <content>Primary: beginning and ending an epoch, what followers say, shipping records.</content>
public sealed partial class ReplicaNode
{
    /// <summary>The session of a heartbeat that asks for a hello.</summary>
    private const ulong NoSession = 0;

    private Leadership? _lead;
    private (LogCursor From, LogCursor To, byte[] Bytes) _shipped = (default, default, []);

    private void Lead(ShardView view, ShardView? before, List<ReplicaEffect> effects)
    {
        if (_lead is { } lead && lead.Epoch == view.Epoch)
        {
            ResolveProposals(lead, before!, view, effects);
            UpdateFollowers(lead, view);
            return;
        }

        Depose($"epoch {view.Epoch} has begun", effects);
        if (!MayBegin(view))
        {
            if (before?.Epoch != view.Epoch)
            {
                Note(ReplicaEvent.NotBegun, $"epoch {view.Epoch} is not this process's to begin: it needs another election", effects);
            }

            return;
        }

        var first = _log.BeginEpoch(_cluster, view.Epoch);
        _shipped = (default, default, []);
        _floor = view.Epoch; // Never again.
        _lead = new Leadership(view.Epoch, first);
        UpdateFollowers(_lead, view);
        foreach (var follower in _lead.Followers)
        {
            // Whoever saw the promotion before this node did has said its hello in vain, and would say it again a retry later.
            effects.Add(new ReplicaEffect.Send(follower.Id, new ReplicaMessage.Heartbeat(view.Epoch, NoSession, _log.LastLsn, 0)));
        }

        Note(ReplicaEvent.BeganEpoch, $"epoch {view.Epoch} at {first}, set of {view.ReplicaSet.Count}", effects);
    }

    /// <summary>Ends whatever this node led. Records first: from here on nothing changes the log but what a primary sends.</summary>
    private void Depose(string reason, List<ReplicaEffect> effects)
    {
        if (_lead is not { } lead)
        {
            return;
        }

        _log.Follow();
        _lead = null;
        foreach (var transfer in lead.Transfers)
        {
            _log.DropSnapshot(transfer.Id);
        }

        if (lead.Serving)
        {
            effects.Add(new ReplicaEffect.Serve(false, lead.Epoch));
        }

        effects.Add(new ReplicaEffect.Deposed(reason));
        Note(ReplicaEvent.Deposed, $"epoch {lead.Epoch}: {reason}", effects);
        LeaveHandOver(lead, effects);
    }

    private void UpdateFollowers(Leadership lead, ShardView view)
    {
        foreach (var gone in lead.Followers.Where(follower => !view.Members.Contains(follower.Id)))
        {
            gone.Transfer = null;
        }

        lead.Followers.RemoveAll(follower => !view.Members.Contains(follower.Id));
        foreach (var id in view.Members)
        {
            if (id != Self && lead.Find(id) is null)
            {
                lead.Followers.Add(new Follower(id, _now));
            }
        }

        lead.Followers.Sort((left, right) => left.Id.CompareTo(right.Id));
    }

    private void HandleFollower(Leadership lead, Follower follower, ReplicaMessage message, List<ReplicaEffect> effects)
    {
        if (message is ReplicaMessage.Refused refused && refused.Epoch > lead.Epoch)
        {
            // It knows of an epoch that we do not. Our own topology will say so; until then it takes nothing from us.
            follower.State = FollowerState.Unknown;
            follower.Session = 0;
        }

        if (message.Epoch != lead.Epoch)
        {
            return;
        }

        switch (message)
        {
            case ReplicaMessage.Hello hello:
                Greet(lead, follower, hello, effects);
                break;
            case ReplicaMessage.Ack ack when ack.Session == follower.Session:
                TakeAck(follower, ack);
                break;
            case ReplicaMessage.SnapshotAck ack when ack.Session == follower.Session:
                TakePartAck(follower, ack);
                break;
        }
    }

    /// <summary>Finds what the follower's log and ours share, and from that how it gets the rest.</summary>
    private void Greet(Leadership lead, Follower follower, ReplicaMessage.Hello hello, List<ReplicaEffect> effects)
    {
        if (hello.Session < follower.Session)
        {
            return;
        }

        follower.Heard(_now);
        if (hello.Session > follower.Session)
        {
            // What it would continue from is not its log's end but the end of what its state already contains.
            var position = Math.Max(hello.LastLsn, hello.ConsistentLsn);
            var shared = _log.History.CommonPrefix(hello.History, _log.LastLsn, position);
            follower.Session = hello.Session;
            if (follower.Transfer is { Ready: true } had && follower.PartsAcked == had.Length && hello.LastLsn < had.CoveredLsn)
            {
                had.IsSuspect = true;
            }

            follower.Transfer = null;
            follower.Probing = false;
            follower.Shared = shared is { } lsn ? Math.Min(lsn, hello.LastLsn) + 1 : 0;
            follower.Next = new LogCursor(hello.LastLsn + 1, 0);
            follower.Rewind(follower.Next);
            (follower.Received, follower.Durable, follower.Consistent) = (hello.LastLsn, 0, hello.ConsistentLsn);
            follower.State = shared == position && Reaches(hello.LastLsn + 1) ? FollowerState.Online : FollowerState.WaitSnapshot;
            Note(ReplicaEvent.Linked, $"{follower.Id} at {hello.LastLsn}, of which {shared?.ToString() ?? "nothing known"} is ours", effects);
        }

        effects.Add(new ReplicaEffect.Send(follower.Id, HeartbeatFor(lead, follower)));
    }

    private void TakeAck(Follower follower, ReplicaMessage.Ack ack)
    {
        follower.Heard(_now);
        if (follower.State != FollowerState.Online || ack.Next.Lsn > _log.LastLsn + 1)
        {
            return;
        }

        follower.Received = Math.Max(follower.Received, Math.Min(ack.ReceivedLsn, _log.LastLsn));
        follower.Durable = Math.Max(follower.Durable, Math.Min(ack.DurableLsn, _log.LastLsn));
        follower.Consistent = ack.ConsistentLsn;
        if (ack.Next <= follower.Next)
        {
            return;
        }

        follower.Next = ack.Next;
        follower.ProgressAt = _now;
        follower.Probing = false;
        while (follower.InFlight.TryPeek(out var oldest) && oldest.End <= ack.Next)
        {
            follower.InFlightBytes -= oldest.Bytes;
            follower.InFlight.Dequeue();
        }

        if (follower.Sent < ack.Next)
        {
            follower.Rewind(ack.Next);
        }
    }

    private void SettleLeading(Leadership lead, bool due, List<ReplicaEffect> effects)
    {
        if (due)
        {
            TendFollowers(lead, effects);
        }

        TendTransfers(lead, effects);
        foreach (var follower in lead.Followers)
        {
            follower.MeasureLag(_log.LastLsn, _now);
            Ship(lead, follower, effects);
            ShipParts(lead, follower, effects);
        }

        Acknowledge(lead, effects);
        PursueIntention(lead, effects);
        PursueHandOver(lead, effects);
        if (due && _lead is not null)
        {
            TendSet(lead, effects);
        }
    }

    private void TendFollowers(Leadership lead, List<ReplicaEffect> effects)
    {
        foreach (var follower in lead.Followers)
        {
            if (follower.Session == 0)
            {
                continue;
            }

            effects.Add(new ReplicaEffect.Send(follower.Id, HeartbeatFor(lead, follower)));
            if (_now - follower.ProgressAt < _config.RewindAfter)
            {
                continue;
            }

            if (follower.State == FollowerState.Online && follower.InFlight.Count > 0)
            {
                follower.Rewind(follower.Next);
                (follower.Probing, follower.ProgressAt) = (true, _now);
            }
            else if (follower.State == FollowerState.SendSnapshot && follower.PartsSent > follower.PartsAcked)
            {
                follower.PartsSent = follower.PartsAcked;
                (follower.Probing, follower.ProgressAt) = (true, _now);
            }
        }
    }

    private void Ship(Leadership lead, Follower follower, List<ReplicaEffect> effects)
    {
        if (follower.State != FollowerState.Online)
        {
            return;
        }

        if (!Reaches(follower.Sent.Lsn))
        {
            Note(ReplicaEvent.Snapshot, $"{follower.Id} at {follower.Next} is further behind than the backlog reaches", effects);
            follower.State = FollowerState.WaitSnapshot;
            return;
        }

        var window = follower.Probing ? 1 : _config.WindowMessages;
        while (follower.InFlight.Count < window && follower.InFlightBytes < _config.WindowBytes)
        {
            if (_shipped.From != follower.Sent || _shipped.To == _shipped.From)
            {
                _writer.Clear();
                var to = _log.Read(follower.Sent, _config.MaxMessageBytes, _writer);
                if (to == follower.Sent)
                {
                    return;
                }

                _shipped = (follower.Sent, to, _writer.ToArray()); // Followers at the same place share it.
            }

            if (follower.InFlight.Count == 0)
            {
                follower.ProgressAt = _now;
            }

            effects.Add(new ReplicaEffect.Send(
                follower.Id, new ReplicaMessage.Records(lead.Epoch, follower.Session, follower.Sent, _shipped.Bytes)));
            follower.InFlight.Enqueue((_shipped.To, _shipped.Bytes.Length));
            follower.InFlightBytes += _shipped.Bytes.Length;
            follower.Sent = _shipped.To;
        }
    }

    /// <summary>The log still gives what follows the record before <paramref name="lsn"/>.</summary>
    private bool Reaches(ulong lsn) => lsn >= _log.FirstLsn && lsn <= _log.LastLsn + 1;

    private ReplicaMessage.Heartbeat HeartbeatFor(Leadership lead, Follower follower) =>
        new(lead.Epoch, follower.Session, _log.LastLsn, AckedOf(lead));

    /// <summary>Where nothing needs to be acknowledged, everything is.</summary>
    private ulong AckedOf(Leadership lead) => lead.ToldAcked == ulong.MaxValue ? _log.LastLsn : lead.Acked;

    private void ReportUnreachable(NodeId node)
    {
        if (_lead?.Find(node) is { } follower)
        {
            follower.RefusedAt ??= _now;
        }
    }
}

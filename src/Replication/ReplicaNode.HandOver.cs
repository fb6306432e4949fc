using Trefoil.Primitives;

namespace Trefoil.Replication;

/// <content>CLUSTER FAILOVER: the primary pauses until a successor is level with it, then asks for an election with that candidate.</content>
public sealed partial class ReplicaNode
{
    private const string OtherWon = "another epoch began first";
    private Asking? _asking;
    private (ulong Token, NodeId To)? _handedOver;

    private void AskHandOver(ReplicaInput.HandOverAsked asked, List<ReplicaEffect> effects)
    {
        if (_lead is { } lead)
        {
            if (RefusalOf(lead, asked.To) is { } refusal)
            {
                effects.Add(new ReplicaEffect.HandOverDone(asked.Token, refusal));
                return;
            }

            StartHandOver(lead, new HandOver(asked.Token, asked.To, isRemote: false, _now), effects);
        }
        else if (_follow is { } follow && asked.To == Self && _asking is null)
        {
            _asking = new Asking(asked.Token, follow.Epoch, _now);
            RetryAsking(effects);
        }
        else
        {
            var error = _asking is not null ? "a hand-over is on its way already" : "this node neither leads nor follows now";
            effects.Add(new ReplicaEffect.HandOverDone(asked.Token, error));
        }
    }

    private void AnswerRequest(NodeId from, ReplicaMessage.HandOverRequest request, List<ReplicaEffect> effects)
    {
        if (_lead is not { } lead || request.Epoch != lead.Epoch
            || (lead.HandOver is { } going && going.Token == request.Token && going.To == from))
        {
            return; // Not ours to answer, or asked again: the answer comes when there is one.
        }

        if (RefusalOf(lead, from) is { } refusal)
        {
            effects.Add(new ReplicaEffect.Send(from, new ReplicaMessage.HandOverAnswer(lead.Epoch, request.Token, refusal)));
            return;
        }

        StartHandOver(lead, new HandOver(request.Token, from, isRemote: true, _now), effects);
    }

    private string? RefusalOf(Leadership lead, NodeId to) =>
        !lead.Serving ? "the primary does not serve now"
        : lead.HandOver is not null ? "a hand-over is on its way already"
        : !_view!.ReplicaSet.Contains(to) || lead.Find(to) is not { Counts: true } ? "the replica is not in the replica set"
        : null;

    private void StartHandOver(Leadership lead, HandOver going, List<ReplicaEffect> effects)
    {
        lead.HandOver = going;
        effects.Add(new ReplicaEffect.PauseForHandOver());
        Note(ReplicaEvent.HandOver, $"to {going.To}: paused at {_log.LastLsn}", effects);
    }

    /// <summary>Waits for the successor to hold all there is; then it is the topology's decision, and nothing is answered until it is seen.</summary>
    private void PursueHandOver(Leadership lead, List<ReplicaEffect> effects)
    {
        if (lead.HandOver is not { } going)
        {
            return;
        }

        if (going.Proposed)
        {
            if (_now - going.Since >= _config.HandOverTimeout)
            {
                // It may still happen, so this node may not go on; another election decides what is.
                Depose("the outcome of the hand-over is unknown", effects);
            }

            return;
        }

        if (_log.LastLsn != going.StableLsn)
        {
            (going.StableLsn, going.StableSince) = (_log.LastLsn, _now);
        }

        if (RefusalWhileWaiting(lead, going) is { } error)
        {
            GiveUpHandOver(lead, going, error, effects);
        }
        else if (lead.Find(going.To)!.Received == _log.LastLsn && _now - going.StableSince >= _config.HandOverSettle)
        {
            (going.Proposed, going.ProposalToken, going.Since) = (true, NextNumber(), _now);
            SetServing(lead, false, effects);
            if (going.IsRemote)
            {
                effects.Add(new ReplicaEffect.Send(going.To, new ReplicaMessage.HandOverAnswer(lead.Epoch, going.Token, null)));
            }

            effects.Add(new ReplicaEffect.ProposeHandOver(going.ProposalToken, going.To, lead.Epoch));
        }
    }

    private string? RefusalWhileWaiting(Leadership lead, HandOver going) =>
        _now - going.Since >= _config.HandOverTimeout ? "the replica did not catch up in time"
        : !_view!.ReplicaSet.Contains(going.To) || lead.Find(going.To) is not { Counts: true } ? "the replica left the replica set"
        : null;

    /// <summary>It will not happen, for certain: serve on.</summary>
    private void GiveUpHandOver(Leadership lead, HandOver going, string error, List<ReplicaEffect> effects)
    {
        lead.HandOver = null;
        Acknowledge(lead, effects);
        effects.Add(new ReplicaEffect.ResumeAfterHandOver());
        Answer(going, lead.Epoch, error, effects);
    }

    /// <summary>This node leads no longer. Whether that was the hand-over's doing is known when somebody leads again.</summary>
    private void LeaveHandOver(Leadership lead, List<ReplicaEffect> effects)
    {
        if (lead.HandOver is { } going)
        {
            _handedOver = going.IsRemote ? null : (going.Token, going.To);
        }
    }

    private static void Answer(HandOver going, ulong epoch, string? error, List<ReplicaEffect> effects)
    {
        Note(ReplicaEvent.HandOver, $"to {going.To}: {error ?? "done"}", effects);
        if (!going.IsRemote)
        {
            effects.Add(new ReplicaEffect.HandOverDone(going.Token, error));
        }
        else if (error is not null)
        {
            effects.Add(new ReplicaEffect.Send(going.To, new ReplicaMessage.HandOverAnswer(epoch, going.Token, error)));
        }
    }

    /// <summary>Replica: says its wish again until it is answered.</summary>
    private void RetryAsking(List<ReplicaEffect> effects)
    {
        if (_asking is not { } asking)
        {
            return;
        }

        if (_now - asking.Since >= 2 * _config.HandOverTimeout)
        {
            _asking = null;
            effects.Add(new ReplicaEffect.HandOverDone(asking.Token, "the primary did not answer in time"));
        }
        else if (!asking.Accepted && _now >= asking.NextAt && _follow is { } follow)
        {
            asking.NextAt = _now + _config.HelloRetry;
            effects.Add(new ReplicaEffect.Send(follow.Primary, new ReplicaMessage.HandOverRequest(follow.Epoch, asking.Token)));
        }
    }

    private void TakeAnswer(ReplicaMessage.HandOverAnswer answer, List<ReplicaEffect> effects)
    {
        if (_asking is not { } asking || asking.Token != answer.Token || asking.Epoch != answer.Epoch)
        {
            return;
        }

        if (answer.Error is null)
        {
            asking.Accepted = true;
            return;
        }

        _asking = null;
        effects.Add(new ReplicaEffect.HandOverDone(asking.Token, answer.Error));
    }

    /// <summary>The first view of another epoch in which somebody leads is the answer, on either side.</summary>
    private void ConcludeHandOver(List<ReplicaEffect> effects)
    {
        if (_view is { IsElecting: true })
        {
            return;
        }

        if (_asking is { } asking && _view?.Epoch != asking.Epoch)
        {
            _asking = null;
            effects.Add(new ReplicaEffect.HandOverDone(asking.Token, _view?.Primary == Self ? null : OtherWon));
        }

        if (_handedOver is { } handed && _lead is null)
        {
            _handedOver = null;
            effects.Add(new ReplicaEffect.HandOverDone(handed.Token, _view?.Primary == handed.To ? null : OtherWon));
        }
    }

    /// <summary>A hand-over that this replica asked for.</summary>
    private sealed class Asking(ulong token, ulong epoch, TimeSpan now)
    {
        public ulong Token => token;

        /// <summary>In which it was asked for.</summary>
        public ulong Epoch => epoch;

        public TimeSpan Since => now;

        public TimeSpan NextAt { get; set; }

        public bool Accepted { get; set; }
    }
}

using Trefoil.ControlPlane;
using Trefoil.Membership;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Simulator.Keys;
using Trefoil.Simulator.Shards;
using Trefoil.Simulator.Slots;
using Trefoil.Wire.Peer;

namespace Trefoil.Simulator;

/// <summary>What the drivers do with effects, in list order; the process may end between any two.</summary>
internal sealed partial class SimulatedNode
{
    /// <summary>False when the process ended on the way.</summary>
    private bool Perform(ControlEffect[] effects)
    {
        var departure = _world.Now;
        foreach (var effect in effects)
        {
            if (_crashIn is { } left && (_crashIn = left - 1) < 0)
            {
                _world.Counts.Add(SimulationCounts.Fault.CrashMidway);
                _world.Faults.CrashAndRestart(this);
                return false;
            }

            try
            {
                Perform(effect, ref departure);
            }
            catch (IOException)
            {
                _world.Counts.Add(SimulationCounts.Fault.DiskFailure);
                _world.Faults.CrashAndRestart(this);
                return false;
            }
        }

        return true;
    }

    private void Perform(ControlEffect effect, ref TimeSpan departure)
    {
        switch (effect)
        {
            case ControlEffect.Send send:
                SendControl(departure, send);
                break;
            case ControlEffect.Fence fence:
                FenceKeys(fence.On);
                break;
            case ControlEffect.Answer { Token: >= SimulatedKeys.FirstToken } answer:
                Keys.Cluster.Answered(answer.Token, answer.Result);
                break;
            case ControlEffect.Answer { Token: >= SimulatedMigrations.FirstToken } answer:
                Migrations.Answered(answer);
                break;
            case ControlEffect.Answer { Token: >= SimulatedReplica.FirstToken } answer:
                Replica.Answered(answer);
                break;
            case ControlEffect.Answer answer:
                _world.Note("answer", Index, -1, answer.Token, answer);
                _world.Workload.Answered(this, answer);
                break;
            case ControlEffect.Publish publish:
                _world.Note("publish", Index, -1, publish.Topology.Version, publish);
                _world.Oracles.Published(this, publish.Topology);
                FollowShard(publish.Topology);
                break;
            case ControlEffect.Lease lease:
                _world.Note("lease", Index, -1, lease.Epoch, lease);
                _world.Oracles.Leases.CheckBegin(this, lease.Until);
                _world.Oracles.Leases.Given(this, lease.Epoch, Clock.WorldAt(lease.Until), _world.Now);
                LeaseKeys(lease.Until);
                break;
            case ControlEffect.Note note:
                _world.Note("note", Index, -1, (ulong)note.Event, note);
                _world.Oracles.Noted(this, note);
                break;
            case ControlEffect.Evict or ControlEffect.Admit or ControlEffect.Rebase or ControlEffect.GossipVersion:
                PerformGossip(effect);
                break;
            default:
                Store(effect, ref departure);
                break;
        }
    }

    /// <summary>A fenced member says where its log ends: the core does, or in a run that is not about shards at once.</summary>
    private void FollowShard(Topology topology)
    {
        if (_world.Options.Shards)
        {
            var life = Life;
            Keys.Cluster.Publish(topology);
            _world.Queue.At(_world.Now, () =>
            {
                if (Up && life == Life)
                {
                    Replica.Show(topology);
                    Migrations.Show(topology);
                }
            });
            return;
        }

        if (topology.ShardOf(_control!.Identity.Node) is { IsElecting: true } shard)
        {
            Later(new ControlInput.LogFenced(topology.ClusterId, shard.Epoch, new LogPosition(0, 0, IsUsable: true)));
        }
    }

    private void LeaseKeys(TimeSpan until)
    {
        if (_world.Options.Shards)
        {
            Keys.Server.Gate.Lease(until.Ticks);
        }
    }

    /// <summary>Refuse writes, and say how many keys there are once that has taken effect.</summary>
    private void FenceKeys(bool on)
    {
        if (_world.Options.Shards)
        {
            Keys.Cluster.Fence(on);
        }

        if (on)
        {
            Later(new ControlInput.Fenced(_world.Options.Shards ? Keys.Store.CountSettled() : 0));
        }
    }

    /// <summary>Durable when it returns; whatever the list holds after it leaves that much later.</summary>
    private void Store(ControlEffect effect, ref TimeSpan departure)
    {
        if (!_store!.Perform(effect))
        {
            throw new InvalidOperationException($"Nobody performs {effect.GetType().Name}.");
        }

        _world.Note("store", Index, -1, 0, effect);
        departure += SyncTime();
        if (effect is ControlEffect.SaveIdentity save)
        {
            Identity = save.Identity;
        }

        _world.Oracles.Stored(this, effect);
    }

    private void PerformGossip(ControlEffect effect)
    {
        switch (effect)
        {
            case ControlEffect.Evict evict:
                _world.Note("swim", Index, -1, evict.Node.Low, evict);
                _swim!.Evict(evict.Node);
                break;
            case ControlEffect.Admit admit:
                _world.Note("swim", Index, -1, admit.Node.Low, admit);
                _swim!.Admit(admit.Node);
                break;
            case ControlEffect.GossipVersion gossip:
                _swim!.SetVersion(gossip.Version);
                break;
            case ControlEffect.Rebase rebase:
                _world.Note("swim", Index, -1, rebase.Cluster.Low, rebase);
                _swim!.Rebase(rebase.Cluster, rebase.Self);
                _world.Oracles.Members.Begins(this);
                _swim.Join(rebase.Seeds);
                break;
        }
    }

    private void SendControl(TimeSpan departure, ControlEffect.Send send)
    {
        if (_world.Sabotage.Sent(this, send.Message) is not { } message)
        {
            return;
        }

        _world.Oracles.Sent(this, send.Cluster, message);
        var writer = new ByteWriter();
        new PeerEnvelope(Identity.ClusterName, send.Cluster, _control!.Identity.Node, ControlAddress).Write(writer);
        ControlCodec.Write(writer, message);
        var frame = writer.ToArray();
        if (_world.NodeAt(send.To.Host) is not { } to)
        {
            return;
        }

        _world.Note("send", Index, to.Index, Simulator.Trace.HashOf(frame), message);
        var (life, sender) = (Life, this);
        _world.Network.Send(departure, Index, to.Index, frame, bytes =>
        {
            if (to.Up)
            {
                to.Receive(bytes.Span, sender.Index);
            }
            else if (sender.Up && sender.Life == life)
            {
                sender.Post(new ControlInput.Unreachable(to.ControlAddress));
            }
        });
    }

    private void Receive(ReadOnlySpan<byte> frame, int from)
    {
        if (PeerEnvelope.Read(frame, out var payload) is not { } envelope || ControlCodec.Read(payload) is not { } message)
        {
            throw new OracleViolation($"n{Index} cannot read what n{from} wrote.");
        }

        _world.Note("receive", Index, from, (ulong)frame.Length, message);
        Post(new ControlInput.Peer(new PeerIdentity(envelope.Sender, envelope.Cluster, envelope.ReplyTo), message));
    }

    private void PerformSwim()
    {
        SwimEffect[] effects = [.. _swimEffects];
        _swimEffects.Clear();
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case SwimEffect.SendPacket packet when _world.NodeAt(packet.To.Host) is { } to:
                    var self = _swim!.Self.Address;
                    _world.Mix(Index, to.Index, packet.Bytes.Length);
                    _world.Network.Send(
                        _world.Now, Index, to.Index, packet.Bytes, bytes => to.Post(new SwimInput.PacketReceived(self, bytes)), static () => { }, Channel.Datagram);
                    break;
                case SwimEffect.OpenStream open when _world.NodeAt(open.To.Host) is { } to:
                    _world.Streams.Open(this, to, open);
                    break;
                case SwimEffect.AnswerStream answer:
                    _world.Streams.Answer(this, answer.Stream, answer.Bytes);
                    break;
                case SwimEffect.CloseStream close:
                    _world.Streams.Answer(this, close.Stream, null);
                    break;
                case SwimEffect.Raise raise:
                    Tell(raise.Event);
                    break;
            }
        }
    }

    /// <summary>What <c>MemberHealth</c> makes of SWIM's news.</summary>
    private void Tell(SwimEvent news)
    {
        switch (news)
        {
            case SwimEvent.Joined joined:
                Later(new ControlInput.Health(joined.Member.Id, PeerHealth.Alive));
                break;
            case SwimEvent.AliveAgain alive:
                Later(new ControlInput.Health(alive.Member.Id, PeerHealth.Alive));
                break;
            case SwimEvent.Suspected suspected:
                Later(new ControlInput.Health(suspected.Member.Id, PeerHealth.Suspect));
                break;
            case SwimEvent.Failed failed:
                _world.Oracles.Members.Failed(this, failed.Member);
                Later(new ControlInput.Health(failed.Member.Id, PeerHealth.Dead));
                break;
            case SwimEvent.Left left:
                Later(new ControlInput.Health(left.Member.Id, PeerHealth.Dead));
                break;
            case SwimEvent.VersionSeen seen:
                Later(new ControlInput.VersionSeen(seen.Id, seen.Version));
                break;
        }
    }

    /// <summary>Through the control driver's inbox: not within this round.</summary>
    private void Later(ControlInput input)
    {
        var life = Life;
        _world.Queue.At(_world.Now, () =>
        {
            if (life == Life && Up)
            {
                if (input is ControlInput.Health)
                {
                    _world.Note("health", Index, -1, 0, input);
                }

                Post(input);
            }
        });
    }
}

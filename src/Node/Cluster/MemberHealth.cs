using Microsoft.Extensions.Logging;
using Trefoil.ControlPlane;
using Trefoil.Drivers;
using Trefoil.KeyValue.Cluster;
using Trefoil.Membership;
using Trefoil.Primitives;

namespace Trefoil.Node.Cluster;

/// <summary>Passes SWIM's news on: to the log, to the control plane, to whoever shows the cluster to clients.</summary>
internal sealed class MemberHealth(
    ILogger log, ConsensusClusterSource source, TimeProvider time, string clusterName, Action<ControlInput> control)
{
    /// <summary>Lets the source ask when members were last heard.</summary>
    public void Watch(SwimDriver swim) => source.WatchContacts(id => ContactOf(swim, id));

    /// <summary>SWIM thread: one event.</summary>
    public void Notice(SwimEvent news)
    {
        switch (news)
        {
            case SwimEvent.Joined joined:
                Tell("joined", joined.Member, PeerHealth.Alive, NodeLiveness.Alive);
                break;
            case SwimEvent.AliveAgain alive:
                Tell("alive again", alive.Member, PeerHealth.Alive, NodeLiveness.Alive);
                break;
            case SwimEvent.Suspected suspected:
                Tell("suspected", suspected.Member, PeerHealth.Suspect, NodeLiveness.Suspect);
                break;
            case SwimEvent.Failed failed:
                Tell("failed", failed.Member, PeerHealth.Dead, NodeLiveness.Dead);
                break;
            case SwimEvent.Left left:
                Tell("left", left.Member, PeerHealth.Dead, NodeLiveness.Dead);
                break;
            case SwimEvent.VersionSeen seen:
                control(new ControlInput.VersionSeen(seen.Id, seen.Version));
                break;
            case SwimEvent.ForeignCluster foreign when foreign.Name != clusterName:
                NodeLog.ForeignCluster(log, foreign.From.ToString(), foreign.Name);
                break;
        }
    }

    private void Tell(string what, Member member, PeerHealth health, NodeLiveness liveness)
    {
        if (member.Id == source.Self)
        {
            return;
        }

        NodeLog.Member(log, what, member.Id.ToString(), member.Address.ToString());
        control(new ControlInput.Health(member.Id, health));
        source.SetHealth(member.Id, liveness);
    }

    /// <summary>Ping and pong times as CLUSTER NODES prints them: milliseconds since 1970, 0 where there is none.</summary>
    private (long PingSentMs, long PongReceivedMs) ContactOf(SwimDriver swim, NodeId id)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var contact in swim.Snapshot.Contacts)
        {
            if (contact.Id == id)
            {
                var waiting = contact.PingSent > (contact.AckReceived ?? TimeSpan.MinValue);
                return (waiting ? At(contact.PingSent) : 0, At(contact.AckReceived));
            }
        }

        return (0, 0);

        long At(TimeSpan? when) => when is { } then ? now - (long)(swim.Elapsed - then).TotalMilliseconds : 0;
    }
}

using Trefoil.ControlPlane;
using Trefoil.Drivers;
using Trefoil.Primitives;

namespace Trefoil.Node.Cluster;

/// <summary>Carries out on SWIM what the topology decided: who is banned, who may come back, which cluster we speak for.</summary>
internal sealed class SwimCommands(SwimDriver swim, ConsensusClusterSource source)
{
    /// <summary>Contacts these members, one of whom is enough.</summary>
    public void Join(IReadOnlyList<HostPort> seeds)
    {
        if (seeds.Count > 0)
        {
            swim.Post(core => core.Join(seeds));
        }
    }

    /// <summary>Control thread: performs an effect meant for SWIM.</summary>
    public void Perform(ControlEffect effect)
    {
        switch (effect)
        {
            case ControlEffect.Evict evict:
                swim.Post(core => core.Evict(evict.Node));
                break;
            case ControlEffect.Admit admit:
                swim.Post(core => core.Admit(admit.Node));
                break;
            case ControlEffect.GossipVersion gossip:
                swim.Post(core => core.SetVersion(gossip.Version));
                break;
            case ControlEffect.Rebase rebase:
                source.Rebase(rebase.Self);
                swim.Post(core => core.Rebase(rebase.Cluster, rebase.Self));
                Join(rebase.Seeds);
                break;
        }
    }
}

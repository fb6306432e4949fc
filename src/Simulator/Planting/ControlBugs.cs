using Trefoil.ControlPlane;

namespace Trefoil.Simulator.Planting;

/// <summary>Mistakes in what the control plane makes of its log: joining, deltas, leases, elections.</summary>
internal static class ControlBugs
{
    /// <summary>A node that offers itself does not write it down first.</summary>
    internal sealed class OfferNotSaved : Sabotage
    {
        public override void Wanted(SimulatedNode node, List<ControlEffect> effects) =>
            Replace(effects, effect => effect is ControlEffect.SaveIdentity { Identity.Offer: not null } ? null : effect);
    }

    /// <summary>A join mints the member id that the last one had.</summary>
    internal sealed class MemberIdAgain : Sabotage
    {
        public override ControlMessage? Sent(SimulatedNode node, ControlMessage message) =>
            message is ControlMessage.Accepted accepted ? accepted with { MemberId = accepted.MemberId - 1 } : message;
    }

    /// <summary>Every tenth command that comes as a delta only advances the version.</summary>
    internal sealed class DeltaLost : Sabotage
    {
        private int _deltas;

        public override ControlInput? Told(SimulatedNode node, ControlInput input) =>
            input is ControlInput.Peer { Message: ControlMessage.Deltas { Entries.Count: > 0 } deltas } peer
                ? peer with { Message = deltas with { Entries = [.. deltas.Entries.Select(each => ++_deltas % 10 == 0 ? each with { Command = [] } : each)] } }
                : input;
    }

    /// <summary>A holder counts its lease from the answer.</summary>
    internal sealed class LeaseFromTheAnswer(Simulation world) : Sabotage
    {
        public override void Wanted(SimulatedNode node, List<ControlEffect> effects) => Replace(effects, effect =>
            effect is ControlEffect.Lease lease ? lease with { Until = node.Clock.Now + world.Plan.Control.Lease } : effect);
    }

    /// <summary>A holder believes in its lease for longer than it was given.</summary>
    internal sealed class LeaseTooLong : Sabotage
    {
        public override void Wanted(SimulatedNode node, List<ControlEffect> effects) => Replace(effects, effect =>
            effect is ControlEffect.Lease lease ? lease with { Until = lease.Until + TimeSpan.FromSeconds(3) } : effect);
    }

    /// <summary>A leader vouches for a primary without asking a majority whether it still leads.</summary>
    internal sealed class LeaseUnconfirmed : Sabotage
    {
        private readonly Dictionary<int, List<ControlEffect>> _grants = [];

        public override ControlInput? Told(SimulatedNode node, ControlInput input)
        {
            if (input is ControlInput.Peer { Message: ControlMessage.LeaseRequest request } peer && node.Control.Raft is { Role: Consensus.Role.Leader }
                && node.Control.Topology.FindShard(request.Shard) is { IsElecting: false } shard && shard.Primary == peer.From.Node && shard.Epoch == request.Epoch)
            {
                _grants.TryAdd(node.Index, []);
                _grants[node.Index].Add(new ControlEffect.Send(
                    peer.From.Address, node.Control.Identity.Cluster, new ControlMessage.LeaseGrant(request.Token, shard.Id, shard.Epoch)));
            }

            return input;
        }

        public override void Wanted(SimulatedNode node, List<ControlEffect> effects)
        {
            if (_grants.Remove(node.Index, out var grants))
            {
                effects.AddRange(grants);
            }
        }
    }

    /// <summary>An election takes the shortest log for the longest.</summary>
    internal sealed class ShortestLogWins : Sabotage
    {
        public override ControlInput? Told(SimulatedNode node, ControlInput input) => input is ControlInput.LogFenced fenced
            ? fenced with { Position = fenced.Position with { Lsn = (1UL << 40) - fenced.Position.Lsn } }
            : input;
    }
}

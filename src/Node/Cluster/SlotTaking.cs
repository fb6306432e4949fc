using System.Globalization;
using Microsoft.Extensions.Logging;
using Trefoil.Client;
using Trefoil.KeyValue.Cluster;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Node.Cluster;

/// <summary>Has another node give up a slot it owns; without it only if it is dead.</summary>
internal sealed class SlotTaking(ConsensusClusterSource source, OwnerLinks links, ILogger log, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Done once this node shows that <paramref name="to"/> owns the slot.</summary>
    public async ValueTask<CommandResult> TakeAsync(NodeId owner, int slot, NodeId to, CancellationToken cancellation)
    {
        if (source.Topology.Find(owner) is not { } node)
        {
            return new CommandResult.Refused(Refusals.OwnerChanged(slot));
        }

        var health = source.HealthOf(owner).State;
        if (health == NodeLiveness.Dead)
        {
            return await TakeFromTheDeadAsync(node, slot, to, cancellation);
        }

        using var deadline = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            var address = new HostPort(node.Endpoints.Host, node.Endpoints.RespPort);
            var seen = source.Topology.Version.ToString(CultureInfo.InvariantCulture);
            var command = new RespCommand("TREFOIL.GIVESLOT", slot.ToString(CultureInfo.InvariantCulture), NodeRecord.RespIdOf(to), seen);
            var (reply, problem) = await links.AskAsync(address, command, either.Token);
            if (reply is null || reply.Text?.StartsWith("UNREACHABLE", StringComparison.Ordinal) == true)
            {
                return source.HealthOf(owner).State is NodeLiveness.Dead or NodeLiveness.Suspect
                    ? await TakeFromTheDeadAsync(node, slot, to, cancellation)
                    : new CommandResult.Refused($"TRYAGAIN The owner of hash slot {slot} has to let go of it: {reply?.Text ?? problem}");
            }

            if (reply.IsError)
            {
                return new CommandResult.Refused(reply.Text!);
            }

            return !await source.ShowsAsync((ulong)reply.Integer, either.Token) ? new CommandResult.Refused(Refusals.OutcomeUnknown)
                : source.Topology.Owns(to, slot) ? CommandResult.Ok
                : new CommandResult.Refused(Refusals.OwnerChanged(slot));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new CommandResult.Refused(Refusals.OutcomeUnknown);
        }
    }

    private ValueTask<CommandResult> TakeFromTheDeadAsync(NodeRecord owner, int slot, NodeId to, CancellationToken cancellation)
    {
        if (to != owner.Id)
        {
            NodeLog.SlotTaken(log, slot, owner.RespId, NodeRecord.RespIdOf(to));
        }

        return source.ProposeAsync(request => new TopologyCommand.MoveSlot(request, slot, owner.Id, to), cancellation);
    }
}

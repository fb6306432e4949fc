using Trefoil.KeyValue.Server;
using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.KeyValue.Cluster;

/// <summary>Changes the owner of a slot through its present owner, so that nobody takes a slot from a node that still has keys in it.</summary>
/// <remarks>
/// The owner looks under the slot's lock whether it holds a key there, fences the slot against new ones, and only then proposes; the
/// committed command names the owner it expects. Redis checks the keys of the node that was asked, whoever owns the slot.
/// </remarks>
internal sealed class SlotHandover(KeyValueServer server)
{
    /// <summary>How often a change is tried anew that another change of the same slot overtook.</summary>
    private const int MaxTries = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Gives <paramref name="slot"/> (0..16383) to <paramref name="to"/>; done means that this node shows it.</summary>
    public async ValueTask<CommandResult> GiveAsync(int slot, NodeId to)
    {
        for (var attempt = 1; ; attempt++)
        {
            var owner = server.Cluster.Topology.OwnerOf(slot)?.Id ?? NodeId.None;
            var result = owner.IsNone
                ? await server.Cluster.ProposeAsync(request => new TopologyCommand.MoveSlot(request, slot, owner, to), CancellationToken.None)
                : owner == server.Cluster.Self
                    ? await LetGoAsync(slot, to)
                    : await server.Cluster.TakeSlotAsync(owner, slot, to, CancellationToken.None);
            if (attempt == MaxTries || result is not CommandResult.Refused refused || refused.Error != Refusals.OwnerChanged(slot))
            {
                return result;
            }
        }
    }

    /// <summary>As the owner: lets go of a slot without keys; <see cref="Refusals.OwnerChanged"/> if this node is not the owner.</summary>
    /// <remarks>
    /// An owner that is told to keep its slot proposes nothing: whoever took it away would have had to ask it first, so that it still shows itself as the
    /// owner says that nobody was told otherwise. Of the four SETSLOT NODE with which redis-cli ends a move on four nodes three change nothing.
    /// </remarks>
    public async ValueTask<CommandResult> LetGoAsync(int slot, NodeId to)
    {
        var self = server.Cluster.Self;
        if (!server.Cluster.Topology.Owns(self, slot))
        {
            return new CommandResult.Refused(Refusals.OwnerChanged(slot));
        }

        if (to == self)
        {
            return new CommandResult.Done(Changed: false);
        }

        if (!TryFence(slot))
        {
            return new CommandResult.Refused($"ERR Can't assign hashslot {slot} to a different node while I still hold keys for this hash slot.");
        }

        RequestId proposed = default;
        var result = await server.Cluster.ProposeAsync(
            request =>
            {
                proposed = request;
                return new TopologyCommand.MoveSlot(request, slot, self, to);
            },
            CancellationToken.None);
        if (result is CommandResult.Refused { Error: Refusals.OutcomeUnknown })
        {
            _ = SettleAsync(slot, proposed);
        }
        else
        {
            LiftFence(slot);
        }

        return result;
    }

    /// <summary>The change may still be committed: the fence stays until it has been, or has been made impossible.</summary>
    private async Task SettleAsync(int slot, RequestId proposed)
    {
        var stopping = server.Stopping;
        try
        {
            while (await server.Cluster.ProposeAsync(request => new TopologyCommand.CancelJoin(request, proposed), stopping)
                is not (CommandResult.Done or CommandResult.Refused { Error: Refusals.JoinCommitted or Refusals.TooOld }))
            {
                await Task.Delay(Pause, server.Time, stopping);
            }

            LiftFence(slot);
        }
        catch (OperationCanceledException)
        {
            // The server stops: nobody is served, fenced or not.
        }
    }

    private bool TryFence(int slot)
    {
        var table = server.Store.Table(slot);
        lock (table)
        {
            table.RemoveExpired(server.NowMs, int.MaxValue);
            if (table.Count > 0)
            {
                return false;
            }

            table.Fences++;
            return true;
        }
    }

    private void LiftFence(int slot)
    {
        var table = server.Store.Table(slot);
        lock (table)
        {
            table.Fences--;
        }
    }
}

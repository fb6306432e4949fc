using Trefoil.KeyValue.Commands;
using Trefoil.KeyValue.Connections;

namespace Trefoil.KeyValue.Blocking;

/// <summary>A pop that waits for the first of its keys, all of one slot, to hold something.</summary>
internal sealed class BlockedPop(Connection client, int slot, byte[][] keys, Taking taking)
    : BlockedCommand(client, static reply => reply.NullArray())
{
    /// <summary>In the order in which they were given.</summary>
    public IReadOnlyList<byte[]> Keys => keys;

    /// <summary>What it takes, and how it is told.</summary>
    public Taking Taking => taking;

    /// <inheritdoc/>
    public override string? Redirection() => Router.Redirection(slot, Client.Context.Server.View);

    /// <inheritdoc/>
    protected override void Leave()
    {
        var table = Client.Context.Store.Table(slot);
        lock (table)
        {
            table.Forget(this);
        }
    }
}

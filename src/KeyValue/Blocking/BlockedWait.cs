using Trefoil.KeyValue.Connections;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Blocking;

/// <summary>WAIT or WAITAOF: until enough copies of what the client has written are there.</summary>
/// <param name="client">Who waits.</param>
/// <param name="isMet">Whether it has waited long enough; asked on any thread, whenever a copy has grown.</param>
/// <param name="answer">The counts as they are by then, reached or not.</param>
internal sealed class BlockedWait(Connection client, Func<bool> isMet, Action<RespWriter> answer) : BlockedCommand(client, answer)
{
    private const string Unblocked = "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)";

    /// <summary>On the client's flow, in place of <see cref="BlockedCommand.Begin"/>.</summary>
    public void Wait(TimeSpan timeout)
    {
        Begin(timeout);
        var view = Client.Context.Server.Replication;
        view.Add(this);
        if (IsOver)
        {
            view.Remove(this); // It left before it was there.
        }

        // What came between the first look and this line told nobody.
        Look();
    }

    /// <summary>Any thread: ends it if there is nothing left to wait for.</summary>
    public void Look()
    {
        if (!IsOver && isMet())
        {
            End();
        }
    }

    /// <summary>A node that copies another one counts no copies.</summary>
    public override string? Redirection() => Client.Context.Server.View.IsReplica ? Unblocked : null;

    /// <inheritdoc/>
    protected override void Leave() => Client.Context.Server.Replication.Remove(this);
}

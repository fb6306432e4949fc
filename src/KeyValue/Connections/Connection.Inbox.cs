using Trefoil.KeyValue.Blocking;
using Trefoil.KeyValue.PubSub;
using Trefoil.KeyValue.Server;

namespace Trefoil.KeyValue.Connections;

/// <summary>Messages from others: published, monitored, told about moved slots.</summary>
public sealed partial class Connection
{
    /// <summary>Bytes that may wait for a client of a class without a limit: a monitor that does not read may not fill the memory.</summary>
    private const long MaxUnlimited = 256L << 20;

    private readonly Inbox _inbox = new();
    private BlockedCommand? _blocked;

    /// <summary>What it has subscribed to; null before the first time. Touched only under the lock of <see cref="PubSubHub"/>.</summary>
    internal Subscriptions? Subscriptions { get; set; }

    /// <summary>It has a subscription, so that it is of the class pubsub, and speaks only of that in RESP2.</summary>
    internal bool IsSubscribed => Subscriptions is { IsEmpty: false };

    /// <summary>The command that waits for something; null while none does. Set by its flow, taken away by whoever answers it.</summary>
    internal BlockedCommand? Blocked
    {
        get => Volatile.Read(ref _blocked);
        set => Volatile.Write(ref _blocked, value);
    }

    /// <summary>How completions of deferred work may run on: in place only if what then runs does no more than enqueue.</summary>
    internal TaskCreationOptions Completions { get; init; } = TaskCreationOptions.RunContinuationsAsynchronously;

    /// <summary>It sees every command (MONITOR).</summary>
    internal bool IsMonitor { get; set; }

    /// <summary>Wakes the flow, from any thread, without running any of it on the caller's.</summary>
    internal Action Wake { get; set; } = () => { };

    /// <summary>Bytes owed to it: replies and messages.</summary>
    internal long Pending => Output.Length + _inbox.Bytes;

    /// <summary>The output limit of its class.</summary>
    internal OutputLimit LimitIn(ServerSettings settings) => IsSubscribed ? settings.PubSubOutput : settings.NormalOutput;

    /// <summary>Sends it a message, from any thread and under any lock: its own flow writes it behind the reply that it is at. One that reads too slowly is closed.</summary>
    internal void Deliver(byte[] message)
    {
        var server = Context.Server;
        var hard = LimitIn(server.Settings).Hard;
        if (Pending + message.Length > (hard > 0 ? hard : MaxUnlimited))
        {
            if (!IsCut)
            {
                IsCut = true;
                server.Statistics.OutputLimitDisconnections++;
                Abort();
            }

            return;
        }

        if (_inbox.Add(message))
        {
            Wake();
        }
    }

    /// <summary>On its own flow: writes a message now, whether the client wants replies or not (CLIENT REPLY).</summary>
    internal void Say(ReadOnlySpan<byte> message)
    {
        if (Replies == ReplyMode.On)
        {
            Output.Raw(message);
        }
        else
        {
            // What a command writes is taken back; what waits here is not.
            Deliver(message.ToArray());
        }
    }

    /// <summary>On its own flow: writes the messages that wait, unless a reply is half written; false if there was nothing to write.</summary>
    internal bool TakeMail()
    {
        if (_inbox.Bytes == 0 || Running is not null || Streaming is not null || _inbox.Take() is not { } messages)
        {
            return false;
        }

        foreach (var message in messages)
        {
            Output.Raw(message);
        }

        return true;
    }

    /// <summary>It is being closed for reading too slowly; counted once.</summary>
    private bool IsCut { get; set; }
}

using System.Globalization;
using System.Text;
using Trefoil.KeyValue.Connections;
using Trefoil.KeyValue.PubSub;

namespace Trefoil.KeyValue.Commands.Session;

/// <summary>One line of CLIENT LIST: Redis' fields, in its order.</summary>
internal static class ClientLine
{
    public static void Append(StringBuilder text, Connection client, long nowMs)
    {
        var flags = client.IsMonitor ? "O" : "";
        flags += client.IsSubscribed ? "P" : "";
        flags += client.Transaction is null ? "" : "x";
        flags += client.Waiting ? "b" : "";
        flags += client.HasBrokenWatch ? "d" : "";
        flags += client.CloseAfterReply ? "c" : "";
        flags += client.ReadOnly ? "r" : "";
        flags += client.NoEvict ? "e" : "";
        flags += client.NoTouch ? "T" : "";
        var pending = client.Pending;
        var reserved = client.QueryCapacity + client.Output.Capacity;
        text.Append(CultureInfo.InvariantCulture, $"id={client.Id} addr={client.Address} laddr={client.LocalAddress} fd={client.Descriptor}");
        text.Append(CultureInfo.InvariantCulture, $" name={client.Name} age={(nowMs - client.CreatedMs) / 1000}");
        text.Append(CultureInfo.InvariantCulture, $" idle={Math.Max(0, nowMs - client.LastInteractionMs) / 1000}");
        text.Append(CultureInfo.InvariantCulture, $" flags={(flags.Length == 0 ? "N" : flags)} db=0");
        text.Append(CultureInfo.InvariantCulture, $" sub={Count(client, SubscriptionKind.Channel)} psub={Count(client, SubscriptionKind.Pattern)}");
        text.Append(CultureInfo.InvariantCulture, $" ssub={Count(client, SubscriptionKind.Shard)} multi={client.Transaction?.Commands.Count ?? -1}");
        text.Append(CultureInfo.InvariantCulture, $" qbuf={client.QueryBytes} qbuf-free={Math.Max(0, client.QueryCapacity - client.QueryBytes)}");
        text.Append(CultureInfo.InvariantCulture, $" argv-mem=0 multi-mem={client.Transaction?.Bytes ?? 0} rbs={client.Output.Capacity} rbp={pending} obl={pending} oll=0");
        text.Append(CultureInfo.InvariantCulture, $" omem={pending} tot-mem={reserved} events=r cmd={client.LastCommand?.Name ?? "NULL"} user=default");
        text.Append(CultureInfo.InvariantCulture, $" redir=-1 resp={client.Output.Protocol} lib-name={client.LibraryName} lib-ver={client.LibraryVersion}\n");
    }

    private static int Count(Connection client, SubscriptionKind kind) => client.Subscriptions?.Of(kind).Count ?? 0;
}

using System.Globalization;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.Cli.Cluster.Picture;

/// <summary>One migration as CLUSTER GETSLOTMIGRATIONS tells it. Fields that a server does not send are 0 or "".</summary>
/// <param name="Name">40 hex digits.</param>
/// <param name="IsExport">It was told by the source's side.</param>
/// <param name="Ranges">Its slots.</param>
/// <param name="Source">Id of the node that gives.</param>
/// <param name="Target">Id of the node that takes.</param>
/// <param name="State">Ends in success, failed or cancelled; anything else means that it runs.</param>
/// <param name="Message">Why it failed or began again.</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Attempt">From 1; a failover of either side begins another.</param>
/// <param name="SlotsCopied">In this attempt.</param>
/// <param name="BytesSent">In this attempt.</param>
/// <param name="Phase">What the source's side is doing.</param>
/// <param name="LongestPauseMs">The longest time for which its slots answered nobody.</param>
/// <param name="IsClean">Nothing of it is left where it does not belong.</param>
internal sealed record MigrationRow(
    string Name, bool IsExport, IReadOnlyList<SlotRange> Ranges, string Source, string Target, string State, string Message, long Created,
    long Attempt, long SlotsCopied, long BytesSent, string Phase, long LongestPauseMs, bool IsClean)
{
    public int SlotCount => SlotRanges.Count(Ranges);

    public bool Succeeded => State == "success";

    public bool IsRunning => State is not ("success" or "failed" or "cancelled" or "canceled");

    /// <summary>Reads a whole reply; null if it is an error, as of a server that has no such command.</summary>
    public static IReadOnlyList<MigrationRow>? ReadAll(RespReply reply) => reply.Items is { } rows ? [.. rows.Select(Read)] : null;

    private static MigrationRow Read(RespReply row)
    {
        var items = row.Items ?? [];
        var fields = new Dictionary<string, RespReply>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < items.Count; i += 2)
        {
            fields[items[i].Text ?? ""] = items[i + 1];
        }

        string Text(string name) => fields.GetValueOrDefault(name)?.Text ?? "";
        long Number(string name) => long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
        return new MigrationRow(
            Text("name"), !string.Equals(Text("operation"), "IMPORT", StringComparison.OrdinalIgnoreCase),
            SlotRanges.Normal(Text("slot_ranges").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(SlotRanges.ReadOne).OfType<SlotRange>()),
            Text("source_node"), Text("target_node"), Text("state"), Text("message"), Number("create_time"),
            Number("attempt"), Number("slots_copied"), Number("bytes_sent"), Text("phase"), Number("longest_pause_ms"), Text("clean") != "0");
    }
}

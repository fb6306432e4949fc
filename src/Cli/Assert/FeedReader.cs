using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Trefoil.Cli.Assert;

/// <summary>One event of a feed.</summary>
/// <param name="Arrival">Its number on the node; 0 for the sign that nothing has arrived for a while.</param>
/// <param name="Kind">claim, vote, retraction and so on.</param>
/// <param name="Data">The record.</param>
internal sealed record FeedEvent(ulong Arrival, string Kind, JsonElement Data)
{
    public static readonly FeedEvent Idle = new(0, "", default);
}

/// <summary>Reads server-sent events as nodes write them: an id, an event and one line of data each.</summary>
internal static class FeedReader
{
    public static async IAsyncEnumerable<FeedEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var (id, kind, data) = ("", "", "");
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            switch (line.Split(": ", 2))
            {
                case [":"]:
                    yield return FeedEvent.Idle;
                    break;
                case ["id", var value]:
                    id = value;
                    break;
                case ["event", var value]:
                    kind = value;
                    break;
                case ["data", var value]:
                    data = value;
                    break;
                case [""] when ulong.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var arrival) && data.Length > 0:
                    // An event that was cut off has no empty line behind it: it is read again after reconnecting.
                    yield return new FeedEvent(arrival, kind, Parse(data));
                    (id, kind, data) = ("", "", "");
                    break;
            }
        }
    }

    private static JsonElement Parse(string data)
    {
        try
        {
            using var document = JsonDocument.Parse(data);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}

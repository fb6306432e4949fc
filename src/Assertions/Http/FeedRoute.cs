using System.Buffers;
using System.Globalization;
using System.Text;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;

namespace Trefoil.Assertions.Http;

/// <summary>What arrives, as it arrives: server-sent events, numbered by this node's arrivals.</summary>
/// <remarks>
/// Each client has a place in the store and no queue: what it has not taken stays in the store, one page of events is in memory, and one that
/// takes nothing is closed by Kestrel's least rate. What changed again is told again, with its newest state.
/// </remarks>
internal sealed class FeedRoute(AssertionService service, ApiMetrics metrics, CancellationToken stopping)
{
    /// <summary>Feeds at once; one more is refused.</summary>
    public const int MaxFeeds = 1000;

    private const int PageArrivals = 256;
    private const int PageBytes = 256 << 10;

    /// <summary>A comment this often: proxies close what is silent, and a client that is gone is noticed.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public async Task FollowAsync(Exchange exchange)
    {
        var (since, limit) = (0L, 0L);
        var prefix = exchange.Parameter("prefix") ?? default;
        var invalid = Parameters.Number(exchange, "since", 0, long.MaxValue, (long)service.LastArrival, out since)
            ?? Parameters.Number(exchange, "limit", 1, long.MaxValue, long.MaxValue, out limit)
            ?? QueryRoutes.Under(prefix, default, out _)
            ?? LastEvent(exchange, ref since);
        if (invalid is not null)
        {
            await exchange.RefuseAsync(invalid);
            return;
        }

        if (Interlocked.Increment(ref metrics.Feeds) > MaxFeeds)
        {
            Interlocked.Decrement(ref metrics.Feeds);
            await exchange.RefuseAsync(ProblemCodes.TooManyFeeds, $"{MaxFeeds} feeds are open, which is the most there may be");
            return;
        }

        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, stopping);
            var response = exchange.Context.Response;
            exchange.WriteToken();
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-store";
            if (Microsoft.AspNetCore.Http.HttpMethods.IsHead(exchange.Context.Request.Method))
            {
                return;
            }

            await response.BodyWriter.WriteAsync(": a feed of arrivals\nretry: 2000\n\n"u8.ToArray(), ended.Token);
            await PumpAsync(exchange, new Place { After = (ulong)since, Left = limit, Prefix = prefix }, ended.Token);
        }
        finally
        {
            Interlocked.Decrement(ref metrics.Feeds);
        }
    }

    private async Task PumpAsync(Exchange exchange, Place place, CancellationToken ended)
    {
        var page = new ArrayBufferWriter<byte>(4096);
        while (place.Left > 0)
        {
            // Before looking: what comes in between completes it.
            var arrived = service.Arrived;
            page.ResetWrittenCount();
            var looked = Read(place, page);
            if (page.WrittenCount > 0)
            {
                await exchange.Context.Response.BodyWriter.WriteAsync(page.WrittenMemory, ended);
            }
            else if (!looked && !await ArrivedAsync(arrived, ended))
            {
                await exchange.Context.Response.BodyWriter.WriteAsync(":\n\n"u8.ToArray(), ended);
            }
        }
    }

    /// <summary>True if something arrived before the next heartbeat.</summary>
    private async Task<bool> ArrivedAsync(Task arrived, CancellationToken ended)
    {
        try
        {
            await arrived.WaitAsync(Heartbeat, service.Time, ended);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Writes the next events, and moves the place behind them; false if there was nothing to look at.</summary>
    private bool Read(Place place, ArrayBufferWriter<byte> page)
    {
        using var reader = service.Read();
        var arrivals = reader.ArrivedAfter(place.After, PageArrivals);
        foreach (var arrival in arrivals)
        {
            if (place.Left == 0 || page.WrittenCount >= PageBytes)
            {
                break;
            }

            place.After = arrival.Number;
            if (reader.Find(arrival.Key) is { } record && IsWanted(reader, arrival, place.Prefix))
            {
                page.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {arrival.Number}\nevent: {RecordJson.NameOf(record)}\ndata: ")));
                using (var json = Exchange.Json(page))
                {
                    json.WriteStartObject();
                    json.WriteNumber("arrival", arrival.Number);
                    RecordJson.WriteMembers(json, record);
                    json.WriteEndObject();
                }

                page.Write("\n\n"u8);
                place.Left--;
            }
        }

        return arrivals.Count > 0;
    }

    private static bool IsWanted(AssertionReader reader, Arrival arrival, Utf8Text prefix) =>
        prefix.IsEmpty || reader.State(arrival.Key.Id) is not { } state || state.Assertion.Subject.IsUnder(prefix.Span);

    /// <summary>A browser that reconnects says where it was.</summary>
    private static Invalid? LastEvent(Exchange exchange, ref long since)
    {
        if (exchange.Context.Request.Headers["Last-Event-ID"] is not [{ } text])
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out since)
            ? null
            : new Invalid(RefusalCodes.BadParameter, "Last-Event-ID", $"it is the number of an arrival, not '{text}'");
    }

    private sealed class Place
    {
        public ulong After { get; set; }

        public long Left { get; set; }

        public Utf8Text Prefix { get; init; }
    }
}

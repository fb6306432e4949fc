using System.Text.Json;

namespace Trefoil.Cli.Assert;

/// <summary>export and watch: what arrived, and what arrives.</summary>
internal static class FeedVerbs
{
    /// <summary>Between two attempts to open the feed again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>A node says something every 15 seconds: one that is silent for longer is gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(45);

    /// <summary>Prints every claim of the node as it was made, in the order of arrival: a file that import reads.</summary>
    public static async Task<CliFailure?> ExportAsync(AssertClient client, string? prefix, bool withRetracted, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var (last, failure) = await client.LastArrivalAsync(cancellation);
        if (failure is not null)
        {
            return failure;
        }

        // Claims come before what happened to them, so they are read twice rather than all kept in memory.
        var (retracted, others, claims) = (new HashSet<string>(StringComparer.Ordinal), 0L, 0L);
        failure = await UpToAsync(client, prefix, last, record =>
        {
            others += record.Kind is "claim" or "retraction" ? 0 : 1;
            if (record.Kind == "retraction")
            {
                retracted.Add(record.Data.Said("id"));
            }

            return Task.CompletedTask;
        }, cancellation);
        failure ??= await UpToAsync(client, prefix, last, record =>
        {
            if (record.Kind != "claim" || record.Data.Member("assertion") is not { ValueKind: JsonValueKind.Object } made
                || (!withRetracted && retracted.Contains(record.Data.Said("id"))))
            {
                return Task.CompletedTask;
            }

            claims++;
            return output.WriteLineAsync(made.GetRawText());
        }, cancellation);
        await output.FlushAsync(cancellation);
        if (failure is null)
        {
            await error.WriteLineAsync($"{claims} claims exported; not exported: {(withRetracted ? "" : $"{retracted.Count} retracted, ")}{others} votes, steps of reviews and signatures");
        }

        return failure;
    }

    /// <summary>Prints a line per arrival, and goes on where it stopped when the connection is lost.</summary>
    public static async Task<CliFailure?> WatchAsync(
        AssertClient client, string? prefix, ulong? since, long limit, bool json, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var (after, failure) = since is { } given ? (given, null) : await client.LastArrivalAsync(cancellation);
        var isFirst = true;
        while (failure is null && limit > 0)
        {
            failure = await FollowAsync(client, prefix, after, async record =>
            {
                (after, isFirst) = (record.Arrival, false);
                await output.WriteLineAsync(json ? record.Data.GetRawText() : Line(record));
                await output.FlushAsync(cancellation);
                return --limit > 0;
            }, () => true, cancellation);
            if (failure is { ExitCode: ExitCodes.Unreachable } && !isFirst)
            {
                await error.WriteLineAsync($"the feed was lost after arrival {after}; it is opened again every {Pause.TotalSeconds:0} s");
                failure = null;
                await Task.Delay(Pause, client.Time, cancellation);
            }
        }

        return failure;
    }

    /// <summary>An arrival in a line.</summary>
    public static string Line(FeedEvent record)
    {
        var (data, made) = (record.Data, record.Data.Member("assertion"));
        var what = record.Kind switch
        {
            "claim" => $"{made.Said("subject")} {made.Said("predicate")} {Screen.Value(made.Member("object"))} {made.Said("confidence")}",
            "vote" => $"{data.Said("value")} by {data.Said("agent")}",
            "lifecycle" => $"{data.Said("state")} by {data.Said("agent")}",
            _ => data.Said("agent") is { Length: > 0 } agent ? $"by {agent}" : "",
        };
        return Screen.Safe($"{record.Arrival,8}  {record.Kind,-10}  {data.Said("id")}  {what}").TrimEnd();
    }

    private static async Task<CliFailure?> UpToAsync(AssertClient client, string? prefix, ulong last, Func<FeedEvent, Task> take, CancellationToken cancellation)
    {
        if (last == 0)
        {
            return null;
        }

        // Filtered here, not by the node, which would be silent about a last arrival that does not match. When nothing comes any more, the last
        // one has been redacted.
        return await FollowAsync(client, null, 0, async record =>
        {
            if (IsUnder(record, prefix))
            {
                await take(record);
            }

            return record.Arrival < last;
        }, () => false, cancellation);
    }

    private static bool IsUnder(FeedEvent record, string? prefix)
    {
        var subject = record.Data.Member("assertion").Said("subject");
        return string.IsNullOrEmpty(prefix) || record.Kind != "claim" || subject == prefix
            || (subject.StartsWith(prefix, StringComparison.Ordinal) && (prefix[^1] == '/' || subject[prefix.Length] == '/'));
    }

    /// <summary>Takes events, and signs that nothing comes, until one of the two wants no more; null then, otherwise why it ended.</summary>
    private static async Task<CliFailure?> FollowAsync(
        AssertClient client, string? prefix, ulong after, Func<FeedEvent, Task<bool>> take, Func<bool> idle, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(Silence, client.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        try
        {
            var (feed, failure) = await client.OpenFeedAsync(after, prefix, either.Token);
            if (feed is null)
            {
                return failure;
            }

            using (feed)
            {
                await foreach (var record in FeedReader.ReadAsync(await feed.Content.ReadAsStreamAsync(either.Token), either.Token))
                {
                    silence.CancelAfter(Silence);
                    if (!(record.Arrival == 0 ? idle() : await take(record)))
                    {
                        return null;
                    }
                }
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return CliFailure.Unreachable($"the feed broke off: {error.Message}");
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return CliFailure.Unreachable($"the node said nothing for {Silence.TotalSeconds:0} s.");
        }

        return CliFailure.Unreachable("the node ended the feed: it is stopping.");
    }
}

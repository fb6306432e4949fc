using System.Text;
using System.Text.Json;

namespace Trefoil.Cli.Assert;

/// <summary>get, query and explain.</summary>
internal static class ReadVerbs
{
    /// <summary>Answers asked for at once.</summary>
    private const int PageSize = 100;

    public static async Task<CliFailure?> GetAsync(AssertClient client, string id, bool json, TextWriter output, CancellationToken cancellation)
    {
        var (claim, failure) = await client.AskAsync($"/v1/assertions/{Uri.EscapeDataString(id)}?state=true", null, cancellation);
        if (failure is null)
        {
            await output.WriteAsync(json ? claim.GetRawText() + "\n" : AnswerText.Claim(claim));
        }

        return failure;
    }

    /// <summary>Prints a table, or with <paramref name="json"/> an answer per line.</summary>
    public static async Task<CliFailure?> QueryAsync(
        AssertClient client, IReadOnlyList<(string Name, string? Value)> parameters, int limit, bool json, TextWriter output, CancellationToken cancellation)
    {
        var rows = new List<string[]>();
        var failure = await EachAsync(client, parameters, limit, async answer =>
        {
            if (json)
            {
                await output.WriteLineAsync(answer.GetRawText());
            }
            else
            {
                rows.AddRange(AnswerText.Rows(answer));
            }
        }, cancellation);
        if (failure is null && !json)
        {
            await output.WriteAsync(rows.Count == 0 ? "no claims\n" : TextTable.Format(AnswerText.Head, rows));
        }

        return failure;
    }

    public static async Task<CliFailure?> ExplainAsync(
        AssertClient client, IReadOnlyList<(string Name, string? Value)> parameters, int limit, bool json, TextWriter output, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var failure = await EachAsync(client, [.. parameters, ("explain", "true")], limit, async answer =>
        {
            if (json)
            {
                await output.WriteLineAsync(answer.GetRawText());
            }
            else
            {
                text.Append(text.Length == 0 ? "" : "\n").Append(ExplainText.Of(answer));
            }
        }, cancellation);
        if (failure is null && !json)
        {
            await output.WriteAsync(text.Length == 0 ? "no claims\n" : text.ToString());
        }

        return failure;
    }

    private static async Task<CliFailure?> EachAsync(
        AssertClient client, IReadOnlyList<(string Name, string? Value)> parameters, int limit, Func<JsonElement, Task> take, CancellationToken cancellation)
    {
        string? cursor = null;
        do
        {
            var target = "/v1/query" + AssertClient.Query([.. parameters, ("limit", $"{Math.Min(limit, PageSize)}"), ("cursor", cursor)]);
            var (page, failure) = await client.AskAsync(target, null, cancellation);
            if (failure is not null)
            {
                return failure;
            }

            foreach (var answer in page.Each("answers"))
            {
                await take(answer);
                limit--;
            }

            cursor = page.Said("next") is { Length: > 0 } next ? next : null;
        }
        while (cursor is not null && limit > 0);
        return null;
    }
}

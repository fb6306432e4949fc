using System.Text;
using Trefoil.Cli.Assert;

namespace Trefoil.Cli.Demo;

/// <summary>Two dozen claims by sources of every class that contradict each other, and one question answered through several lenses.</summary>
internal static class SampleClaims
{
    /// <summary>What the demo asks about.</summary>
    private const string Subject = "drug/aspirin";
    private const string Predicate = "prevents-first-heart-attack";

    private static readonly string[] Lenses = ["recency", "confidence", "consensus", "authority"];

    /// <summary>Posts the claims to a node and prints what each lens makes of them; says so in a line where assertions are off.</summary>
    public static async Task<CliFailure?> ShowAsync(int apiPort, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        using var client = new AssertClient(new Uri($"http://127.0.0.1:{apiPort}"), time);
        var (answer, failure) = await client.SendAsync("/v1/assertions:batch", Claims(), "application/x-ndjson", cancellation);
        if (failure is { ExitCode: ExitCodes.Unreachable })
        {
            await output.WriteLineAsync("assertions are off, for want of RocksDB: the nodes' logs say what to install");
            return null;
        }

        var results = Encoding.UTF8.GetString(answer).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (results.Select(result => Problem.Read(Encoding.UTF8.GetBytes(result))).FirstOrDefault(problem => problem is not null) is { } refused)
        {
            failure = CliFailure.Failed($"a sample claim was refused: {refused}");
        }

        if (failure is not null)
        {
            return failure;
        }

        var rows = new List<string[]>();
        foreach (var lens in Lenses)
        {
            var (page, unanswered) = await client.AskAsync("/v1/query" + AssertClient.Query([("subject", Subject), ("predicate", Predicate), ("lens", lens)]), null, cancellation);
            if (unanswered is not null)
            {
                return unanswered;
            }

            rows.AddRange(page.Each("answers").Select(found => AnswerText.Rows(found).First()).Select(row => (string[])[lens, row[2], row[3], row[4], row[5], row[6]]));
        }

        await output.WriteLineAsync($"loaded {results.Length} claims into node 1; of {Subject}, {Predicate} is, by lens:");
        await output.WriteLineAsync();
        await output.WriteAsync(TextTable.Format(["LENS", "VALUE", "CONFIDENCE", "TIER", "CLAIMS", "CONFLICT"], rows));
        return null;
    }

    private static byte[] Claims()
    {
        using var stream = typeof(SampleClaims).Assembly.GetManifestResourceStream("Trefoil.Demo.claims.ndjson")!;
        var claims = new byte[stream.Length];
        stream.ReadExactly(claims);
        return claims;
    }
}

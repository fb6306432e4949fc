using Spectre.Console;
using Trefoil.Cli.Cluster;

namespace Trefoil.Cli.Assert;

/// <summary>import: a file of claims, one JSON object per line.</summary>
internal static class ImportVerb
{
    /// <summary>Refusals kept to be printed below the bar; further ones are counted.</summary>
    private const int MostKept = 1000;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public static async Task<CliFailure?> RunAsync(AssertClient client, string path, Terminal terminal, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        Stream file;
        try
        {
            file = path == "-" ? Console.OpenStandardInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: false);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return CliFailure.Usage($"assert import: {path} cannot be read: {unreadable.Message}");
        }

        await using (file)
        {
            var name = path == "-" ? "stdin" : path;
            var hasBar = terminal.CanDraw && file.CanSeek && file.Length > 0;
            var kept = new List<RefusedLine>();
            Task RefusedAsync(RefusedLine line)
            {
                if (!hasBar)
                {
                    return error.WriteLineAsync(Text(name, line));
                }

                if (kept.Count < MostKept)
                {
                    kept.Add(line);
                }

                return Task.CompletedTask;
            }

            var (run, failure) = await (hasBar
                ? WithBarAsync(client, file, RefusedAsync, cancellation)
                : WithLinesAsync(client, file, RefusedAsync, error, cancellation));
            foreach (var line in kept)
            {
                await error.WriteLineAsync(Text(name, line));
            }

            if (hasBar && run.Refused > kept.Count)
            {
                await error.WriteLineAsync($"{name}: {run.Refused - kept.Count} more were refused: run it with stdout in a file to see all");
            }

            await output.WriteLineAsync($"{run.Created} stored, {run.Known} known already, {run.Refused} refused");
            return failure ?? (run.Refused == 0 ? null : CliFailure.Failed($"{name}: {run.Refused} of {run.Created + run.Known + run.Refused} claims were refused; the others are stored."));
        }
    }

    public static string Text(string file, RefusedLine line) => $"{file}:{line.Number}: {line.Problem}";

    private static async Task<(ImportRun Run, CliFailure? Failure)> WithBarAsync(AssertClient client, Stream file, Func<RefusedLine, Task> refused, CancellationToken cancellation)
    {
        ImportRun? run = null;
        var failure = await AnsiConsole.Console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("import", maxValue: file.Length);
                run = new ImportRun(client, new LineReader(file), refused, read => bar.Value = read);
                return await run.RunAsync(cancellation);
            });
        return (run!, failure);
    }

    private static async Task<(ImportRun Run, CliFailure? Failure)> WithLinesAsync(
        AssertClient client, Stream file, Func<RefusedLine, Task> refused, TextWriter error, CancellationToken cancellation)
    {
        var shown = client.Time.GetTimestamp();
        var run = new ImportRun(client, new LineReader(file), refused, read =>
        {
            if (client.Time.GetElapsedTime(shown) >= Quiet)
            {
                shown = client.Time.GetTimestamp();
                error.WriteLine($"{Say.Bytes(read)} imported");
            }
        });
        return (run, await run.RunAsync(cancellation));
    }
}

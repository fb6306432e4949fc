using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Trefoil.Simulator.Linearizability;

namespace Trefoil.Cli.Simulate;

/// <summary><c>trefoil sim check-history</c>: holds the checker of linearizability to histories whose verdicts are known, or judges new ones.</summary>
internal static class CheckHistoryCommand
{
    private const string VerdictFile = "verdicts.csv";
    private const string VerdictHead = "file,linearizable";

    private static readonly Argument<string> Folder = new("DIR")
    {
        Description = "Where the histories are: *.log as Jepsen writes them for one register; verdicts.csv (file,linearizable) says what is known of each.",
    };

    public static Command Build()
    {
        var command = new Command("check-history", "Judge recorded histories of a register: is there an order that explains every answer?") { Folder };
        command.Does((parsed, cancellation) => Task.Run(() => Run(parsed.GetValue(Folder)!, parsed.InvocationConfiguration.Output, cancellation), cancellation));
        return command;
    }

    private static CliFailure? Run(string folder, TextWriter output, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            return CliFailure.Usage($"sim check-history: there is no directory '{folder}': name the one that holds the *.log files.");
        }

        try
        {
            string[] files = [.. Directory.EnumerateFiles(folder, "*.log").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
            return files.Length == 0 ? CliFailure.Usage($"sim check-history: '{folder}' holds no *.log file.")
                : ReadVerdicts(folder, files, out var known) ?? ReadHistories(folder, files, out var histories) ?? Judge(files, histories, known, output, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return CliFailure.Usage($"sim check-history: {error.Message}");
        }
    }

    /// <summary>What is known; null when nobody wrote it down. Every history must then have its verdict, and every verdict its history.</summary>
    private static CliFailure? ReadVerdicts(string folder, string[] files, out SortedDictionary<string, bool>? known)
    {
        known = null;
        var path = Path.Combine(folder, VerdictFile);
        if (!File.Exists(path))
        {
            return null;
        }

        known = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        var lines = File.ReadAllLines(path);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || (i == 0 && line == VerdictHead))
            {
                continue;
            }

            if (line.Split(',') is not [var file, "true" or "false"] || !known.TryAdd(file, line.EndsWith(",true", StringComparison.Ordinal)))
            {
                return CliFailure.Usage($"sim check-history: {path}, line {i + 1}: '{line}' must be FILE,true or FILE,false, each file once.");
            }

            if (!files.Contains(file))
            {
                return CliFailure.Usage($"sim check-history: {path}, line {i + 1}: there is no '{file}' in '{folder}': add the file or take out the line.");
            }
        }

        var verdicts = known;
        return files.FirstOrDefault(file => !verdicts.ContainsKey(file)) is { } missing
            ? CliFailure.Usage($"sim check-history: {path} has no verdict for {missing}: add the line '{missing},true' or '{missing},false'.")
            : null;
    }

    private static CliFailure? ReadHistories(string folder, string[] files, out List<IReadOnlyList<RegisterOperation>> histories)
    {
        histories = [];
        foreach (var file in files)
        {
            var path = Path.Combine(folder, file);
            switch (JepsenLog.Read(File.ReadLines(path)))
            {
                case JepsenLogResult.Unreadable bad:
                    return CliFailure.Usage($"sim check-history: {path}, line {bad.Line}: {bad.Problem}. Correct the line or take the file away.");
                case JepsenLogResult.History read:
                    histories.Add(read.Operations);
                    break;
            }
        }

        return null;
    }

    private static CliFailure? Judge(
        string[] files, List<IReadOnlyList<RegisterOperation>> histories, SortedDictionary<string, bool>? known, TextWriter output, CancellationToken cancellation)
    {
        var (watch, bad, limits) = (Stopwatch.StartNew(), 0, new CheckLimits());
        var width = Math.Max("file".Length, files.Max(file => file.Length));
        var head = $"{"file".PadRight(width)}  operations  verdict           ";
        output.WriteLine((known is null ? head : head + "  known             result").TrimEnd());
        for (var i = 0; i < files.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var verdict = RegisterChecker.Check(histories[i], limits);
            var isGood = known is null ? verdict is Verdict.Linearizable
                : verdict is not Verdict.Undecided && known[files[i]] == verdict is Verdict.Linearizable;
            var line = string.Create(CultureInfo.InvariantCulture, $"{files[i].PadRight(width)}  {histories[i].Count,10}  {Word(verdict),-18}");
            output.WriteLine((known is null ? line : $"{line}  {Word(known[files[i]]),-18}{(isGood ? "right" : "WRONG")}").TrimEnd());
            bad += isGood ? 0 : 1;
            if (!isGood && verdict is not Verdict.Linearizable)
            {
                output.WriteLine("    " + (verdict is Verdict.Undecided undecided ? undecided.Limit : verdict.ToString()));
            }
        }

        var what = known is null ? "linearizable" : "right";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files.Length - bad} of {files.Length} {what}, in {watch.Elapsed.TotalSeconds:F1} s"));
        return bad == 0 ? null : CliFailure.Failed($"sim check-history: {bad} of {files.Length} histories are not {(known is null ? "shown to be linearizable" : "judged as is known")}.");
    }

    private static string Word(bool linearizable) => linearizable ? "linearizable" : "not linearizable";

    private static string Word(Verdict verdict) => verdict is Verdict.Undecided ? "undecided" : Word(verdict is Verdict.Linearizable);
}

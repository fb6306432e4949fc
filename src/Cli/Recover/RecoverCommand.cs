using System.CommandLine;
using Trefoil.Node.Recovery;

namespace Trefoil.Cli.Recover;

/// <summary><c>trefoil cluster recover</c>: when the majority of the voters is gone for good.</summary>
internal static class RecoverCommand
{
    private static readonly Option<bool> Unsafe = new("--unsafe")
    {
        Description = "Required: acknowledged writes and agreed changes may be lost, and a majority that is not gone after all would be a second cluster.",
    };

    private static readonly Option<string> DataDir = new("--data-dir") { Description = "A survivor's data directory. Its node must be down.", Required = true };

    private static readonly Option<string[]> Keep = new("--keep")
    {
        Description = "The id (40 digits) of another survivor that the new cluster keeps. Repeatable.",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> WritePlan = new("--write-plan") { Description = "Where to write what the other survivors need." };

    private static readonly Option<string?> Plan = new("--plan") { Description = "The first survivor's plan: this directory joins its new cluster." };

    public static Command Build()
    {
        var recover = new Command("recover", "Make a new cluster of the survivors of one whose majority is gone for good.")
        {
            Unsafe, DataDir, Keep, WritePlan, Plan,
        };
        recover.Does(static async (parsed, cancellation) =>
        {
            var (kept, output, plan) = (parsed.GetValue(Keep)!, parsed.GetValue(WritePlan), parsed.GetValue(Plan));
            if (!parsed.GetValue(Unsafe))
            {
                return CliFailure.Usage(
                    "cluster recover: this gives up whatever the lost nodes acknowledged and the survivors do not hold. If no node that is away will ever come back, say --unsafe.");
            }

            if (plan is not null ? kept.Length > 0 || output is not null : kept.Length > 0 != output is not null)
            {
                return CliFailure.Usage("cluster recover: --keep and --write-plan go together, on the first survivor; --plan stands alone, on the others.");
            }

            try
            {
                return await RunAsync(parsed.GetValue(DataDir)!, kept, output, plan, parsed.InvocationConfiguration.Output, cancellation);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return CliFailure.Failed($"cluster recover: {error.Message}");
            }
        });
        return recover;
    }

    private static async Task<CliFailure?> RunAsync(
        string directory, string[] kept, string? writePlan, string? plan, TextWriter output, CancellationToken cancellation)
    {
        var (report, problem) = plan is null
            ? ClusterRecovery.Lead(directory, kept)
            : ClusterRecovery.Follow(directory, await File.ReadAllBytesAsync(plan, cancellation));
        if (report is null)
        {
            return CliFailure.Failed($"cluster recover: {problem}. Nothing was changed.");
        }

        if (writePlan is not null)
        {
            await File.WriteAllBytesAsync(writePlan, report.Plan, cancellation);
        }

        await output.WriteLineAsync($"'{directory}' is now in cluster {report.Cluster}, whose members are:");
        foreach (var member in report.Members)
        {
            await output.WriteLineAsync($"  {member}");
        }

        if (report.Losses.Count > 0)
        {
            await output.WriteLineAsync("Lost, or perhaps lost:");
            foreach (var loss in report.Losses)
            {
                await output.WriteLineAsync($"  {loss}");
            }
        }

        await output.WriteLineAsync(writePlan is null
            ? "Start it as before."
            : $"On each other member: trefoil cluster recover --unsafe --data-dir DIR --plan {writePlan}. Then start them all as before.");
        return null;
    }
}

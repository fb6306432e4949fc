using System.Diagnostics;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Samples;

public sealed class EmbeddedTopologyTests
{
    [Fact]
    public async Task The_sample_runs_and_finds_every_key_at_home()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Trefoil.EmbeddedTopology.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        Assert.Equal(
            """
            user:1 is in slot 10778; owned here: True
            {user:1}:cart is in slot 10778; owned here: True
            order:7 is in slot 6368; owned here: True

            """.ReplaceLineEndings(),
            output);
    }

    [Fact]
    public void The_readme_shows_the_sample_as_it_is()
    {
        var sample = File.ReadAllText(Repository.PathOf("docs/samples/EmbeddedTopology/Program.cs")).ReplaceLineEndings("\n").TrimEnd();
        var readme = File.ReadAllText(Repository.PathOf("src/Sharding/README.md")).ReplaceLineEndings("\n");

        Assert.InRange(sample.Split('\n').Length, 1, 15);
        Assert.Contains($"```csharp\n{sample}\n```", readme, StringComparison.Ordinal);
    }
}

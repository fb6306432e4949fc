using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Assertions;

/// <summary><c>trefoil assert</c> as people run it, against a real node.</summary>
public sealed class AssertCommandTests
{
    private const string PainId = "02e398ae0cd3b0798e4bab63ddbeec148201c54d7029b20905fdc45531453e68";

    [Fact]
    public async Task What_is_put_and_imported_is_exported_and_makes_the_same_claims_on_another_node()
    {
        using var node = await ApiNode.StartAsync();
        var url = $"http://127.0.0.1:{node.Port}";
        string[] pain = ["assert", "put", "--subject", "drug/aspirin", "--predicate", "treats", "--value", "pain", "--confidence", "0.9", "--url", url];
        Assert.Equal($"{PainId} stored\n", (await Tool.TrefoilAsync(pain)).Ok().Output);
        Assert.Equal($"{PainId} known\n", (await Tool.TrefoilAsync(pain)).Ok().Output);

        var import = await Tool.RunWithInputAsync("""
            {"subject":"drug/aspirin","predicate":"treats","object":{"Text":"fever"},"confidence":0.7,"sourceClass":"Regulatory"}

            {"subject":"drug/aspirin","predicate":"treats","object":{"Text":"fever"},"confidence":1.1}
            {"subject":"drug/aspirin/dose","predicate":"max","object":{"Integer":-4},"confidence":0.5}
            """, Tool.Trefoil, "assert", "import", "-", "--url", url);
        Assert.Equal((1, "2 stored, 0 known already, 1 refused\n"), (import.ExitCode, import.Output));
        Assert.StartsWith("stdin:3: confidence_out_of_range (/confidence): ", import.Error, StringComparison.Ordinal);

        var explained = (await Tool.TrefoilAsync("assert", "explain", "--subject", "drug/aspirin", "--lens", "authority", "--url", url)).Ok().Output;
        Assert.StartsWith("drug/aspirin treats: \"fever\"\n  lens authority, 2 claims, ", explained, StringComparison.Ordinal);
        Assert.Contains($"    not    {PainId}  0.45", explained, StringComparison.Ordinal);

        var unknown = await Tool.TrefoilAsync("assert", "query", "--lens", "psychic", "--url", url);
        Assert.Equal(1, unknown.ExitCode);
        Assert.StartsWith("trefoil: unknown_lens (?lens): ", unknown.Error, StringComparison.Ordinal);

        var watched = (await Tool.TrefoilAsync("assert", "watch", "--since", "0", "--limit", "3", "--url", url)).Ok().Output;
        Assert.Equal(3, watched.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        var exported = (await Tool.TrefoilAsync("assert", "export", "--url", url)).Ok().Output;
        using var other = await ApiNode.StartAsync();
        var otherUrl = $"http://127.0.0.1:{other.Port}";
        var moved = (await Tool.RunWithInputAsync(exported, Tool.Trefoil, "assert", "import", "-", "--url", otherUrl)).Ok();
        Assert.Equal("3 stored, 0 known already, 0 refused\n", moved.Output);
        Assert.Equal(exported, (await Tool.TrefoilAsync("assert", "export", "--url", otherUrl)).Ok().Output);
    }
}

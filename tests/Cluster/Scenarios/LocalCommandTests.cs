using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary><c>trefoil local</c>, from outside.</summary>
public sealed class LocalCommandTests
{
    [Fact]
    public async Task A_local_cluster_is_shown_broken_mended_and_stopped()
    {
        await using var cluster = await LocalCluster.UpAsync(3, "--set", "cluster_name=shamrock");
        Assert.Contains("cluster_name = \"shamrock\"", File.ReadAllText(Path.Combine(cluster.NodeDirectory(2), "node.toml")), StringComparison.Ordinal);
        foreach (var node in cluster.Indexes)
        {
            Assert.Contains("serve", File.ReadAllText($"/proc/{cluster.Pid(node)}/cmdline"), StringComparison.Ordinal);
        }

        Assert.Equal(0, (await cluster.LocalAsync("status")).ExitCode);

        await cluster.KillAsync(2);
        var status = await cluster.LocalAsync("status");
        Assert.Equal(3, status.ExitCode);
        Assert.Contains("node 2 does not answer", status.Error, StringComparison.Ordinal);

        await cluster.RestartAsync(2);
        Assert.Equal(0, (await cluster.LocalAsync("status")).ExitCode);

        var other = await cluster.LocalAsync("up", "--nodes", "4");
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("has 3 nodes, not 4", other.Error, StringComparison.Ordinal);

        (await cluster.LocalAsync("down")).Ok();
        Assert.All(cluster.Indexes, n => Assert.False(cluster.IsRunning(n)));
    }

    [Fact]
    public async Task A_directory_with_foreign_files_is_refused_and_left_alone()
    {
        var directory = Directory.CreateTempSubdirectory("trefoil-test-").FullName;
        File.WriteAllText(Path.Combine(directory, "thesis.txt"), "mine");

        var up = await Tool.TrefoilAsync("local", "up", "--dir", directory);

        Assert.Equal(2, up.ExitCode);
        Assert.Contains("it holds 'thesis.txt'", up.Error, StringComparison.Ordinal);
        Assert.Equal(["thesis.txt"], Directory.GetFileSystemEntries(directory).Select(Path.GetFileName));
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("--replicas 3", "need 4 nodes, and there are 3")]
    [InlineData("--replicas -1", "--replicas -1")]
    [InlineData("--set replication_mode=eventual", "none of asynchronous, quorum, synchronous")]
    [InlineData("--set replication_mod=quorum", "did you mean 'replication_mode'?")]
    [InlineData("--nodes 100", "give 1 to 99")]
    [InlineData("--base-port 65500", "give 1 to 64936")]
    [InlineData("--set loglevel", "give key=value")]
    [InlineData("--set no_such_key=1", "no_such_key")]
    [InlineData("--alnoe", "Did you mean '--alone'?")]
    public async Task A_request_that_cannot_be_met_is_a_usage_error(string arguments, string expected)
    {
        var directory = Path.Combine(Path.GetTempPath(), $"trefoil-never-{Environment.ProcessId}");

        var up = await Tool.TrefoilAsync(["local", "up", "--dir", directory, .. arguments.Split(' ')]);

        Assert.Equal(2, up.ExitCode);
        Assert.Contains(expected, up.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(directory));
    }
}

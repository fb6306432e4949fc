using System.Net;
using System.Net.Sockets;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>A node that cannot start says what is wrong, where, and what to do; one line, no stack trace.</summary>
public sealed class StartErrorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("trefoil-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("--resp-port")]
    [InlineData("--rpc-port")]
    [InlineData("--swim-port")]
    [InlineData("--api-port")]
    public async Task A_port_in_use_is_named(string flag)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var ports = FreePorts().Where(p => p.Flag != flag).SelectMany(p => (string[])[p.Flag, $"{p.Port}"]);

        var serve = await Tool.TrefoilAsync(["serve", "--data-dir", Path.Combine(_directory, "data"), flag, $"{port}", .. ports]);

        Refused(serve, 1, $"{port}", flag.TrimStart('-').Replace('-', '_'));
    }

    [Fact]
    public async Task An_unknown_key_is_placed_and_the_nearest_known_one_named()
    {
        var file = Path.Combine(_directory, "node.toml");
        File.WriteAllText(file, "# a comment\n  resp_prot = 7001\n");

        Refused(await Tool.TrefoilAsync("serve", "--config", file), 2, $"{file}: line 2, column 3", "resp_prot", "resp_port");
    }

    [Fact]
    public async Task A_file_that_is_not_toml_is_refused_with_its_place()
    {
        var file = Path.Combine(_directory, "node.toml");
        File.WriteAllText(file, "resp_port = 7001\nbind = 127.0.0.1\n");

        Refused(await Tool.TrefoilAsync("serve", "--config", file), 2, $"{file}: line 2, column 8");
    }

    [Fact]
    public async Task An_absent_configuration_file_is_named()
    {
        var file = Path.Combine(_directory, "absent.toml");

        Refused(await Tool.TrefoilAsync("serve", "--config", file), 2, file);
    }

    [Fact]
    public async Task An_unknown_flag_names_the_nearest_known_one() =>
        Refused(await Tool.TrefoilAsync("serve", "--resp-prot", "7001"), 2, "'--resp-prot'", "'--resp-port'");

    [Fact]
    public async Task A_data_directory_with_foreign_files_is_refused()
    {
        File.WriteAllText(Path.Combine(_directory, "thesis.txt"), "mine");

        Refused(await Tool.TrefoilAsync(["serve", "--data-dir", _directory, .. FreePorts().SelectMany(p => (string[])[p.Flag, $"{p.Port}"])]), 2, _directory, "thesis.txt");
    }

    [Fact]
    public async Task A_second_process_on_the_same_directory_is_refused_and_two_names_do_not_join()
    {
        await using var red = await LocalCluster.UpAsync(1, "--alone", "--set", "cluster_name=red");
        await using var blue = await LocalCluster.UpAsync(1, "--alone", "--set", "cluster_name=blue");

        var data = Path.Combine(red.NodeDirectory(1), "data");
        Refused(await Tool.TrefoilAsync(["serve", "--data-dir", data, "--cluster-name", "red", .. FreePorts().SelectMany(p => (string[])[p.Flag, $"{p.Port}"])]), 1, data);

        var meet = await red.CallAsync(1, "cluster", "meet", "127.0.0.1", $"{blue.Resp(1)}");
        Assert.StartsWith("ERR", meet, StringComparison.Ordinal);
        Assert.Contains("red", meet, StringComparison.Ordinal);
        Assert.Contains("blue", meet, StringComparison.Ordinal);
        Assert.Equal("1", await red.FieldAsync(1, "cluster_known_nodes", "cluster", "info"));
    }

    private static void Refused(ToolResult serve, int exitCode, params string[] named)
    {
        Assert.True(serve.ExitCode == exitCode, serve.ToString());
        Assert.All(named, word => Assert.Contains(word, serve.Error, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", serve.Error, StringComparison.Ordinal);
    }

    private static List<(string Flag, int Port)> FreePorts()
    {
        var listeners = Enumerable.Range(0, 4).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToList();
        listeners.ForEach(l => l.Stop());
        return [("--resp-port", ports[0]), ("--rpc-port", ports[1]), ("--swim-port", ports[2]), ("--api-port", ports[3])];
    }
}

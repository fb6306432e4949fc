using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Trefoil.Node;
using Trefoil.Node.Configuration;
using Trefoil.Primitives;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Node;

public sealed class NodeHostTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("trefoil-node-").FullName;

    [Fact]
    public async Task A_port_in_use_is_refused_and_nothing_is_left_behind()
    {
        var config = Config(0);
        using (var squatter = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            squatter.Bind(new IPEndPoint(IPAddress.Loopback, config.RespPort));
            squatter.Listen();
            var failure = await Refused(config);
            Assert.Equal(1, failure.ExitCode);
            Assert.Contains($"port {config.RespPort} (resp_port)", failure.Message, StringComparison.Ordinal);
        }

        await using var host = await Started(config);
    }

    [Fact]
    public async Task A_directory_of_another_cluster_is_refused_by_both_names()
    {
        await using (await Started(Config(1)))
        {
        }

        var failure = await Refused(Config(1) with { ClusterName = "another" });

        Assert.Contains("belongs to cluster 'trefoil', but cluster_name is 'another'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_cannot_be_written_at_the_start_is_a_refusal_that_says_so()
    {
        await using (await Started(Config(1)))
        {
        }

        Directory.Delete(Path.Combine(_directory, "wal"), recursive: true);
        File.WriteAllText(Path.Combine(_directory, "wal"), "in the way");
        var failure = await Refused(Config(1));

        Assert.Equal(1, failure.ExitCode);
        Assert.Contains($"data_dir '{_directory}' cannot be used", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_with_foreign_files_is_refused_and_left_alone()
    {
        File.WriteAllText(Path.Combine(_directory, "thesis.tex"), "years of work");

        var failure = await Refused(Config(2));

        Assert.Equal(2, failure.ExitCode);
        Assert.Contains("'thesis.tex'", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["thesis.tex"], Directory.EnumerateFileSystemEntries(_directory).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Copies_that_count_when_durable_are_refused_without_a_log_by_the_file_and_by_what_was_agreed()
    {
        var durable = Config(5) with { ReplicationAck = "durable" };
        Assert.Contains("appendonly = false, but replication_ack is 'durable'", (await Refused(durable with { AppendOnly = false })).Message, StringComparison.Ordinal);
        await using (var host = await Started(durable))
        {
            await Eventually.True("it is agreed", () => host.Cluster.Topology.SettingOf("replication_ack") == "durable", TimeSpan.FromSeconds(30));
        }

        Assert.Equal(2, (await Refused(Config(5) with { AppendOnly = false })).ExitCode);
        await using var again = await Started(Config(5));
    }

    [Fact]
    public async Task Two_nodes_with_one_seed_become_one_cluster_and_a_restart_keeps_it()
    {
        var first = Config(3) with { DataDir = Path.Combine(_directory, "1") };
        var second = Config(4) with
        {
            DataDir = Path.Combine(_directory, "2"),
            Seeds = [new HostPort("127.0.0.1", first.RespPort)],
        };
        await using var a = await Started(first);
        var b = await Started(second);
        await Eventually.True("both show two nodes", () => a.Cluster.Topology.Nodes.Count == 2 && b.Cluster.Topology.Nodes.Count == 2, TimeSpan.FromSeconds(30));
        var id = b.Cluster.Self;
        await b.DisposeAsync();

        b = await Started(second);
        await using (b)
        {
            Assert.Equal(id, b.Cluster.Self);
            Assert.Equal(a.Cluster.Topology.ClusterId, b.Cluster.Topology.ClusterId);
            Assert.Equal(2, b.Cluster.Topology.Nodes.Count);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private NodeConfig Config(int number)
    {
        var start = 24100 + (Environment.ProcessId % 300 * 20) + (number * 3);
        return new NodeConfig
        {
            DataDir = _directory,
            Assertions = false,
            RespPort = start,
            RpcPort = start + 1,
            SwimPort = start + 2,
            SwimProfile = "local",
        };
    }

    private static async Task<NodeHost> Started(NodeConfig config)
    {
        var (host, failure) = await NodeHost.StartAsync(config, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(host is not null, failure?.Message);
        return host;
    }

    private static async Task<StartFailure> Refused(NodeConfig config)
    {
        var (host, failure) = await NodeHost.StartAsync(config, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Null(host);
        return failure!;
    }
}

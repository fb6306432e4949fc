using System.Text;
using Trefoil.Cluster.Differential;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Scenarios;

/// <summary>SHUTDOWN ends the process as SIGTERM does.</summary>
public sealed class ShutdownTests
{
    [Theory]
    [InlineData("SHUTDOWN")]
    [InlineData("SHUTDOWN NOSAVE")]
    [InlineData("SHUTDOWN SAVE NOW FORCE")]
    public async Task The_process_ends_well_and_everything_is_there_again(string command)
    {
        using var node = ServedNode.Create();
        await node.StartAsync();
        using (var client = new RawConnection(node.Port))
        {
            Assert.Equal("+OK\r\n", Encoding.ASCII.GetString(client.Call("SET", "key", "value")));
            client.Send([Words.Bytes(command.Split(' '))]);
            Assert.Equal(0, await node.EndedAsync());
        }

        await node.StartAsync();
        using var again = new RawConnection(node.Port);
        Assert.Equal("$5\r\nvalue\r\n", Encoding.ASCII.GetString(again.Call("GET", "key")));
        await node.StopAsync();
    }

    [Fact]
    public async Task A_limit_of_memory_is_known_to_the_collector_and_survives_a_restart()
    {
        using var node = ServedNode.Create("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
        await node.StartAsync();
        Assert.Contains(node.Log, line => line.Contains("the heap is limited to 1174 MiB", StringComparison.Ordinal));
        using (var client = new RawConnection(node.Port))
        {
            Assert.Equal("*2\r\n$9\r\nmaxmemory\r\n$9\r\n104857600\r\n", Encoding.ASCII.GetString(client.Call("CONFIG", "GET", "maxmemory")));
            Assert.Equal("+OK\r\n", Encoding.ASCII.GetString(client.Call("CONFIG", "SET", "maxmemory", "200mb", "maxmemory-policy", "allkeys-lfu")));
            Assert.Equal("+OK\r\n", Encoding.ASCII.GetString(client.Call("CONFIG", "REWRITE")));
            Assert.Equal("+OK\r\n", Encoding.ASCII.GetString(client.Call("SET", "key", "value")));
        }

        await node.StopAsync();
        await node.StartAsync();
        Assert.Contains(node.Log, line => line.Contains("the heap is limited to 1324 MiB", StringComparison.Ordinal));
        using var again = new RawConnection(node.Port);
        Assert.Equal(":5\r\n", Encoding.ASCII.GetString(again.Call("OBJECT", "FREQ", "key")));
        await node.StopAsync();
    }
}

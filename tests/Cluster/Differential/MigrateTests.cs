using System.Net;
using System.Net.Sockets;
using System.Text;
using Trefoil.Cluster.Harness;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>Keys move between a real redis-server and Trefoil, both ways, and MIGRATE fails here as it fails there.</summary>
public sealed class MigrateTests
{
    [Fact]
    public async Task Keys_of_every_type_move_from_Redis_to_Trefoil_and_back_with_their_time()
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        using var theirs = new RawConnection(redis.Port);
        using var ours = new RawConnection(trefoil.Port);
        foreach (var (name, sample) in SampleValues.All)
        {
            sample.Fill(theirs, name);
            theirs.Call("PEXPIRE", name, "900000");
            var before = sample.Read(theirs, name);

            Assert.Equal((name, "+OK\r\n"), (name, Text(theirs.Call("MIGRATE", "127.0.0.1", $"{trefoil.Port}", name, "0", "5000"))));
            Assert.Equal((name, ":0\r\n"), (name, Text(theirs.Call("EXISTS", name))));
            Assert.Equal((name, before), (name, sample.Read(ours, name)));
            Assert.InRange(Number(ours.Call("PTTL", name)), 800_000, 900_000);

            Assert.Equal((name, "+OK\r\n"), (name, Text(ours.Call("MIGRATE", "127.0.0.1", $"{redis.Port}", "", "0", "5000", "KEYS", name))));
            Assert.Equal((name, ":0\r\n"), (name, Text(ours.Call("EXISTS", name))));
            Assert.Equal((name, before), (name, sample.Read(theirs, name)));
            Assert.InRange(Number(theirs.Call("PTTL", name)), 800_000, 900_000);
        }
    }

    [Fact]
    public async Task Errors_and_options_of_MIGRATE_are_those_of_Redis()
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        using var sink = await RedisServer.StartAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var (port, unanswered, nobody) = ($"{sink.Port}", $"{((IPEndPoint)silent.LocalEndpoint).Port}", $"{RedisServer.FreePort(sink.Port + 20)}");
        string[][] commands =
        [
            ["MIGRATE"], ["MIGRATE", "127.0.0.1", port, "a", "0"], ["MIGRATE", "127.0.0.1", port, "a", "0", "x"],
            ["MIGRATE", "127.0.0.1", port, "a", "x", "1"], ["MIGRATE", "127.0.0.1", port, "a", "x", "y"],
            ["MIGRATE", "127.0.0.1", port, "a", "0", "1000", "MOVE"], ["MIGRATE", "127.0.0.1", port, "a", "0", "1000", "AUTH"],
            ["MIGRATE", "127.0.0.1", port, "a", "0", "1000", "AUTH2", "u"], ["MIGRATE", "127.0.0.1", port, "a", "0", "1000", "KEYS", "a"],
            ["MIGRATE", "127.0.0.1", port, "none", "0", "1000"], ["MIGRATE", "127.0.0.1", port, "", "0", "1000", "KEYS"],
            ["MIGRATE", "127.0.0.1", port, "", "0", "1000", "KEYS", "a", "b"], ["MIGRATE", "127.0.0.1", nobody, "a", "0", "1000"],
            ["MIGRATE", "127.0.0.1", "port", "a", "0", "1000"], ["MIGRATE", "127.0.0.1", unanswered, "a", "0", "200"],
            ["MIGRATE", "127.0.0.1", port, "a", "7", "1000"], ["MIGRATE", "127.0.0.1", port, "a", "0", "1000", "AUTH", "secret"],
            ["MIGRATE", "127.0.0.1", port, "a", "0", "1000", "AUTH2", "user", "secret"], ["EXISTS", "a"],
            ["MIGRATE", "127.0.0.1", port, "a", "0", "0", "COPY"], ["EXISTS", "a"], ["MIGRATE", "127.0.0.1", port, "a", "0", "1000"],
            ["MIGRATE", "127.0.0.1", port, "a", "0", "-1", "copy", "replace"], ["MIGRATE", "127.0.0.1", port, "a", "0", "1000", "REPLACE"],
            ["EXISTS", "a"], ["MIGRATE", "127.0.0.1", port, "{t}2", "0", "1000"], ["EXISTS", "{t}1", "{t}2"],
            ["MIGRATE", "127.0.0.1", port, "", "0", "1000", "KEYS", "{t}3", "{t}1", "{t}0"], ["EXISTS", "{t}1"],
        ];
        using var theirs = new RawConnection(redis.Port);
        using var ours = new RawConnection(trefoil.Port);
        using var clean = new RawConnection(sink.Port);
        var replies = new List<List<string>>();
        foreach (var connection in new[] { theirs, ours })
        {
            clean.Call("FLUSHALL");
            clean.Call("SET", "{t}2", "taken");
            connection.Call("SET", "a", "1");
            connection.Call("MSET", "{t}1", "1", "{t}2", "2");
            replies.Add(commands.Select(command => $"{string.Join(' ', command)} → {Text(connection.Call(command))}").ToList());
        }

        Assert.Equal(replies[0], replies[1]);
    }

    [Fact]
    public async Task Redis_cli_imports_the_keys_of_a_lone_Redis()
    {
        using var redis = await RedisServer.StartAsync(cluster: false);
        await using var trefoil = await EmbeddedServer.StartAsync();
        using var theirs = new RawConnection(redis.Port);
        using var ours = new RawConnection(trefoil.Port);
        foreach (var (name, sample) in SampleValues.All)
        {
            sample.Fill(theirs, name);
        }

        var import = await Tool.RunAsync(
            "redis-cli", "--cluster", "import", $"127.0.0.1:{trefoil.Port}", "--cluster-from", $"127.0.0.1:{redis.Port}", "--cluster-copy");
        Assert.True(import.ExitCode == 0, import.ToString());
        Assert.Equal(Text(theirs.Call("DBSIZE")), Text(ours.Call("DBSIZE")));

        foreach (var (name, sample) in SampleValues.All)
        {
            Assert.Equal((name, sample.Read(theirs, name)), (name, sample.Read(ours, name)));
        }
    }

    private static long Number(byte[] reply) => long.Parse(Text(reply).AsSpan(1).Trim(), System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(byte[] reply) => Encoding.Latin1.GetString(reply);
}

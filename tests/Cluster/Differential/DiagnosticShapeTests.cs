using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Trefoil.Cluster.Differential;

/// <summary>Replies full of measured numbers: all but the numbers is the same.</summary>
public sealed partial class DiagnosticShapeTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Slow_commands_latencies_and_memory_have_the_shapes_of_redis(int protocol)
    {
        using var redis = await RedisServer.StartAsync();
        await using var trefoil = await EmbeddedServer.StartAsync();
        using var theirs = new RawConnection(redis.Port);
        using var ours = new RawConnection(trefoil.Port);
        string[][] commands =
        [
            ["HELLO", $"{protocol}"], ["MEMORY", "STATS"], ["CLIENT", "SETNAME", "me"], ["CONFIG", "SET", "slowlog-log-slower-than", "0"], ["SLOWLOG", "RESET"],
            ["SET", "a", "1"], ["SET", "b", "2", "EX", "1000"], ["SET", "a", new string('x', 300)], ["GET"], ["NOPE"], ["MULTI"], ["GET", "a"], ["INCR", "b"], ["EXEC"],
            ["DEL", .. Enumerable.Range(0, 40).Select(i => $"{{a}}{i}")], ["DEL", .. Enumerable.Range(0, 31).Select(i => $"{{a}}{i}")], ["AUTH", "user", "secret"],
            ["CONFIG", "SET", "requirepass", ""], ["MIGRATE", "127.0.0.1", "1", "none", "0", "1", "AUTH2", "user", "secret"],
            ["HELLO", $"{protocol}", "SETNAME", "you"], ["SLOWLOG", "GET", "-1"], ["SLOWLOG", "LEN"], ["CONFIG", "SET", "slowlog-max-len", "2"],
            ["SLOWLOG", "LEN"], ["CONFIG", "SET", "latency-monitor-threshold", "1"], ["LATENCY", "LATEST"], ["LATENCY", "HISTOGRAM", "nothing"],
            ["CONFIG", "SET", "slowlog-log-slower-than", "-1"], ["MEMORY", "STATS"], ["OBJECT", "IDLETIME", "a"], ["MEMORY", "USAGE", "a"],
        ];
        foreach (var command in commands)
        {
            Assert.Equal((command[0], Shape(command, theirs.Call(command))), (command[0], Shape(command, ours.Call(command))));
        }
    }

    /// <summary>Numbers become one sign, except lengths; what HELLO says of the server is its own.</summary>
    private static string Shape(string[] command, byte[] reply)
    {
        var text = Encoding.Latin1.GetString(reply);
        if (command[0] == "HELLO")
        {
            return text[..1];
        }

        text = Number().Replace(text, "$1#");
        return command[0] is "MEMORY" ? Fraction().Replace(text, "#") : Address().Replace(text, "#");
    }

    [GeneratedRegex("([:,])-?[0-9][0-9.e+-]*")]
    private static partial Regex Number();

    [GeneratedRegex(@"\$[0-9]+\r\n[0-9][0-9.e-]*\r\n|,-?[0-9][0-9.e-]*")]
    private static partial Regex Fraction();

    [GeneratedRegex(@"\$1[0-9]\r\n127\.0\.0\.1:#")]
    private static partial Regex Address();
}

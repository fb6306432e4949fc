using System.Runtime.CompilerServices;
using System.Text.Json;
using Trefoil.KeyValue.Commands;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.Commands;

/// <summary>Streams, scripts, geo and HyperLogLog: one clear error each, which names the command and what to do instead.</summary>
public sealed class UnservedTests
{
    private static readonly string[] LeftOut = ["stream", "scripting", "geo", "hyperloglog"];

    [Fact]
    public void Every_command_of_a_group_that_is_left_out_is_refused_with_a_reason()
    {
        var table = CommandTable.Build(AllCommands.Bindings);
        using var session = new RespSession();
        var refused = 0;
        foreach (var (name, group) in Rows())
        {
            if (!LeftOut.Contains(group) || name.Contains('|', StringComparison.Ordinal) || table.Find(System.Text.Encoding.ASCII.GetBytes(name)) is not null)
            {
                continue;
            }

            refused++;
            Assert.StartsWith($"-ERR unknown command '{name}': Trefoil ", session.Call(name, "{k}1", "other"), StringComparison.Ordinal);
            Assert.Equal("*1\r\n$-1\r\n", session.Call("COMMAND", "INFO", name));
        }

        Assert.True(refused > 25, $"{refused} commands were refused");
    }

    [Fact]
    public void The_errors_say_what_to_do()
    {
        using var session = new RespSession();
        Assert.Equal(
            "-ERR unknown command 'XADD': Trefoil has no streams. Keep entries in a list (RPUSH, BLPOP) or a sorted set (ZADD, ZRANGE)\r\n",
            session.Call("XADD s * f v"));
        Assert.Equal(
            "-ERR unknown command 'EVAL': Trefoil runs no scripts and no functions. Send the commands in MULTI and EXEC, with WATCH if one depends on "
            + "another's answer\r\n",
            session.Call("EVAL", "return 1", "0"));
        Assert.StartsWith("-ERR unknown subcommand 'LOAD' of FUNCTION: Trefoil runs no scripts", session.Call("FUNCTION LOAD code"), StringComparison.Ordinal);
        Assert.Equal("-ERR unknown subcommand 'NOPE'. Try FUNCTION HELP.\r\n", session.Call("FUNCTION NOPE"));
    }

    [Fact]
    public void A_transaction_with_one_of_them_is_void()
    {
        using var session = new RespSession();
        session.Call("MULTI");
        session.Call("SET k v");
        session.Call("XADD k * f v");
        Assert.Equal("-EXECABORT Transaction discarded because of previous errors.\r\n", session.Call("EXEC"));
    }

    [Fact]
    public void Digests_are_those_of_redis()
    {
        // What redis-server 7.0.15 answered to the same commands.
        using var session = new RespSession();
        session.Call("SET {t}s hello");
        session.Call("RPUSH {t}l 1 2 3");
        Assert.Equal(
            "*3\r\n+36b23a1456b2dce2c3ed252c456761301dba8060\r\n+4ee6e075f07dc1413244a0d85654cd725e5ce13d\r\n+0000000000000000000000000000000000000000\r\n",
            session.Call("DEBUG DIGEST-VALUE {t}s {t}l none"));
        session.Call("HSET {t}h a b");
        Assert.Equal("+1e8beeb1ff77574cb3cf3e011bf55db05f58c62a\r\n", session.Call("DEBUG DIGEST"));
    }

    private static IEnumerable<(string Name, string Group)> Rows([CallerFilePath] string here = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(here)!, "../../../../src/KeyValue/Commands/Table/redis-7.0.jsonl");
        return File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(row => (row.GetProperty("name").GetString()!, row.GetProperty("group").GetString()!));
    }
}

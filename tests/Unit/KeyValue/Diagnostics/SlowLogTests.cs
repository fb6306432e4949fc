using System.Text;
using Trefoil.Unit.KeyValue.Server;
using Xunit;

namespace Trefoil.Unit.KeyValue.Diagnostics;

public sealed class SlowLogTests
{
    [Fact]
    public void The_newest_come_first_and_the_oldest_go()
    {
        using var session = Everything();
        session.Call("CONFIG SET slowlog-max-len 3");
        for (var i = 0; i < 5; i++)
        {
            session.Call($"GET key:{i}");
        }

        Assert.Equal(":3\r\n", session.Call("SLOWLOG LEN"));
        var newest = session.Server.SlowLog.Newest(2);
        Assert.Equal("SLOWLOG LEN", Text(newest[0].Arguments));
        Assert.Equal("GET key:4", Text(newest[1].Arguments));
        Assert.Equal(newest[1].Id + 1, newest[0].Id);
    }

    [Fact]
    public void Long_arguments_and_many_are_clipped_as_redis_clips_them()
    {
        using var session = Everything();
        session.Call("SET", "key", new string('x', 200));
        Assert.Equal($"SET key {new string('x', 128)}... (72 more bytes)", Text(session.Server.SlowLog.Newest(1)[0].Arguments));
        session.Call(["DEL", .. Enumerable.Range(0, 40).Select(i => $"{{a}}{i}")]);
        var clipped = session.Server.SlowLog.Newest(1)[0].Arguments;
        Assert.Equal(32, clipped.Count);
        Assert.Equal("... (10 more arguments)", Encoding.ASCII.GetString(clipped[31]));
    }

    [Theory]
    [InlineData("AUTH secret", "AUTH (redacted)")]
    [InlineData("AUTH user secret", "AUTH (redacted) (redacted)")]
    [InlineData("HELLO 3 AUTH user secret SETNAME me", "HELLO 3 AUTH (redacted) (redacted) SETNAME me")]
    [InlineData("CONFIG SET maxclients 100 masterauth secret", "CONFIG SET maxclients 100 masterauth (redacted)")]
    public void Secrets_are_left_out(string command, string shown)
    {
        using var session = Everything();
        session.Call(command);
        Assert.Equal(shown, Text(session.Server.SlowLog.Newest(1)[0].Arguments));
    }

    [Fact]
    public void Commands_of_a_transaction_stand_alone_and_EXEC_is_none()
    {
        using var session = Everything();
        session.Call("MULTI");
        session.Call("SET a 1");
        session.Call("EXEC");
        Assert.Equal(["SET a 1", "MULTI"], session.Server.SlowLog.Newest(2).Select(entry => Text(entry.Arguments)));
    }

    [Fact]
    public void What_is_fast_enough_or_refused_is_not_kept()
    {
        using var session = Everything();
        session.Call("CONFIG SET slowlog-log-slower-than 100000000");
        session.Call("SLOWLOG RESET");
        session.Call("GET a");
        Assert.Equal(":0\r\n", session.Call("SLOWLOG LEN"));
        session.Call("CONFIG SET slowlog-log-slower-than 0");
        session.Call("SLOWLOG RESET");
        session.Call("GET");
        session.Call("CONFIG SET slowlog-log-slower-than -1");
        Assert.DoesNotContain(session.Server.SlowLog.Newest(10), entry => Text(entry.Arguments) == "GET");
    }

    private static RespSession Everything()
    {
        var session = new RespSession();
        session.Call("CONFIG SET slowlog-log-slower-than 0");
        return session;
    }

    private static string Text(IEnumerable<byte[]> arguments) => string.Join(' ', arguments.Select(Encoding.Latin1.GetString));
}

using System.Text;
using Trefoil.KeyValue.Server;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.KeyValue.Server;

/// <summary>CONFIG REWRITE: what CONFIG SET changed is there again after a restart.</summary>
public sealed class RewrittenSettingsTests
{
    private readonly MemoryDisk _disk = new();

    [Fact]
    public void What_was_set_and_rewritten_holds_after_a_restart_and_the_rest_does_not()
    {
        using (var first = Started())
        {
            first.Call("CONFIG SET cluster-node-timeout 2500 maxmemory 1mb");
            first.Call("CONFIG", "SET", "requirepass", "q\"uo\\te");
            first.Call("CONFIG", "SET", "client-output-buffer-limit", "normal 5mb 0 0");
            Rewrite(first);
            first.Call("CONFIG SET timeout 77");
        }

        using var second = Started();
        second.Client.Reset(authenticated: true);
        Assert.Contains("2500", second.Call("CONFIG GET cluster-node-timeout"), StringComparison.Ordinal);
        Assert.Contains("1048576", second.Call("CONFIG GET maxmemory"), StringComparison.Ordinal);
        Assert.Contains("normal 5242880 0 0 slave ", second.Call("CONFIG GET client-output-buffer-limit"), StringComparison.Ordinal);
        Assert.Equal("q\"uo\\te", second.Server.Settings.Password);
        Assert.Contains("$1\r\n0\r\n", second.Call("CONFIG GET timeout"), StringComparison.Ordinal);

        second.Call("CONFIG SET timeout 88");
        Rewrite(second);
        using var third = Started();
        third.Client.Reset(authenticated: true);
        Assert.Contains("2500", third.Call("CONFIG GET cluster-node-timeout"), StringComparison.Ordinal);
        Assert.Contains("88", third.Call("CONFIG GET timeout"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cluster-node-timeuot = \"1\"", "cluster-node-timeout")]
    [InlineData("timeout = 5", "timeout must be a string")]
    [InlineData("timeout = \"soon\"", "timeout: argument couldn't be parsed")]
    [InlineData("timeout = ", "config-rewrite.toml: ")]
    [InlineData("port = \"1\"", "port")]
    public void A_file_that_makes_no_sense_is_refused_with_its_place(string text, string said)
    {
        using (var file = _disk.Open(RewrittenSettings.Path, create: true))
        {
            file.Write(0, Encoding.UTF8.GetBytes(text));
        }

        using var session = new RespSession();
        Assert.Contains(said, RewrittenSettings.Attach(session.Server, _disk), StringComparison.Ordinal);
    }

    private static void Rewrite(RespSession session)
    {
        // The disk is another thread's: it may be done before this one has looked, or after.
        var reply = session.Call("CONFIG REWRITE");
        if (reply.Length == 0)
        {
            session.Client.Loop.Work.AsTask().Wait(TimeSpan.FromSeconds(10));
            session.Client.Loop.Resume();
            reply = session.Send("");
        }

        Assert.Equal("+OK\r\n", reply);
    }

    private RespSession Started()
    {
        var session = new RespSession();
        Assert.Null(RewrittenSettings.Attach(session.Server, _disk));
        return session;
    }
}

using Trefoil.Client;
using Trefoil.Primitives;
using Trefoil.Wire.Resp;
using Xunit;

namespace Trefoil.Unit.Client;

public sealed class RedirectTests
{
    private static readonly HostPort Asked = new("10.0.0.1", 6379);

    [Theory]
    [InlineData("MOVED 3999 127.0.0.1:6381", false, 3999, "127.0.0.1", 6381)]
    [InlineData("ASK 0 node-2.example:7000", true, 0, "node-2.example", 7000)]
    [InlineData("MOVED 16383 ::1:6381", false, 16383, "::1", 6381)]
    [InlineData("MOVED 1 :6381", false, 1, "10.0.0.1", 6381)]
    public void A_redirect_is_read(string text, bool ask, int slot, string host, int port) =>
        Assert.Equal(new Redirect(ask, slot, new HostPort(host, port)), Redirect.Parse(RespReply.Error(text), Asked));

    [Theory]
    [InlineData("ERR no redirect at all")]
    [InlineData("MOVED 16384 127.0.0.1:6381")]
    [InlineData("MOVED 1 127.0.0.1:0")]
    [InlineData("MOVED 1 127.0.0.1:70000")]
    [InlineData("MOVED x 127.0.0.1:6381")]
    [InlineData("MOVED 1 127.0.0.1")]
    [InlineData("MOVED 1")]
    public void Anything_else_is_no_redirect(string text) => Assert.Null(Redirect.Parse(RespReply.Error(text), Asked));
}

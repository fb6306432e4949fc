using Trefoil.KeyValue.Connections;
using Xunit;

namespace Trefoil.Unit.KeyValue.Server;

/// <summary>A reply that no buffer can hold.</summary>
public sealed class ReplyLimitTests
{
    [Fact]
    public void A_reply_longer_than_a_buffer_can_be_closes_its_client_and_no_other()
    {
        using var session = new RespSession();
        using var other = session.Another();
        session.Call("HSET", "h", "field", new string('x', 1000));
        session.Client.Output.MaxBytes = 100_000;
        var request = System.Text.Encoding.Latin1.GetBytes(RespSession.Encode("HRANDFIELD", "h", "-1000000", "WITHVALUES"));
        var start = 0;

        Assert.Equal(LoopState.Abort, session.Client.Loop.Run(request, ref start, request.Length));

        Assert.Equal("$5\r\nfield\r\n", other.Call("HRANDFIELD h"));
        Assert.Contains("client_output_buffer_limit_disconnections:1", other.Call("INFO stats"), StringComparison.Ordinal);
    }
}

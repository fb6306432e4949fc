using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Primitives;

public class NodeIdTests
{
    [Fact]
    public void An_id_survives_text_and_bytes_and_keeps_its_order()
    {
        var random = new Prng(4);
        for (var i = 0; i < 200; i++)
        {
            var (a, b) = (NodeId.Draw(random), NodeId.Draw(random));
            Assert.True(NodeId.TryParse(a.ToString(), out var parsed));
            Assert.Equal(a, parsed);
            var bytes = new byte[NodeId.Size];
            a.Write(bytes);
            Assert.Equal(a, NodeId.Read(bytes));
            Assert.Equal(a < b, string.CompareOrdinal(a.ToString(), b.ToString()) < 0);
            Assert.False(a.IsNone);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    [InlineData(" 123456789abcdef0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdef0")]
    public void A_malformed_id_is_refused(string text) => Assert.False(NodeId.TryParse(text, out _));
}

using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Store;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Assertions.Engine;

public class QueryCursorTests
{
    private static readonly KeyValuePair<string, Utf8Text>[] Asked = [new("prefix", "drug"), new("lens", "vote")];
    private static readonly ClaimKey Key = new(ConceptPath.Of("fda://drug/ä"), "größer als");

    [Fact]
    public void A_cursor_leads_back_to_its_key_whatever_the_order_of_the_parameters()
    {
        var cursor = QueryCursor.Write(QueryCursor.Fingerprint("/v1/query", Asked), Key);

        Assert.Null(QueryCursor.TryRead(Utf8Text.Of(cursor), QueryCursor.Fingerprint("/v1/query", Asked.Reverse()), out var key));
        Assert.Equal(Key, key);
        Assert.Null(QueryCursor.TryRead(null, QueryCursor.Fingerprint("/v1/query", Asked), out var none));
        Assert.Null(none);
    }

    [Fact]
    public void A_cursor_of_another_query_is_told_from_one_that_is_none()
    {
        var cursor = QueryCursor.Write(QueryCursor.Fingerprint("/v1/query", Asked), Key);

        Assert.Equal(RefusalCodes.CursorOfOtherQuery, QueryCursor.TryRead(Utf8Text.Of(cursor), QueryCursor.Fingerprint("/v1/skeptic", Asked), out _)!.Code);
        Assert.Equal(RefusalCodes.CursorOfOtherQuery, QueryCursor.TryRead(Utf8Text.Of(cursor), QueryCursor.Fingerprint("/v1/query", Asked[..1]), out _)!.Code);
        foreach (var text in (string[])["", "!", "AAAA", cursor[..12], cursor[..^3], new string('A', 5000)])
        {
            Assert.Equal(RefusalCodes.BadCursor, QueryCursor.TryRead(Utf8Text.Of(text), QueryCursor.Fingerprint("/v1/query", Asked), out _)!.Code);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1-2")]
    [InlineData("1-2-3")]
    [InlineData("-1-2-00000000000000000000000000000001")]
    [InlineData("1-65536-00000000000000000000000000000001")]
    [InlineData("999999999999999-0-00000000000000000000000000000001")]
    public void A_session_token_that_is_none_is_refused(string text) => Assert.False(SessionToken.TryRead(text, out _));

    [Fact]
    public void A_session_token_is_read_back()
    {
        var time = new HybridTime(1_700_000_000_000, 65535, new NodeId(1, 2));

        Assert.True(SessionToken.TryRead(SessionToken.Write(time), out var read));
        Assert.Equal(time, read);
    }
}

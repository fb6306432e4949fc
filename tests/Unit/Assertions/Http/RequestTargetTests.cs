using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Http;
using Trefoil.Assertions.Model;
using Xunit;

namespace Trefoil.Unit.Assertions.Http;

public class RequestTargetTests
{
    [Fact]
    public void A_target_is_taken_apart_as_it_came()
    {
        Assert.Null(RequestTarget.TryRead("/v1/concepts/fda://a%2Fb?limit=2&prefix=a+b%26%C3%A4&flag", out var target));

        Assert.Equal("/v1/concepts/fda://a%2Fb", target.Path);
        Assert.Equal(["limit=2", "prefix=a b&ä", "flag="], target.Parameters.Select(p => $"{p.Name}={p.Value}"));
        Assert.Null(RequestTarget.DecodePath("fda://a%2Fb+c", out var path));
        Assert.Equal("fda://a/b+c", path.ToString());
    }

    [Theory]
    [InlineData("/?a=%", RefusalCodes.BadParameter)]
    [InlineData("/?a=%2", RefusalCodes.BadParameter)]
    [InlineData("/?a=%zz", RefusalCodes.BadParameter)]
    [InlineData("/?a=%C3", InvalidCodes.BadUtf8)]
    [InlineData("/?a=1&%61=2", RefusalCodes.DuplicateParameter)]
    public void A_malformed_target_is_refused_by_code(string raw, string code) => Assert.Equal(code, RequestTarget.TryRead(raw, out _)!.Code);

    [Theory]
    [InlineData("/v1/a", "/v1/a", "")]
    [InlineData("/v1/a/{id}", "/v1/a/7", "7")]
    [InlineData("/v1/a/{id}/proof", "/v1/a/7/proof", "7")]
    [InlineData("/v1/c/{path}", "/v1/c/fda://x/y", "fda://x/y")]
    public void A_route_knows_its_paths(string pattern, string path, string variable)
    {
        Assert.True(new Route("GET", pattern, _ => Task.CompletedTask).Matches(path, out var found));
        Assert.Equal(variable, found);
    }

    [Theory]
    [InlineData("/v1/a", "/v1/a/")]
    [InlineData("/v1/a", "/v1/A")]
    [InlineData("/v1/a/{id}", "/v1/a/")]
    [InlineData("/v1/a/{id}", "/v1/a/7/8")]
    [InlineData("/v1/a/{id}/proof", "/v1/a/proof")]
    public void A_route_leaves_the_paths_of_others(string pattern, string path) =>
        Assert.False(new Route("GET", pattern, _ => Task.CompletedTask).Matches(path, out _));
}

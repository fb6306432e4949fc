using Trefoil.Assertions.Model;
using Xunit;

namespace Trefoil.Unit.Assertions.Model;

public sealed class ConceptPathTests
{
    [Theory]
    [InlineData("drug", "")]
    [InlineData("drug/aspirin/safety", "")]
    [InlineData("fda://drug/aspirin", "fda")]
    [InlineData("a+b-c.9://x", "a+b-c.9")]
    [InlineData("größe/𝄞", "")]
    [InlineData("a: b/c", "")]
    public void A_path_is_segments_behind_a_scheme_perhaps(string text, string scheme)
    {
        var path = ConceptPath.Of(text);

        Assert.Equal(text, path.ToString());
        Assert.Equal(scheme, System.Text.Encoding.UTF8.GetString(path.Scheme));
        Assert.Equal(scheme.Length == 0 ? 0 : scheme.Length + 3, path.RootLength);
    }

    [Theory]
    [InlineData("", InvalidCodes.Empty)]
    [InlineData("/a", InvalidCodes.PathEmptySegment)]
    [InlineData("a/", InvalidCodes.PathEmptySegment)]
    [InlineData("a//b", InvalidCodes.PathEmptySegment)]
    [InlineData("fda://", InvalidCodes.PathEmptySegment)]
    [InlineData("fda:///a", InvalidCodes.PathEmptySegment)]
    [InlineData("a/fda://b", InvalidCodes.PathEmptySegment)]
    [InlineData("://a", InvalidCodes.PathBadScheme)]
    [InlineData("9a://a", InvalidCodes.PathBadScheme)]
    [InlineData("a b://a", InvalidCodes.PathBadScheme)]
    [InlineData("a\nb", InvalidCodes.ControlCharacter)]
    [InlineData("a\u007Fb", InvalidCodes.ControlCharacter)]
    public void Anything_else_is_refused_by_name(string text, string code)
    {
        Assert.Equal(code, ConceptPath.TryCreate(text, out _)?.Code);
        Assert.Throws<FormatException>(() => ConceptPath.Of(text));
    }

    [Fact]
    public void The_limit_counts_bytes()
    {
        Assert.Null(ConceptPath.TryCreate(new string('ä', 512), out _));
        Assert.Equal(InvalidCodes.TooLong, ConceptPath.TryCreate(new string('ä', 512) + "a", out _)?.Code);
    }

    [Theory]
    [InlineData("a/b", "a", true)]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/", true)]
    [InlineData("a/bc", "a/b", false)]
    [InlineData("a", "a/b", false)]
    [InlineData("a", "", true)]
    [InlineData("fda://a/b", "fda://", true)]
    public void A_prefix_is_whole_segments(string path, string prefix, bool under) =>
        Assert.Equal(under, ConceptPath.Of(path).IsUnder(System.Text.Encoding.UTF8.GetBytes(prefix)));

    [Fact]
    public void The_class_of_a_source_follows_from_the_scheme_unless_it_is_stated()
    {
        Assert.Equal(SourceClass.Regulatory, SourceClasses.Of(ConceptPath.Of("FDA://drug")));
        Assert.Equal(SourceClass.Community, SourceClasses.Of(ConceptPath.Of("forum://drug")));
        Assert.Equal(SourceClass.Expert, SourceClasses.Of(ConceptPath.Of("fda/drug")));
        Assert.Equal(SourceClass.Expert, SourceClasses.Of(ConceptPath.Of("unknown://drug")));
        Assert.Equal(SourceClass.PeerReviewed, SampleAssertions.Fullest.EffectiveClass);
        Assert.Equal(SourceClass.Regulatory, (SampleAssertions.Fullest with { StatedClass = null }).EffectiveClass);
    }
}

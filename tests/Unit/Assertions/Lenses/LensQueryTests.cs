using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Xunit;

namespace Trefoil.Unit.Assertions.Lenses;

public sealed class LensQueryTests
{
    private static readonly string Key = LensCase.Agent("alice").ToString();

    [Fact]
    public void Nothing_asked_is_recency_alone()
    {
        Assert.Null(LensQuery.TryParse([], out var options));
        Assert.Equal(new LensOptions(), options);
        Assert.Equal(LensKind.Recency, options!.Lens);
    }

    [Fact]
    public void Every_lens_has_a_name_that_is_read_in_any_case()
    {
        foreach (var name in LensKinds.Names)
        {
            Assert.Equal(name, LensKinds.NameOf(Parse($"lens={name}").Lens));
            Assert.Equal(name, LensKinds.NameOf(Parse($"lens={name.ToUpperInvariant()}").Lens));
        }

        Assert.Equal(Enum.GetNames<LensKind>().Select(name => name.ToLowerInvariant()), LensKinds.Names);
    }

    [Fact]
    public void Every_wrapper_is_read()
    {
        var options = Parse($"lens=authority&asOf=5&validAt=-7&minTier=Clinical&lifecycle=Approved,proposed&decay=on&trust={Key}:0.25,anonymous:0&explain=true");

        Assert.Equal(LensKind.Authority, options.Lens);
        Assert.Equal(5, options.AsOfMs);
        Assert.Equal(-7, options.ValidAtMs);
        Assert.Equal(SourceClass.PeerReviewed, options.MinTier);
        Assert.Equal([Lifecycle.Proposed, Lifecycle.Approved], options.Lifecycle!.Value.States);
        Assert.True(options.Decay);
        Assert.True(options.Explain);
        Assert.Equal(250_000u, options.Trust.In(LensCase.Agent("alice")));
        Assert.Equal(0u, options.Trust.In(AgentKey.Anonymous));
        Assert.Equal((uint)Ppm.One, options.Trust.In(LensCase.Agent("bob")));
        Assert.False(Parse("decay=off&explain=false").Decay);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-1", -1)]
    [InlineData("1970-01-02", 86_400_000)]
    [InlineData("1970-01-01T00:00:01Z", 1000)]
    [InlineData("1970-01-01T00:00:01.5Z", 1500)]
    [InlineData("1970-01-01T01:00:00+01:00", 0)]
    [InlineData("1969-12-31T23:00:00-01:00", 0)]
    [InlineData("2026-11-22T08:25:00Z", 1_795_335_900_000)]
    [InlineData("8640000000000000", Assertion.MaxTimeMs)]
    public void A_time_is_ms_or_a_date_or_an_instant(string text, long ms) => Assert.Equal(ms, Parse($"asOf={text}").AsOfMs);

    [Theory]
    [InlineData("lens=consensus2", InvalidCodes.UnknownName, "lens", "did you mean 'consensus'?")]
    [InlineData("lens=", InvalidCodes.UnknownName, "lens", "lens is one of recency, confidence, consensus, vote, authority, skeptic, layered, all")]
    [InlineData("lens=1", InvalidCodes.UnknownName, "lens", "this is '1'")]
    [InlineData("lens=all&lens=all", InvalidCodes.DuplicateField, "lens", "lens is given twice")]
    [InlineData("Lens=all", InvalidCodes.UnknownField, "Lens", "there is no parameter 'Lens'; did you mean 'lens'?")]
    [InlineData("lense=all", InvalidCodes.UnknownField, "lense", "did you mean 'lens'?")]
    [InlineData("asOf=yesterday", InvalidCodes.BadTime, "asOf", "asOf is ms since 1970, 2026-11-22, or 2026-11-22T08:25:00Z; this is 'yesterday'")]
    [InlineData("asOf=", InvalidCodes.BadTime, "asOf", "this is ''")]
    [InlineData("asOf=1.5", InvalidCodes.BadTime, "asOf", "this is '1.5'")]
    [InlineData("asOf= 1", InvalidCodes.BadTime, "asOf", "this is ' 1'")]
    [InlineData("asOf=2026-02-30", InvalidCodes.BadTime, "asOf", "2026-02-30")]
    [InlineData("asOf=2026-01-01T00:00:00", InvalidCodes.BadTime, "asOf", "2026-01-01T00:00:00")]
    [InlineData("asOf=8640000000000001", InvalidCodes.TimeOutOfRange, "asOf", "a hundred million days")]
    [InlineData("validAt=-8640000000000001", InvalidCodes.TimeOutOfRange, "validAt", "a hundred million days")]
    [InlineData("minTier=Anectodal", InvalidCodes.UnknownName, "minTier", "did you mean 'Anecdotal'?")]
    [InlineData("minTier=6", InvalidCodes.UnknownName, "minTier", "this is '6'")]
    [InlineData("minTier=-1", InvalidCodes.UnknownName, "minTier", "this is '-1'")]
    [InlineData("lifecycle=", InvalidCodes.UnknownName, "lifecycle", "lifecycle is one of Proposed, UnderReview, Approved, Deprecated, Rejected")]
    [InlineData("lifecycle=Approved,", InvalidCodes.UnknownName, "lifecycle", "this is ''")]
    [InlineData("lifecycle=Approved,Aproved", InvalidCodes.UnknownName, "lifecycle", "did you mean 'Approved'?")]
    [InlineData("decay=yes", InvalidCodes.UnknownName, "decay", "decay is one of on, off, true, false; this is 'yes'")]
    [InlineData("explain=", InvalidCodes.UnknownName, "explain", "explain is one of on, off, true, false")]
    [InlineData("trust=alice:0.5", InvalidCodes.BadHex, "trust", "this is 'alice:0.5'")]
    [InlineData("trust=anonymous", InvalidCodes.BadHex, "trust", "this is 'anonymous'")]
    [InlineData("trust=anonymous:1.1", InvalidCodes.TrustOutOfRange, "trust", "this is '1.1'")]
    [InlineData("trust=anonymous:-0.1", InvalidCodes.TrustOutOfRange, "trust", "this is '-0.1'")]
    [InlineData("trust=anonymous:NaN", InvalidCodes.TrustOutOfRange, "trust", "this is 'NaN'")]
    [InlineData("trust=anonymous:1,anonymous:1", InvalidCodes.DuplicateField, "trust", "twice")]
    public void What_is_wrong_is_named(string query, string code, string field, string reason)
    {
        var invalid = LensQuery.TryParse(Pairs(query), out var options);

        Assert.Null(options);
        Assert.Equal((code, field), (invalid!.Code, invalid.Field));
        Assert.Contains(reason, invalid.Reason, StringComparison.Ordinal);
        Assert.Contains(code, InvalidCodes.All.Select(known => known.Code));
    }

    [Fact]
    public void Limits_are_told()
    {
        var agents = Enumerable.Range(0, AgentTrust.MaxAgents + 1).Select(n => $"{n:x64}:0").ToArray();

        Assert.Equal(AgentTrust.MaxAgents, Parse($"trust={string.Join(',', agents[1..])}").Trust.Count);
        Assert.Equal(InvalidCodes.TooMany, LensQuery.TryParse(Pairs($"trust={string.Join(',', agents)}"), out _)!.Code);
        Assert.Equal(InvalidCodes.TooLong, LensQuery.TryParse(Pairs($"lens={new string('l', LensQuery.MaxValueLength + 1)}"), out _)!.Code);
        Assert.InRange(LensQuery.TryParse(Pairs($"lens={new string('l', 5000)}"), out _)!.Reason.Length, 1, 300);
    }

    [Fact]
    public void Trust_asked_for_comes_before_trust_configured()
    {
        var (alice, bob) = (LensCase.Agent("alice"), LensCase.Agent("bob"));
        var trust = AgentTrust.Of((alice, 1u)).Over(AgentTrust.Of((alice, 2u), (bob, 3u)));

        Assert.Equal((1u, 3u), (trust.In(alice), trust.In(bob)));
        Assert.Throws<ArgumentException>(() => AgentTrust.Of((alice, 1u), (alice, 1u)));
        Assert.Throws<ArgumentException>(() => AgentTrust.Of((alice, Ppm.One + 1u)));
    }

    [Fact]
    public void Misuse_throws()
    {
        Assert.Throws<ArgumentException>(() => Lens.Resolve([], new LensOptions { Decay = true }));
        var one = LensWorld.Claim(ClaimObject.Boolean(true), 1).State;
        Assert.Throws<ArgumentOutOfRangeException>(() => Lens.Resolve(Enumerable.Repeat(one, Lens.MaxClaims + 1).ToArray(), new LensOptions()));
        Assert.Equal(1, Lens.Resolve([one, one, one], new LensOptions()).Candidates);
    }

    private static LensOptions Parse(string query)
    {
        Assert.Null(LensQuery.TryParse(Pairs(query), out var options));
        return options!;
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string query) =>
        query.Split('&').Select(pair => KeyValuePair.Create(pair.Split('=')[0], pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..]));
}

using System.Text;
using Trefoil.Assertions.Model;
using Xunit;

namespace Trefoil.Unit.Assertions.Model;

public sealed class ActJsonTests
{
    private static readonly AssertionId Id = SampleAssertions.Id(1);

    [Theory]
    [InlineData("1", 1_000_000)]
    [InlineData("-1.0", -1_000_000)]
    [InlineData("-0.0000005", -1)]
    [InlineData("0", 0)]
    public void A_vote_is_a_number_from_minus_one_to_one(string value, int ppm)
    {
        Assert.Null(ActJson.TryReadVote(Body($",\"value\":{value}"), out var vote));
        Assert.Equal(new PostedVote(Id, AgentKey.Anonymous, ppm), vote);
    }

    [Fact]
    public void Retractions_and_steps_name_their_agent_or_are_anonymous()
    {
        Assert.Null(ActJson.TryReadRetraction(Body($",\"agent\":\"{SampleAssertions.Alice}\""), out var retraction));
        Assert.Equal(new PostedRetraction(Id, SampleAssertions.Alice), retraction);
        Assert.Null(ActJson.TryReadStep(Body(",\"agent\":null,\"state\":\"underreview\""), out var step));
        Assert.Equal(new PostedStep(Id, AgentKey.Anonymous, Lifecycle.UnderReview), step);
    }

    [Theory]
    [InlineData(",\"value\":1.1", InvalidCodes.VoteOutOfRange, "/value")]
    [InlineData(",\"value\":-1.0000001", InvalidCodes.VoteOutOfRange, "/value")]
    [InlineData(",\"value\":1e400", InvalidCodes.VoteOutOfRange, "/value")]
    [InlineData(",\"value\":NaN", InvalidCodes.NumberNotFinite, "/value")]
    [InlineData(",\"value\":\"1\"", InvalidCodes.WrongType, "/value")]
    [InlineData(",\"value\":null", InvalidCodes.WrongType, "/value")]
    [InlineData("", InvalidCodes.MissingField, "/value")]
    [InlineData(",\"value\":1,\"state\":\"Approved\"", InvalidCodes.UnknownField, "/state")]
    [InlineData(",\"value\":1,\"value\":1", InvalidCodes.DuplicateField, "/value")]
    [InlineData(",\"value\":1,\"agent\":\"1\"", InvalidCodes.BadHex, "/agent")]
    [InlineData(",\"value\":1,", InvalidCodes.MalformedJson, "")]
    public void A_wrong_vote_is_refused_by_code_and_field(string rest, string code, string field)
    {
        var invalid = ActJson.TryReadVote(Body(rest), out var vote);

        Assert.Equal((code, field), (invalid?.Code, invalid?.Field));
        Assert.Null(vote);
    }

    [Fact]
    public void Nobody_acts_under_the_administrators_mark() => Assert.Equal(
        InvalidCodes.ReservedAgent, ActJson.TryReadRetraction(Body($",\"agent\":\"{AgentKey.Administrator}\""), out _)?.Code);

    [Fact]
    public void A_body_longer_than_any_act_is_refused_unread() =>
        Assert.Equal(InvalidCodes.BodyTooLarge, ActJson.TryReadStep(new byte[ActJson.MaxBytes + 1], out _)?.Code);

    private static byte[] Body(string rest) => Encoding.UTF8.GetBytes($"{{\"id\":\"{Id}\"{rest}}}");
}

using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Trefoil.Assertions.Model;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Assertions.Model;

public sealed class AssertionJsonTests
{
    private const string Minimal = """{"subject":"a","predicate":"p","object":{"Boolean":true},"confidence":0}""";

    [Fact]
    public void What_was_not_said_is_not_there()
    {
        var posted = Read(Minimal);

        Assert.Equal(SampleAssertions.Smallest, posted.Assertion);
        Assert.Equal(AssertionCodec.IdOf(SampleAssertions.Smallest), posted.Id);
        Assert.Equal(AssertionCodec.Encode(SampleAssertions.Smallest), posted.Canonical.ToArray());
        Assert.True(posted.Signature.IsEmpty);
        Assert.Null(posted.CheckSignature());
    }

    [Fact]
    public void Null_is_not_said_either() => Assert.Equal(
        Read(Minimal).Id,
        Read(Minimal[..^1] + ""","sourceClass":null,"sourceHash":null,"agent":null,"assertedAt":null,"parents":null,"lifecycle":null,"nonce":null,"id":null,"signature":null}""").Id);

    [Theory]
    [InlineData("""{"object":{"value":true,"type":"Boolean"},"confidence":0.0,"predicate":"p","subject":"a"}""")]
    [InlineData("""  { "subject" : "\u0061", "pr\u0065dicate":"p", "object":{"type":"Boolean","value":true}, "confidence":0e5, "parents":[] }  """)]
    [InlineData("""{"subject":"a","predicate":"p","object":{"Boolean":true},"confidence":0.0000004999}""")]
    public void The_same_claim_written_otherwise_has_the_same_id(string json) => Assert.Equal(Read(Minimal).Id, Read(json).Id);

    [Theory]
    [InlineData("""{"Number":-0.0}""", """{"type":"Number","value":0}""")]
    [InlineData("""{"Number":1}""", """{"type":"Number","value":1}""")]
    [InlineData("""{"Number":1e2}""", """{"type":"Number","value":100}""")]
    [InlineData("""{"type":"Number","value":0.1}""", """{"type":"Number","value":0.1}""")]
    [InlineData("""{"value":-9223372036854775808,"type":"Integer"}""", """{"type":"Integer","value":-9223372036854775808}""")]
    [InlineData("""{"Integer":9223372036854775807}""", """{"type":"Integer","value":9223372036854775807}""")]
    [InlineData("""{"Boolean":false}""", """{"type":"Boolean","value":false}""")]
    [InlineData("""{"Text":""}""", """{"type":"Text","value":""}""")]
    [InlineData("""{"Text":"a\u00e4\ud834\udd1e"}""", """{"type":"Text","value":"a\u00E4\uD834\uDD1E"}""")]
    [InlineData("""{"Reference":"fda://drug"}""", """{"type":"Reference","value":"fda://drug"}""")]
    public void Both_shapes_of_a_value_are_read_and_the_first_is_written(string given, string written)
    {
        var posted = Read($$"""{"subject":"a","predicate":"p","object":{{given}},"confidence":0}""");

        Assert.Equal(written, Text(json => AssertionJson.WriteObject(json, posted.Assertion.Object)));
    }

    [Theory]
    [InlineData("1", 1_000_000)]
    [InlineData("1.0000000000000000000000000000", 1_000_000)]
    [InlineData("0.9", 900_000)]
    [InlineData("0.8275555", 827_556)]
    [InlineData("0.82755549999", 827_555)]
    [InlineData("0.0000005", 1)]
    [InlineData("1e-6", 1)]
    [InlineData("1e-400", 0)]
    [InlineData("-0.0", 0)]
    [InlineData("9.99999E-1", 999_999)]
    public void A_confidence_is_rounded_half_up_from_its_decimal_digits(string written, int ppm) =>
        Assert.Equal((uint)ppm, Read(Minimal.Replace(":0}", $":{written}}}", StringComparison.Ordinal)).Assertion.ConfidencePpm);

    [Theory]
    [InlineData("1", SourceClass.PeerReviewed)]
    [InlineData("\"peerreviewed\"", SourceClass.PeerReviewed)]
    [InlineData("\"Clinical\"", SourceClass.PeerReviewed)]
    [InlineData("0", SourceClass.Regulatory)]
    [InlineData("\"Anecdotal\"", SourceClass.Anecdotal)]
    public void A_source_class_is_a_number_or_a_name(string written, SourceClass tier) =>
        Assert.Equal(tier, Read(Minimal[..^1] + $",\"sourceClass\":{written}}}").Assertion.StatedClass);

    [Fact]
    public void What_is_written_is_read_back_to_the_same_id() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            var assertion = SampleAssertions.Draw(new Prng(seed));
            var id = AssertionCodec.IdOf(assertion);
            var posted = Read(Text(json => AssertionJson.Write(json, id, assertion)));

            Assert.Equal(id, posted.Id);
            Assert.Equal(assertion, posted.Assertion);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_signature_is_checked_against_the_id()
    {
        var signature = Convert.ToHexString(Ed25519.Sign(SampleAssertions.AliceSeed, AssertionCodec.IdOf(SampleAssertions.Smallest with { Agent = SampleAssertions.Alice })));
        var signed = Minimal[..^1] + $",\"agent\":\"{SampleAssertions.Alice}\",\"signature\":\"{signature}\"";

        Assert.Null(Read(signed + "}").CheckSignature());
        Assert.Equal(InvalidCodes.SignatureWrong, Read(signed + ",\"nonce\":\"1\"}").CheckSignature()?.Code);
    }

    [Fact]
    public void Damaged_text_is_refused_or_read_and_never_throws() =>
        Prop.ForAll(ArbMap.Default.ArbFor<ulong>(), seed =>
        {
            var random = new Prng(seed);
            var text = Encoding.UTF8.GetBytes(Text(json => AssertionJson.Write(json, default, SampleAssertions.Draw(random))));
            for (var i = 0; i < 50; i++)
            {
                var damaged = text[..(random.Chance(0.2) ? random.Below(text.Length) : text.Length)];
                for (var j = random.Below(4); j > 0 && damaged.Length > 0; j--)
                {
                    damaged[random.Below(damaged.Length)] = random.Chance(0.5) ? "{}[]\",:0N\\u"u8[random.Below(11)] : (byte)random.Next();
                }

                var invalid = AssertionJson.TryRead(damaged, out var posted);
                Assert.Equal(invalid is null, posted is not null);
                Assert.Contains(invalid?.Code ?? InvalidCodes.Empty, InvalidCodes.All.Select(entry => entry.Code));
            }
        }).QuickCheckThrowOnFailure();

    private static PostedAssertion Read(string json)
    {
        Assert.Null(AssertionJson.TryRead(Encoding.UTF8.GetBytes(json), out var posted));
        return posted!;
    }

    private static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

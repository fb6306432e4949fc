using System.Text;
using System.Text.Json;
using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Assertions.Lenses;

public sealed class LensAnswerJsonTests
{
    /// <summary>The claims of one file through every lens, as it goes over the wire. Names once published stay.</summary>
    [Fact]
    public void Answers_are_written_as_kept()
    {
        var text = new StringBuilder();
        foreach (var one in LensCase.Read("12-shapes"))
        {
            foreach (var question in one.Questions)
            {
                var options = question.Options() with { Explain = question.Query.Contains("explain", StringComparison.Ordinal) };
                text.Append("ask ").Append(question.Query).Append('\n')
                    .Append(Indented(Lens.Resolve(LensCase.Fold(one.Records), options).ToJson())).Append("\n\n");
            }
        }

        Golden.Check("Assertions", "lens-answers", text.ToString());
    }

    [Fact]
    public void Every_decision_and_reason_has_a_name()
    {
        Assert.Equal(Enum.GetValues<DecisionRule>().Length, ExplanationJson.Rules.Length);
        Assert.Equal(Enum.GetNames<DecisionRule>().Select(name => name.ToLowerInvariant()), ExplanationJson.Rules.Select(rule => rule.Name));
        Assert.Equal(Enum.GetNames<DecisionAbout>().Select(name => name.ToLowerInvariant()), ExplanationJson.About);
        Assert.Equal(Enum.GetNames<ExclusionReason>().Select(name => name.ToLowerInvariant()), ExplanationJson.Reasons);
    }

    [Fact]
    public void Members_go_into_an_object_of_the_caller()
    {
        var answer = Lens.Resolve([LensWorld.Claim(ClaimObject.Text("x"), 5).State], new LensOptions());
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("subject", "s");
            LensAnswerJson.WriteMembers(json, answer);
            json.WriteEndObject();
        }

        Assert.Equal("{\"subject\":\"s\"," + Encoding.UTF8.GetString(answer.ToJson())[1..], Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private static string Indented(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document, Layout);
    }

    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, IndentSize = 1 };
}

using System.Text.Json;
using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>What decided, as JSON: stable names for programs, a sentence for people.</summary>
internal static class ExplanationJson
{
    public static void Write(Utf8JsonWriter json, LensAnswer answer)
    {
        json.WriteStartObject("explain");
        json.WriteStartArray("decisions");
        foreach (var decision in answer.Decisions)
        {
            Write(json, decision);
        }

        json.WriteEndArray();
        json.WriteStartArray("excluded");
        foreach (var exclusion in answer.Excluded)
        {
            json.WriteStartObject();
            json.WriteString("id", exclusion.Id.ToString());
            json.WriteString("reason", Reasons[(int)exclusion.Reason]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Decision decision)
    {
        json.WriteStartObject();
        json.WriteString("about", About[(int)decision.About]);
        if (decision.Within is { } tier)
        {
            json.WriteString("within", SourceClasses.NameOf(tier));
        }

        var (rule, because) = Rules[(int)decision.Rule];
        json.WriteString("rule", rule);
        json.WriteString("because", because);
        LensAnswerJson.WriteIds(json, "ids", decision.Ids);
        if (decision.Scores.Count > 0)
        {
            json.WriteStartArray("scores");
            foreach (var score in decision.Scores)
            {
                json.WriteNumberValue(score);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    internal static readonly string[] About = ["claim", "value", "tier"];

    internal static readonly string[] Reasons = ["retracted", "rejected", "lifecycle", "tier", "validity"];

    /// <summary>In the order of <see cref="DecisionRule"/>.</summary>
    internal static readonly (string Name, string Because)[] Rules =
    [
        ("only", "there is no other"),
        ("confidence", "it has the higher confidence"),
        ("agents", "more distinct agents state it"),
        ("votes", "its votes have the higher sum"),
        ("authority", "its confidence, tier weight and trust have the higher product"),
        ("weight", "the claims for it have the higher sum of confidences"),
        ("tier", "its tier is the more authoritative one"),
        ("physical", "equal so far, it was accepted later"),
        ("logical", "equal so far and accepted in the same millisecond, its logical counter is higher"),
        ("node", "equal so far and accepted at the same time, the id of its node is greater"),
        ("id", "equal so far and accepted at the same time by one node, its own id is greater"),
    ];
}

using System.Globalization;
using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;

namespace Trefoil.Unit.Assertions.Lenses;

/// <summary>A question of a case, and the lines its answer must have.</summary>
internal sealed class LensQuestion(string query)
{
    public string Query => query;

    public List<string> Expected { get; } = [];

    /// <summary>The query as a URL would have it, but that agents have names, days a d, and <c>now</c> is among the parameters.</summary>
    public LensOptions Options()
    {
        long? now = null;
        var reader = new LensQuery();
        foreach (var part in query.Split('&'))
        {
            var (name, value) = (part.Split('=')[0], part.Split('=')[1]);
            if (name == "now")
            {
                now = LensCase.Ms(value);
                continue;
            }

            value = name switch
            {
                "asOf" or "validAt" => LensCase.Ms(value).ToString(CultureInfo.InvariantCulture),
                "trust" => string.Join(',', value.Split(',').Select(one => $"{LensCase.Agent(one.Split(':')[0])}:{one.Split(':')[1]}")),
                _ => value,
            };
            if (reader.Set(name, value) is { } invalid)
            {
                throw new FormatException(invalid.Reason);
            }
        }

        return reader.Options with { NowMs = now, Explain = true };
    }

    /// <summary>The answer in lines of the kinds that are expected.</summary>
    public string Lines(LensAnswer answer)
    {
        var kinds = Expected.Select(line => line.Split(' ')[0]).Concat(["winner", "candidates"]).ToHashSet();
        return string.Join('\n', All(answer).Where(line => kinds.Contains(line.Split(' ')[0])));
    }

    private static IEnumerable<string> All(LensAnswer answer) =>
    [
        $"winner {(answer.Winner is { } winner ? Name(winner.Id) : "none")}",
        $"candidates {answer.Candidates}",
        $"confidence {Share(answer.ConfidencePpm)}",
        $"conflict {Share(answer.ConflictPpm)}",
        $"verdict {answer.Verdict?.ToString() ?? "none"}",
        .. answer.Groups.Select(group =>
            $"group {group.Object} share={Share(group.SharePpm)} weight={Share(group.WeightPpm)} agents={group.Agents} claims={Names(group.Claims)} speaker={Name(group.Speaker.Id)}"),
        .. answer.Tiers.Select(tier => $"tier {tier.Tier} winner={Name(tier.Winner.Id)} candidates={tier.Candidates} conflict={Share(tier.ConflictPpm)}"),
        $"claims {Names(answer.Claims)}".TrimEnd(),
        .. answer.Decisions.Select(By),
        .. answer.Excluded.Select(one => $"out {Name(one.Id)} {ExplanationJson.Reasons[(int)one.Reason]}"),
        .. answer.Excluded.Count == 0 ? ["out none"] : Array.Empty<string>(),
    ];

    private static string By(Decision decision) => string.Join(' ', ((string[])
    [
        "by",
        decision.Within is { } tier ? $"{ExplanationJson.About[(int)decision.About]}:{tier}" : ExplanationJson.About[(int)decision.About],
        ExplanationJson.Rules[(int)decision.Rule].Name,
        string.Join('>', decision.Ids.Select(Name)),
        decision.Rule is >= DecisionRule.Confidence and <= DecisionRule.Weight
            ? string.Join('>', decision.Scores.Select(score => score.ToString("0.##########", CultureInfo.InvariantCulture)))
            : "",
    ]).Where(word => word.Length > 0));

    private static string Name(AssertionId id) => id.ToString()[..1];

    private static string Names(IEnumerable<LensClaim> claims) => string.Join(',', claims.Select(claim => Name(claim.Id)));

    private static string Share(long ppm) => Ppm.ToDecimal(ppm).ToString("0.######", CultureInfo.InvariantCulture);
}

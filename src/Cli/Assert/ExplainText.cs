using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Trefoil.Cli.Assert;

/// <summary>Why a lens answered as it did: each choice, what made the difference, and between which claims. Pure.</summary>
internal static class ExplainText
{
    public static string Of(JsonElement answer)
    {
        var text = new StringBuilder();
        var made = answer.Member("winner").Member("assertion");
        var value = made.ValueKind == JsonValueKind.Object ? Screen.Value(made.Member("object")) : "nothing";
        text.Append(CultureInfo.InvariantCulture, $"{Screen.Safe(answer.Said("subject"))} {Screen.Safe(answer.Said("predicate"))}: {value}\n");
        text.Append(CultureInfo.InvariantCulture, $"  lens {Screen.Safe(answer.Said("lens"))}, {Claims(answer.Said("candidates"))}, confidence {answer.Said("confidence")}, conflict {answer.Said("conflict")}");
        text.Append(answer.Said("verdict") is { Length: > 0 } verdict ? $" ({Screen.Safe(verdict)})\n" : "\n");
        var values = Values(answer);
        foreach (var decision in answer.Member("explain").Each("decisions"))
        {
            Append(text, decision, values);
        }

        var excluded = answer.Member("explain").Each("excluded").ToList();
        if (excluded.Count > 0)
        {
            text.Append("  not counted\n");
            foreach (var claim in excluded)
            {
                text.Append(CultureInfo.InvariantCulture, $"    {Screen.Safe(claim.Said("id"))}  {Screen.Safe(claim.Said("reason"))}\n");
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, JsonElement decision, Dictionary<string, string> values)
    {
        var within = decision.Said("within") is { Length: > 0 } tier ? $" within {Screen.Safe(tier)}" : "";
        text.Append(CultureInfo.InvariantCulture, $"  the {Screen.Safe(decision.Said("about"))}{within}: {Screen.Safe(decision.Said("because"))} (rule {Screen.Safe(decision.Said("rule"))})\n");
        var scores = decision.Each("scores").Select(score => score.GetRawText()).ToList();
        foreach (var (id, index) in decision.Each("ids").Select((id, index) => (id.ToString(), index)))
        {
            var score = index < scores.Count ? $"  {scores[index]}" : "";
            var value = values.TryGetValue(id, out var known) ? $"  {known}" : "";
            text.Append(CultureInfo.InvariantCulture, $"    {(index == 0 ? "this   " : "not    ")}{Screen.Safe(id)}{score}{value}\n");
        }
    }

    /// <summary>The values of the claims that the answer shows, by id.</summary>
    private static Dictionary<string, string> Values(JsonElement answer)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var claims = answer.Each("claims").Concat(answer.Each("tiers").Select(tier => tier.Member("winner"))).Append(answer.Member("winner"));
        foreach (var made in claims.Select(claim => claim.Member("assertion")).Where(made => made.ValueKind == JsonValueKind.Object))
        {
            values[made.Said("id")] = Screen.Value(made.Member("object"));
        }

        foreach (var group in answer.Each("groups"))
        {
            foreach (var id in group.Each("ids"))
            {
                values[id.ToString()] = Screen.Value(group.Member("object"));
            }
        }

        return values;
    }

    private static string Claims(string count) => count == "1" ? "1 claim" : $"{count} claims";
}

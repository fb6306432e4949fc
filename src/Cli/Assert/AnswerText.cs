using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Trefoil.Cli.Assert;

/// <summary>Answers of lenses as text. Pure.</summary>
internal static class AnswerText
{
    /// <summary>The columns of <see cref="Rows"/>.</summary>
    public static readonly string[] Head = ["SUBJECT", "PREDICATE", "VALUE", "CONFIDENCE", "TIER", "CLAIMS", "CONFLICT", "NOTE", "ID"];

    /// <summary>A row per answer, and below it one per group of equal values, tier or claim if the lens shows those.</summary>
    public static IEnumerable<string[]> Rows(JsonElement answer)
    {
        var rows = Below(answer).ToList();
        if (answer.Said("lens") != "all" || rows.Count == 0)
        {
            var winner = answer.Member("winner");
            yield return Row(answer, winner, answer.Said("confidence"), answer.Said("candidates"), answer.Said("conflict"), answer.Said("verdict"));
        }

        foreach (var (row, index) in rows.Select((row, index) => (row, index)))
        {
            if (index == 0 && answer.Said("lens") == "all")
            {
                (row[0], row[1]) = (Screen.Safe(answer.Said("subject")), Screen.Safe(answer.Said("predicate")));
            }

            yield return row;
        }
    }

    /// <summary>One claim and what stands about it.</summary>
    public static string Claim(JsonElement claim)
    {
        var made = claim.Member("assertion");
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Screen.Safe(made.Said("subject"))} {Screen.Safe(made.Said("predicate"))} {Screen.Value(made.Member("object"))}\n");
        var lines = new List<(string Name, string Value)> { ("id", made.Said("id")) };
        lines.AddRange(((string[])["confidence", "sourceUri", "sourceHash", "agent", "nonce"]).Select(name => (name, made.Said(name))));
        lines.AddRange(((string[])["assertedAt", "validFrom", "validTo"]).Select(name => (name, Date(made.Said(name)))));
        lines.Add(("tier", claim.Said("tier")));
        lines.Add(("state", claim.Said("state")));
        lines.Add(("accepted", Date(claim.Member("ingested").Said("ms"))));
        lines.Add(("votes", claim.Member("votes").Said("count") is "" or "0" ? "" : $"{claim.Member("votes").Said("count")}, sum {claim.Member("votes").Said("sum")}"));
        lines.Add(("signed", claim.Said("signed") == "true" ? "yes" : ""));
        lines.Add(("retracted", claim.Said("retracted") == "true" ? "yes" : ""));
        lines.AddRange(made.Each("parents").Select(parent => (parent.Said("kind"), parent.Said("id"))));
        foreach (var (name, value) in lines.Where(line => line.Value.Length > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {Screen.Safe(name),-12}{Screen.Safe(value)}\n");
        }

        return text.ToString();
    }

    /// <summary>Milliseconds since 1970 as a date and time of the world; what is none as it is.</summary>
    public static string Date(string ms) =>
        long.TryParse(ms, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number is > -62_135_596_800_000 and < 253_402_300_800_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(number).ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture)
            : ms;

    private static IEnumerable<string[]> Below(JsonElement answer)
    {
        foreach (var group in answer.Each("groups"))
        {
            var share = decimal.TryParse(group.Said("share"), CultureInfo.InvariantCulture, out var part) ? string.Create(CultureInfo.InvariantCulture, $"{100 * part:0.0} %") : "";
            yield return ["", "  value", Screen.Value(group.Member("object")), group.Said("weight"), "", group.Said("claims"), "", $"{share}, agents {group.Said("agents")}", Screen.Safe(group.Said("speaker"))];
        }

        foreach (var tier in answer.Each("tiers"))
        {
            yield return Named(Row(default, tier.Member("winner"), tier.Said("confidence"), tier.Said("candidates"), tier.Said("conflict"), ""), "  tier");
        }

        foreach (var claim in answer.Each("claims"))
        {
            yield return Named(Row(default, claim, claim.Said("confidence"), "", "", claim.Said("state")), "  claim");
        }
    }

    private static string[] Named(string[] row, string name)
    {
        row[1] = name;
        return row;
    }

    private static string[] Row(JsonElement key, JsonElement claim, string confidence, string candidates, string conflict, string note)
    {
        var made = claim.Member("assertion");
        string[] row =
        [
            key.Said("subject"), key.Said("predicate"), made.ValueKind == JsonValueKind.Object ? Screen.Value(made.Member("object")) : "-",
            confidence, claim.Said("tier"), candidates, conflict, note, made.Said("id"),
        ];
        return [.. row.Select(Screen.Safe)];
    }
}

using System.Text;
using Trefoil.Assertions.Model;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Assertions.Model;

/// <summary>Every kind of wrong input, and what is said of it: code, field, reason.</summary>
public sealed class RefusalTests
{
    private const string Good = """{"subject":"drug/aspirin","predicate":"treats","object":{"Text":"pain"},"confidence":0.9}""";

    private static readonly string Key = SampleAssertions.Alice.ToString();

    /// <summary>A field of the good body replaced.</summary>
    private static readonly (string Field, string Value)[] Replaced =
    [
        ("subject", "7"),
        ("subject", "null"),
        ("subject", "\"\""),
        ("subject", "\"drug//aspirin\""),
        ("subject", "\"/drug\""),
        ("subject", "\"drug/\""),
        ("subject", "\"9x://drug\""),
        ("subject", "\"drug\\u0000\""),
        ("subject", "\"\\ud800\""),
        ("subject", $"\"{new string('s', 1025)}\""),
        ("predicate", "\"\""),
        ("predicate", "\"a\\nb\""),
        ("predicate", $"\"{new string('p', 257)}\""),
        ("object", "7"),
        ("object", "{}"),
        ("object", "{\"Float\":7}"),
        ("object", "{\"Number\":1,\"Text\":\"\"}"),
        ("object", "{\"Number\":NaN}"),
        ("object", "{\"Number\":-Infinity}"),
        ("object", "{\"Number\":\"NaN\"}"),
        ("object", "{\"Number\":1e999}"),
        ("object", "{\"Number\":true}"),
        ("object", "{\"Integer\":1.5}"),
        ("object", "{\"Integer\":9223372036854775808}"),
        ("object", "{\"Boolean\":\"true\"}"),
        ("object", "{\"Reference\":\"a//b\"}"),
        ("object", $"{{\"Text\":\"{new string('t', 65537)}\"}}"),
        ("object", "{\"type\":\"Float\",\"value\":7}"),
        ("object", "{\"type\":\"Number\",\"value\":\"7\"}"),
        ("object", "{\"type\":\"Number\",\"value\":NaN}"),
        ("object", "{\"type\":\"Number\"}"),
        ("object", "{\"value\":7}"),
        ("object", "{\"type\":\"Number\",\"type\":\"Number\",\"value\":7}"),
        ("object", "{\"type\":\"Number\",\"vlaue\":7}"),
        ("confidence", "1.1"),
        ("confidence", "1.0000001"),
        ("confidence", "-0.1"),
        ("confidence", "1e400"),
        ("confidence", "NaN"),
        ("confidence", "\"0.9\""),
    ];

    /// <summary>A field added to the good body.</summary>
    private static readonly (string Field, string Value)[] Added =
    [
        ("subject", "\"drug\""),
        ("sourceclass", "1"),
        ("a/b~c", "1"),
        ("sourceClass", "6"),
        ("sourceClass", "\"Gossip\""),
        ("sourceClass", "true"),
        ("sourceHash", "\"abc\""),
        ("sourceHash", "\"\""),
        ("sourceHash", "\"xy\""),
        ("sourceUri", "\"\""),
        ("sourceUri", $"\"{new string('u', 2049)}\""),
        ("agent", "\"00\""),
        ("agent", $"\"{AgentKey.Administrator}\""),
        ("assertedAt", "\"2026-01-01\""),
        ("assertedAt", "1.5"),
        ("assertedAt", "8640000000000001"),
        ("validFrom", "99999999999999999999"),
        ("validTo", "-8640000000000001"),
        ("validFrom", "5,\"validTo\":5"),
        ("parents", "{}"),
        ("parents", "[7]"),
        ("parents", "[{\"id\":\"00\",\"kind\":\"refines\"}]"),
        ("parents", $"[{{\"id\":\"{Key}\",\"kind\":\"likes\"}}]"),
        ("parents", $"[{{\"id\":\"{Key}\"}}]"),
        ("parents", "[{\"kind\":\"refines\"}]"),
        ("parents", $"[{{\"id\":\"{Key}\",\"kind\":\"refines\",\"why\":1}}]"),
        ("parents", $"[{{\"id\":\"{Key}\",\"id\":\"{Key}\"}}]"),
        ("parents", $"[{{\"id\":\"{Key}\",\"kind\":\"refines\"}},{{\"id\":\"{Key}\",\"kind\":\"refutes\"}}]"),
        ("parents", $"[{string.Join(',', Enumerable.Range(0, 9).Select(i => $"{{\"id\":\"{SampleAssertions.Id(i)}\",\"kind\":\"refines\"}}"))}]"),
        ("lifecycle", "\"Done\""),
        ("lifecycle", "3"),
        ("nonce", "\"\""),
        ("nonce", $"\"{new string('n', 129)}\""),
        ("id", "\"00\""),
        ("id", $"\"{new string('0', 64)}\""),
        ("signature", "\"00\""),
        ("signature", $"\"{new string('0', 128)}\""),
        ("signature", $"\"{new string('0', 128)}\",\"agent\":\"{Key}\""),
    ];

    /// <summary>Bodies that are wrong as a whole.</summary>
    private static readonly (string Name, byte[] Body)[] Whole =
    [
        ("nothing", []),
        ("an array", "[]"u8.ToArray()),
        ("an empty object", "{}"u8.ToArray()),
        ("cut short", Encoding.UTF8.GetBytes(Good[..40])),
        ("two values", Encoding.UTF8.GetBytes(Good + "{}")),
        ("a comment", Encoding.UTF8.GetBytes(Good + "// really")),
        ("a comma too many", Encoding.UTF8.GetBytes(Good[..^1] + ",}")),
        ("bad UTF-8", [.. "{\"subject\":\""u8, 0xC3, 0x28, .. "\"}"u8]),
        ("UTF-16", Encoding.Unicode.GetBytes(Good)),
        ("a megabyte", new byte[AssertionJson.MaxBytes + 1]),
        ("too deep", Encoding.UTF8.GetBytes(Good[..^1] + ",\"parents\":" + new string('[', 9) + new string(']', 9) + "}")),
    ];

    [Fact]
    public void Each_kind_of_wrong_input_is_refused_by_code_field_and_reason() =>
        Golden.Check("Assertions", "refusals", string.Join('\n', Cases().Select(wrong => Line(wrong.Name, wrong.Body))));

    [Fact]
    public void The_codes_are_those_published() =>
        Golden.Check("Assertions", "codes", string.Join('\n', InvalidCodes.All.Select(entry => $"{entry.Code,-24}{entry.Meaning}")));

    /// <summary>A code that nothing is refused with would be a promise to nobody; two come from canonical bytes, one from votes, three from queries, one from a machine without OpenSSL.</summary>
    [Fact]
    public void Each_code_is_met()
    {
        var met = Cases().Select(wrong => Refusal(wrong.Body).Code)
            .Concat([InvalidCodes.EncodingVersion, InvalidCodes.EncodingMalformed, InvalidCodes.VoteOutOfRange, InvalidCodes.SignatureUncheckable,
                InvalidCodes.BadTime, InvalidCodes.TrustOutOfRange, InvalidCodes.TooMany]);

        Assert.Equal(InvalidCodes.All.Select(entry => entry.Code).Order(), met.Distinct().Order());
    }

    private static IEnumerable<(string Name, byte[] Body)> Cases() =>
        Whole.Concat(Replaced.Select(with => ($"{with.Field} = {with.Value}", Encoding.UTF8.GetBytes(Replace(with.Field, with.Value)))))
            .Concat(Added.Select(with => ($"and {with.Field} = {with.Value}", Encoding.UTF8.GetBytes($"{Good[..^1]},\"{with.Field}\":{with.Value}}}"))));

    private static string Replace(string field, string value)
    {
        var begin = Good.IndexOf($"\"{field}\":", StringComparison.Ordinal) + field.Length + 3;
        var end = Good.IndexOf(",\"", begin, StringComparison.Ordinal);
        return Good[..begin] + value + (end < 0 ? "}" : Good[end..]);
    }

    private static string Line(string name, byte[] body)
    {
        var (code, field, reason) = Refusal(body);
        return $"{(name.Length <= 70 ? name : name[..70] + "…")}\n    {code} at '{field}': {reason}";
    }

    private static Invalid Refusal(byte[] body)
    {
        var invalid = AssertionJson.TryRead(body, out var posted) ?? posted!.CheckSignature();
        Assert.True(invalid is not null, $"accepted: {Encoding.UTF8.GetString(body)}");
        return invalid;
    }
}

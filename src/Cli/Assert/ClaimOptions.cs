using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Trefoil.Cli.Assert;

/// <summary>The flags of <c>put</c>, and the claim they say. Everything else about it is for the node to check.</summary>
internal sealed class ClaimOptions
{
    private static readonly string[] Types = ["Text", "Number", "Integer", "Boolean", "Reference"];
    private static readonly string[] Dates = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFK"];

    private readonly Option<string?> _subject = new("--subject") { Description = "What it is about, as drug/aspirin.", HelpName = "PATH" };
    private readonly Option<string?> _predicate = new("--predicate") { Description = "Which property of it, as treats.", HelpName = "NAME" };
    private readonly Option<string?> _value = new("--value") { Description = "What is claimed.", HelpName = "VALUE" };
    private readonly Option<string> _type = new("--type") { Description = $"Of the value: {string.Join(", ", Types)}.", HelpName = "TYPE", DefaultValueFactory = _ => "Text" };
    private readonly Option<decimal?> _confidence = new("--confidence") { Description = "From 0 to 1.", HelpName = "C" };
    private readonly Option<string?> _sourceClass = new("--class") { Description = "Class of the source, from Regulatory to Anecdotal. Default: by the scheme of the subject.", HelpName = "TIER" };
    private readonly Option<string?> _sourceUri = new("--source-uri") { Description = "Where it was found.", HelpName = "URI" };
    private readonly Option<string?> _agent = new("--agent") { Description = "Whose claim it is: a public key, 64 hex digits. A signature has to come as JSON.", HelpName = "KEY" };
    private readonly Option<string?> _asserted = Time("--asserted-at", "When it was claimed: ms since 1970, or a date like 2024-05-01 or 2024-05-01T12:00:00Z.");
    private readonly Option<string?> _validFrom = Time("--valid-from", "From when it holds.");
    private readonly Option<string?> _validTo = Time("--valid-to", "Until when it holds.");
    private readonly Option<string[]> _refines = Parents("--refines", "A claim that this one refines. Repeatable.");
    private readonly Option<string[]> _refutes = Parents("--refutes", "A claim that this one refutes. Repeatable.");
    private readonly Option<string[]> _supersedes = Parents("--supersedes", "A claim that this one takes the place of. Repeatable.");
    private readonly Option<string?> _nonce = new("--nonce") { Description = "Makes a second claim of what would otherwise be the same one.", HelpName = "TEXT" };

    public IEnumerable<Option> All =>
    [
        _subject, _predicate, _value, _type, _confidence, _sourceClass, _sourceUri, _agent, _asserted, _validFrom, _validTo, _refines, _refutes, _supersedes, _nonce,
    ];

    /// <summary>The claim as JSON, or what is missing or no value.</summary>
    public (byte[]? Json, string Problem) Claim(ParseResult parsed)
    {
        foreach (var option in (Option<string?>[])[_subject, _predicate, _value])
        {
            if (parsed.GetValue(option) is null)
            {
                return (null, $"{option.Name} is missing: say --subject, --predicate, --value and --confidence, or give - and a JSON object on stdin.");
            }
        }

        if (parsed.GetValue(_confidence) is not { } confidence)
        {
            return (null, "--confidence is missing: how sure the source is, from 0 to 1.");
        }

        var (type, value) = (parsed.GetValue(_type)!, parsed.GetValue(_value)!);
        if (!IsOf(type, value))
        {
            return (null, Types.Contains(type) ? $"'{value}' is no {type}." : $"'{type}' is no type of value: {string.Join(", ", Types)}.");
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("subject", parsed.GetValue(_subject));
            json.WriteString("predicate", parsed.GetValue(_predicate));
            WriteValue(json, type, value);
            json.WriteNumber("confidence", confidence);
            foreach (var (name, option) in ((string, Option<string?>)[])[("sourceClass", _sourceClass), ("sourceUri", _sourceUri), ("agent", _agent)])
            {
                WriteText(json, name, parsed.GetValue(option));
            }

            foreach (var (name, option) in ((string, Option<string?>)[])[("assertedAt", _asserted), ("validFrom", _validFrom), ("validTo", _validTo)])
            {
                if (parsed.GetValue(option) is { } text)
                {
                    json.WriteNumber(name, Milliseconds(text)!.Value);
                }
            }

            WriteParents(json, parsed);
            WriteText(json, "nonce", parsed.GetValue(_nonce));
            json.WriteEndObject();
        }

        return (buffer.WrittenSpan.ToArray(), "");
    }

    /// <summary>True if a flag of the claim is given.</summary>
    public bool IsAnyGiven(ParseResult parsed) => All.Any(option => parsed.GetResult(option) is { Implicit: false });

    private static Option<string[]> Parents(string name, string description) => new(name) { Description = description, HelpName = "ID" };

    private static Option<string?> Time(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "TIME" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => Milliseconds(token.Value) is null) is { } wrong)
            {
                result.AddError($"'{wrong.Value}' is no time for {name}: give ms since 1970, or a date like 2024-05-01 or 2024-05-01T12:00:00Z.");
            }
        });
        return option;
    }

    private static long? Milliseconds(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ms) ? ms
        : DateTimeOffset.TryParseExact(text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) ? date.ToUnixTimeMilliseconds()
        : null;

    private static bool IsOf(string type, string value) => type switch
    {
        "Text" or "Reference" => true,
        "Integer" => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "Number" => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number),
        "Boolean" => value is "true" or "false",
        _ => false,
    };

    private static void WriteValue(Utf8JsonWriter json, string type, string value)
    {
        json.WriteStartObject("object");
        json.WriteString("type", type);
        switch (type)
        {
            case "Integer":
                json.WriteNumber("value", long.Parse(value, CultureInfo.InvariantCulture));
                break;
            case "Number":
                json.WriteNumber("value", double.Parse(value, CultureInfo.InvariantCulture));
                break;
            case "Boolean":
                json.WriteBoolean("value", value == "true");
                break;
            default:
                json.WriteString("value", value);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private void WriteParents(Utf8JsonWriter json, ParseResult parsed)
    {
        var parents = ((string Kind, Option<string[]> Option)[])[("refines", _refines), ("refutes", _refutes), ("supersedes", _supersedes)];
        var given = parents.SelectMany(parent => (parsed.GetValue(parent.Option) ?? []).Select(id => (parent.Kind, Id: id))).ToList();
        if (given.Count == 0)
        {
            return;
        }

        json.WriteStartArray("parents");
        foreach (var (kind, id) in given)
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("kind", kind);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

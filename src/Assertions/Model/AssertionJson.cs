using System.Text.Json;

namespace Trefoil.Assertions.Model;

/// <summary>Assertions as JSON: <c>{"subject":"drug/aspirin","predicate":"treats","object":{"Text":"pain"},"confidence":0.9}</c>.</summary>
public static partial class AssertionJson
{
    /// <summary>Longest body of one assertion, in bytes: every text escaped as \u00XX, and as much again for layout.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Writes the members of an assertion into an object that is open: id, then the stated fields in canonical order.</summary>
    public static void WriteMembers(Utf8JsonWriter json, AssertionId id, Assertion assertion)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(assertion);
        json.WriteString("id", id.ToString());
        json.WriteString("subject", assertion.Subject.Span);
        json.WriteString("predicate", assertion.Predicate.Span);
        json.WritePropertyName("object");
        WriteObject(json, assertion.Object);
        json.WriteNumber("confidence", Ppm.ToDecimal(assertion.ConfidencePpm));
        if (assertion.StatedClass is { } tier)
        {
            json.WriteString("sourceClass", SourceClasses.NameOf(tier));
        }

        if (!assertion.SourceHash.IsEmpty)
        {
            json.WriteString("sourceHash", Convert.ToHexStringLower(assertion.SourceHash.Span));
        }

        WriteText(json, "sourceUri", assertion.SourceUri);
        if (!assertion.Agent.IsAnonymous)
        {
            json.WriteString("agent", assertion.Agent.ToString());
        }

        WriteTime(json, "assertedAt", assertion.AssertedAtMs);
        WriteTime(json, "validFrom", assertion.ValidFromMs);
        WriteTime(json, "validTo", assertion.ValidToMs);
        WriteParents(json, assertion.Parents);
        if (assertion.StatedLifecycle is { } state)
        {
            json.WriteString("lifecycle", Lifecycles.NameOf(state));
        }

        WriteText(json, "nonce", assertion.Nonce);
    }

    /// <summary>Writes an assertion as a JSON object that <c>TryRead</c> reads back to the same id.</summary>
    public static void Write(Utf8JsonWriter json, AssertionId id, Assertion assertion)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        WriteMembers(json, id, assertion);
        json.WriteEndObject();
    }

    /// <summary>Writes a value in its first shape: <c>{"type":"Number","value":1}</c>.</summary>
    public static void WriteObject(Utf8JsonWriter json, ClaimObject value)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("type", ClaimObject.NameOf(value.Kind));
        json.WritePropertyName("value");
        switch (value.Kind)
        {
            case ObjectKind.Number:
                json.WriteNumberValue(value.AsNumber);
                break;
            case ObjectKind.Integer:
                json.WriteNumberValue(value.AsInteger);
                break;
            case ObjectKind.Boolean:
                json.WriteBooleanValue(value.AsBoolean);
                break;
            default:
                json.WriteStringValue(value.AsText.Span);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, Utf8Text text)
    {
        if (!text.IsEmpty)
        {
            json.WriteString(name, text.Span);
        }
    }

    private static void WriteTime(Utf8JsonWriter json, string name, long? ms)
    {
        if (ms is { } given)
        {
            json.WriteNumber(name, given);
        }
    }

    private static void WriteParents(Utf8JsonWriter json, IReadOnlyList<ParentLink> parents)
    {
        if (parents.Count == 0)
        {
            return;
        }

        json.WriteStartArray("parents");
        foreach (var parent in parents)
        {
            json.WriteStartObject();
            json.WriteString("id", parent.Id.ToString());
            json.WriteString("kind", ParentLink.NameOf(parent.Kind));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

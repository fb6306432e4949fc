using System.Buffers;
using System.Text.Json;
using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>Answers as JSON, each field in its fixed place, so that equal answers are equal bytes.</summary>
public static class LensAnswerJson
{
    /// <summary>Writes the members of an answer into an object that is open.</summary>
    public static void WriteMembers(Utf8JsonWriter json, LensAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(answer);
        WriteOptions(json, answer.Options);
        json.WritePropertyName("winner");
        if (answer.Winner is { } winner)
        {
            ClaimJson.Write(json, winner);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteNumber("candidates", answer.Candidates);
        json.WriteNumber("confidence", Ppm.ToDecimal(answer.ConfidencePpm));
        json.WriteNumber("conflict", Ppm.ToDecimal(answer.ConflictPpm));
        if (answer.Verdict is { } verdict)
        {
            json.WriteString("verdict", Verdicts[(int)verdict]);
        }

        switch (answer.Options.Lens)
        {
            case LensKind.Consensus or LensKind.Skeptic:
                WriteGroups(json, answer.Groups);
                break;
            case LensKind.Layered:
                WriteTiers(json, answer.Tiers);
                break;
            case LensKind.All:
                json.WriteStartArray("claims");
                foreach (var claim in answer.Claims)
                {
                    ClaimJson.Write(json, claim);
                }

                json.WriteEndArray();
                break;
        }

        if (answer.Options.Explain)
        {
            ExplanationJson.Write(json, answer);
        }
    }

    /// <summary>Writes an answer as a JSON object.</summary>
    public static void Write(Utf8JsonWriter json, LensAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        WriteMembers(json, answer);
        json.WriteEndObject();
    }

    internal static byte[] ToBytes(LensAnswer answer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, answer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    internal static void WriteIds(Utf8JsonWriter json, string name, IEnumerable<AssertionId> ids)
    {
        json.WriteStartArray(name);
        foreach (var id in ids)
        {
            json.WriteStringValue(id.ToString());
        }

        json.WriteEndArray();
    }

    /// <summary>The question as it was understood, without what is at its default.</summary>
    private static void WriteOptions(Utf8JsonWriter json, LensOptions options)
    {
        json.WriteString("lens", LensKinds.NameOf(options.Lens));
        WriteTime(json, "asOf", options.AsOfMs);
        WriteTime(json, "validAt", options.ValidAtMs);
        if (options.MinTier is { } tier)
        {
            json.WriteString("minTier", SourceClasses.NameOf(tier));
        }

        if (options.Lifecycle is { } states)
        {
            json.WriteStartArray("lifecycle");
            foreach (var state in states.States)
            {
                json.WriteStringValue(Lifecycles.NameOf(state));
            }

            json.WriteEndArray();
        }

        WriteTime(json, "decayedTo", options.Decay ? options.AsOfMs ?? options.NowMs : null);
    }

    private static void WriteTime(Utf8JsonWriter json, string name, long? ms)
    {
        if (ms is { } given)
        {
            json.WriteNumber(name, given);
        }
    }

    private static void WriteGroups(Utf8JsonWriter json, IReadOnlyList<ValueGroup> groups)
    {
        json.WriteStartArray("groups");
        foreach (var group in groups)
        {
            json.WriteStartObject();
            json.WritePropertyName("object");
            AssertionJson.WriteObject(json, group.Object);
            json.WriteNumber("share", Ppm.ToDecimal(group.SharePpm));
            json.WriteNumber("weight", Ppm.ToDecimal(group.WeightPpm));
            json.WriteNumber("agents", group.Agents);
            json.WriteNumber("claims", group.Claims.Count);
            json.WriteString("speaker", group.Speaker.Id.ToString());
            WriteIds(json, "ids", group.Claims.Select(claim => claim.Id));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTiers(Utf8JsonWriter json, IReadOnlyList<TierAnswer> tiers)
    {
        json.WriteStartArray("tiers");
        foreach (var tier in tiers)
        {
            json.WriteStartObject();
            json.WriteString("tier", SourceClasses.NameOf(tier.Tier));
            json.WritePropertyName("winner");
            ClaimJson.Write(json, tier.Winner);
            json.WriteNumber("candidates", tier.Candidates);
            json.WriteNumber("confidence", Ppm.ToDecimal(tier.Winner.ConfidencePpm));
            json.WriteNumber("conflict", Ppm.ToDecimal(tier.ConflictPpm));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static readonly string[] Verdicts = ["Unanimous", "Agreed", "Contested"];
}

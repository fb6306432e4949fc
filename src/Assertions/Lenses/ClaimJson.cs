using System.Text.Json;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;

namespace Trefoil.Assertions.Lenses;

/// <summary>A claim as JSON: the assertion as it was stated, then what its records come to.</summary>
public static class ClaimJson
{
    /// <summary>Writes a claim as a lens counts it.</summary>
    public static void Write(Utf8JsonWriter json, LensClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        Write(json, claim.State, claim.ConfidencePpm);
    }

    /// <summary>Writes a claim with its stated confidence.</summary>
    public static void Write(Utf8JsonWriter json, ClaimState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Write(json, state, state.Assertion.ConfidencePpm);
    }

    /// <summary>Writes the members of a claim, with its stated confidence, into an object that is open.</summary>
    public static void WriteMembers(Utf8JsonWriter json, ClaimState state)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(state);
        WriteMembers(json, state, state.Assertion.ConfidencePpm);
    }

    private static void Write(Utf8JsonWriter json, ClaimState state, uint confidencePpm)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        WriteMembers(json, state, confidencePpm);
        json.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter json, ClaimState state, uint confidencePpm)
    {
        json.WritePropertyName("assertion");
        AssertionJson.Write(json, state.Id, state.Assertion);
        json.WriteStartObject("ingested");
        json.WriteNumber("ms", state.Ingested.PhysicalMs);
        json.WriteNumber("counter", state.Ingested.Counter);
        json.WriteString("node", state.Ingested.Node.ToString());
        json.WriteEndObject();
        json.WriteString("tier", SourceClasses.NameOf(state.Assertion.EffectiveClass));
        json.WriteString("state", Lifecycles.NameOf(state.Lifecycle));
        json.WriteNumber("confidence", Ppm.ToDecimal(confidencePpm));
        json.WriteStartObject("votes");
        json.WriteNumber("sum", Ppm.ToDecimal(state.VoteSumPpm));
        json.WriteNumber("count", state.Votes.Count);
        json.WriteEndObject();
        json.WriteBoolean("signed", state.IsSigned);
        json.WriteNumber("cosigners", state.Signers.Count - (state.IsSigned ? 1 : 0));
        json.WriteBoolean("retracted", state.IsRetracted);
    }
}

using System.Text.Json;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Http;

/// <summary>Records as a feed tells of them. Names once published stay.</summary>
internal static class RecordJson
{
    /// <summary>The event of a record: what kind it is.</summary>
    public static string NameOf(Record record) => record switch
    {
        Record.Claim => "claim",
        Record.Signature => "signature",
        Record.Vote => "vote",
        Record.Retraction => "retraction",
        Record.LifecycleEvent => "lifecycle",
        _ => "redaction",
    };

    /// <summary>The members of a record.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Record record)
    {
        json.WriteString("id", record.Id.ToString());
        switch (record)
        {
            case Record.Claim claim:
                WriteTime(json, claim.Ingested);
                if (!claim.Body.IsEmpty && AssertionCodec.TryDecode(claim.Body, out var assertion) is null)
                {
                    json.WritePropertyName("assertion");
                    AssertionJson.Write(json, claim.Id, assertion!);
                }

                break;
            case Record.Signature signature:
                json.WriteString("agent", signature.Agent.ToString());
                break;
            case Record.Vote vote:
                WriteTime(json, vote.At);
                json.WriteString("agent", vote.Agent.ToString());
                json.WriteNumber("value", Ppm.ToDecimal(vote.ValuePpm));
                break;
            case Record.Retraction retraction:
                WriteTime(json, retraction.At);
                json.WriteString("agent", retraction.Agent.ToString());
                break;
            case Record.LifecycleEvent step:
                WriteTime(json, step.At);
                json.WriteString("agent", step.By.ToString());
                json.WriteString("state", Lifecycles.NameOf(step.State));
                break;
            case Record.Redaction redaction:
                WriteTime(json, redaction.At);
                break;
        }
    }

    private static void WriteTime(Utf8JsonWriter json, HybridTime at) => json.WriteString("hlc", SessionToken.Write(at));
}

using System.Globalization;
using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>Reads trust in agents: <c>key:0.5,key:0,anonymous:0.1</c>, a key being 64 hex digits.</summary>
internal static class TrustText
{
    private const string Anonymous = "anonymous";

    public static Invalid? Read(string field, string text, out AgentTrust trust)
    {
        trust = AgentTrust.Full;
        var trusts = new List<(AgentKey Agent, uint Ppm)>();
        foreach (var part in text.Split(','))
        {
            var invalid = trusts.Count == AgentTrust.MaxAgents
                ? new Invalid(InvalidCodes.TooMany, field, $"{field} names more than {AgentTrust.MaxAgents} agents")
                : One(field, part, out var one) ?? Add(trusts, one, field);
            if (invalid is not null)
            {
                return invalid;
            }
        }

        trust = AgentTrust.Of(trusts);
        return null;
    }

    private static Invalid? One(string field, string part, out (AgentKey Agent, uint Ppm) trust)
    {
        trust = default;
        var colon = part.IndexOf(':', StringComparison.Ordinal);
        var key = colon < 0 ? part : part[..colon];
        var agent = AgentKey.Anonymous;
        if (colon < 0 || (key != Anonymous && !AgentKey.TryParse(key, out agent)))
        {
            return new Invalid(InvalidCodes.BadHex, field, $"{field} is written key:0.5,key:1, a key being {AgentKey.HexLength} hex digits or {Anonymous}; this is '{LensQuery.Shown(part)}'");
        }

        var number = part[(colon + 1)..];
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || !Ppm.TryFrom(value, Ppm.One, out var ppm))
        {
            return new Invalid(InvalidCodes.TrustOutOfRange, field, $"trust is a number between 0 and 1, this is '{LensQuery.Shown(number)}'");
        }

        trust = (agent, (uint)ppm);
        return null;
    }

    private static Invalid? Add(List<(AgentKey Agent, uint Ppm)> trusts, (AgentKey Agent, uint Ppm) one, string field)
    {
        if (trusts.Exists(trust => trust.Agent == one.Agent))
        {
            return new Invalid(InvalidCodes.DuplicateField, field, $"{field} names {one.Agent} twice");
        }

        trusts.Add(one);
        return null;
    }
}

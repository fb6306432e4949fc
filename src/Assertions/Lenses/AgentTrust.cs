using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Lenses;

/// <summary>How far agents are trusted, 0..<see cref="Ppm.One"/>; whoever is not named is trusted fully.</summary>
public sealed class AgentTrust
{
    /// <summary>Most agents that one can name.</summary>
    public const int MaxAgents = 1024;

    /// <summary>Everybody is trusted fully.</summary>
    public static readonly AgentTrust Full = new([]);

    private readonly AgentKey[] _agents;
    private readonly uint[] _ppm;

    private AgentTrust((AgentKey Agent, uint Ppm)[] sorted)
    {
        _agents = [.. sorted.Select(trust => trust.Agent)];
        _ppm = [.. sorted.Select(trust => trust.Ppm)];
    }

    public int Count => _agents.Length;

    /// <summary>Trust in some agents. An agent named twice, too many of them, or a trust beyond 1.0 is misuse and throws.</summary>
    public static AgentTrust Of(params IEnumerable<(AgentKey Agent, uint Ppm)> trusts)
    {
        var sorted = trusts.OrderBy(trust => trust.Agent).ToArray();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sorted.Length, MaxAgents, nameof(trusts));
        for (var i = 0; i < sorted.Length; i++)
        {
            if (sorted[i].Ppm > Ppm.One || (i > 0 && sorted[i].Agent == sorted[i - 1].Agent))
            {
                throw new ArgumentException($"the trust in {sorted[i].Agent} is beyond 1 or given twice", nameof(trusts));
            }
        }

        return sorted.Length == 0 ? Full : new AgentTrust(sorted);
    }

    /// <summary>Trust in an agent, in parts per million.</summary>
    public uint In(AgentKey agent) => Array.BinarySearch(_agents, agent) is >= 0 and var at ? _ppm[at] : Ppm.One;

    /// <summary>These opinions over others: where both name an agent, these hold.</summary>
    public AgentTrust Over(AgentTrust lower)
    {
        ArgumentNullException.ThrowIfNull(lower);
        return Of(Named.Concat(lower.Named.Where(trust => Array.BinarySearch(_agents, trust.Agent) < 0)));
    }

    private IEnumerable<(AgentKey Agent, uint Ppm)> Named => _agents.Zip(_ppm);
}

using System.Globalization;
using Trefoil.KeyValue.Server;
using Trefoil.KeyValue.Store;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>CONFIG parameters about memory: the limit, what goes when it is reached, how use is measured.</summary>
internal static class MemoryParameters
{
    public static IEnumerable<ConfigParameter> All =>
    [
        ConfigParameter.Memory("maxmemory", 0, long.MaxValue, s => s.MaxMemory, (s, v) => s.MaxMemory = v) with { Apply = SetMaxMemory },
        ConfigParameter.OneOf(
            "maxmemory-policy",
            [.. EvictionPolicies.Names],
            server => EvictionPolicies.NameOf(server.Settings.MaxMemoryPolicy),
            SetPolicy),
        ConfigParameter.Integer("maxmemory-samples", 1, int.MaxValue, s => s.MaxMemorySamples, (s, v) => s.MaxMemorySamples = (int)v),
        ConfigParameter.Integer("maxmemory-eviction-tenacity", 0, 100, s => s.EvictionTenacity, (s, v) => s.EvictionTenacity = (int)v),
        Clock("lfu-log-factor", clock => clock.LogFactor, (clock, value) => clock.LogFactor = value),
        Clock("lfu-decay-time", clock => clock.DecayMinutes, (clock, value) => clock.DecayMinutes = value),
    ];

    private static void SetMaxMemory(KeyValueServer server, string value)
    {
        server.Settings.MaxMemory = MemoryText.TryParse(value)!.Value;
        server.MaxMemoryChanged(server.Settings.MaxMemory);
    }

    /// <summary>
    /// As in Redis what stands beside keys keeps its bits when their meaning changes, except before the first client: there a node reads its
    /// settings after its keys.
    /// </summary>
    private static void SetPolicy(KeyValueServer server, string value)
    {
        var policy = EvictionPolicies.Parse(value)!.Value;
        var clock = server.Store.Clock;
        server.Settings.MaxMemoryPolicy = policy;
        clock.IsUsed = policy.UsesClock();
        if (clock.CountsAccesses != policy.IsFrequency())
        {
            clock.CountsAccesses = policy.IsFrequency();
            if (server.Clients.Count == 0)
            {
                server.Store.RestartClocks();
            }
        }
    }

    private static ConfigParameter Clock(string name, Func<AccessClock, int> get, Action<AccessClock, int> set) =>
        ConfigParameter.Integer(name, 0, int.MaxValue, _ => 0, (_, _) => { }) with
        {
            Get = server => get(server.Store.Clock).ToString(CultureInfo.InvariantCulture),
            Apply = (server, value) => set(server.Store.Clock, int.Parse(value, CultureInfo.InvariantCulture)),
        };
}

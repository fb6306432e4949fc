namespace Trefoil.KeyValue.Store;

/// <summary>Which keys go when memory is full: Redis' maxmemory-policy.</summary>
internal enum EvictionPolicy
{
    /// <summary>None: what would need more memory is refused.</summary>
    NoEviction,

    /// <summary>The least recently used of all.</summary>
    AllKeysLru,

    /// <summary>The least recently used of those with an expiry.</summary>
    VolatileLru,

    /// <summary>The least frequently used of all.</summary>
    AllKeysLfu,

    /// <summary>The least frequently used of those with an expiry.</summary>
    VolatileLfu,

    /// <summary>Any.</summary>
    AllKeysRandom,

    /// <summary>Any of those with an expiry.</summary>
    VolatileRandom,

    /// <summary>Those whose time comes first.</summary>
    VolatileTtl,
}

/// <summary>Names and properties of policies.</summary>
internal static class EvictionPolicies
{
    /// <summary>In the order in which Redis lists them.</summary>
    private static readonly (string Name, EvictionPolicy Policy)[] Known =
    [
        ("volatile-lru", EvictionPolicy.VolatileLru),
        ("volatile-lfu", EvictionPolicy.VolatileLfu),
        ("volatile-random", EvictionPolicy.VolatileRandom),
        ("volatile-ttl", EvictionPolicy.VolatileTtl),
        ("allkeys-lru", EvictionPolicy.AllKeysLru),
        ("allkeys-lfu", EvictionPolicy.AllKeysLfu),
        ("allkeys-random", EvictionPolicy.AllKeysRandom),
        ("noeviction", EvictionPolicy.NoEviction),
    ];

    public static IEnumerable<string> Names => Known.Select(known => known.Name);

    public static string NameOf(EvictionPolicy policy) => Known.First(known => known.Policy == policy).Name;

    /// <summary>The policy of this name in any case, or null.</summary>
    public static EvictionPolicy? Parse(string name)
    {
        foreach (var (known, policy) in Known)
        {
            if (string.Equals(known, name, StringComparison.OrdinalIgnoreCase))
            {
                return policy;
            }
        }

        return null;
    }

    /// <summary>Only keys with an expiry go.</summary>
    public static bool IsVolatile(this EvictionPolicy policy) =>
        policy is EvictionPolicy.VolatileLru or EvictionPolicy.VolatileLfu or EvictionPolicy.VolatileRandom or EvictionPolicy.VolatileTtl;

    public static bool IsRandom(this EvictionPolicy policy) => policy is EvictionPolicy.AllKeysRandom or EvictionPolicy.VolatileRandom;

    /// <summary>Goes by when or how often keys were used.</summary>
    public static bool UsesClock(this EvictionPolicy policy) =>
        policy is EvictionPolicy.AllKeysLru or EvictionPolicy.VolatileLru or EvictionPolicy.AllKeysLfu or EvictionPolicy.VolatileLfu;

    /// <summary>Needs to know how often keys are used.</summary>
    public static bool IsFrequency(this EvictionPolicy policy) => policy is EvictionPolicy.AllKeysLfu or EvictionPolicy.VolatileLfu;
}

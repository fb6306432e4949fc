namespace Trefoil.KeyValue.Persistence;

/// <summary>When records of the log become durable (<c>appendfsync</c>). Under each a record is with the kernel before its reply leaves.</summary>
public enum SyncPolicy
{
    /// <summary>Before the reply: an acknowledged write survives a power cut.</summary>
    Always,

    /// <summary>Once a second: a power cut loses a second or so, a crash of the process nothing.</summary>
    EverySecond,

    /// <summary>When the kernel likes: a power cut may lose half a minute, a crash of the process nothing.</summary>
    No,
}

/// <summary>The policies by the names that configuration gives them.</summary>
public static class SyncPolicies
{
    /// <summary>The policy called <c>always</c>, <c>everysec</c> or <c>no</c> (case does not matter), or null.</summary>
    public static SyncPolicy? Parse(string name) => name?.ToLowerInvariant() switch
    {
        "always" => SyncPolicy.Always,
        "everysec" => SyncPolicy.EverySecond,
        "no" => SyncPolicy.No,
        _ => null,
    };

    /// <summary>What <see cref="Parse"/> reads.</summary>
    public static string NameOf(SyncPolicy policy) => policy switch
    {
        SyncPolicy.Always => "always",
        SyncPolicy.EverySecond => "everysec",
        _ => "no",
    };
}

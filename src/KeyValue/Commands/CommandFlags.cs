namespace Trefoil.KeyValue.Commands;

/// <summary>What COMMAND reports about a command, and what dispatch, replicas and ACLs act on. Names as in Redis 7.</summary>
[Flags]
public enum CommandFlags
{
    None = 0,
    Write = 1 << 0,
    ReadOnly = 1 << 1,
    DenyOom = 1 << 2,
    Admin = 1 << 3,
    PubSub = 1 << 4,
    NoScript = 1 << 5,
    Blocking = 1 << 6,
    Loading = 1 << 7,
    Stale = 1 << 8,
    SkipMonitor = 1 << 9,
    SkipSlowlog = 1 << 10,
    Asking = 1 << 11,
    Fast = 1 << 12,
    NoAuth = 1 << 13,
    MayReplicate = 1 << 14,
    NoMandatoryKeys = 1 << 15,
    NoAsyncLoading = 1 << 16,
    NoMulti = 1 << 17,
    MovableKeys = 1 << 18,
    AllowBusy = 1 << 19,
}

/// <summary>Where keys stand among the arguments: first and last position (last may count from the end: -1), and the step between keys.</summary>
/// <remarks>First 0: no keys at fixed positions.</remarks>
public readonly record struct KeySpec(int First, int Last, int Step)
{
    /// <summary>No keys.</summary>
    public static readonly KeySpec None;
}

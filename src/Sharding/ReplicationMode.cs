namespace Trefoil.Sharding;

/// <summary>How many of n owners must acknowledge a write before its client hears back.</summary>
public enum ReplicationMode
{
    /// <summary>0; the local append still happens.</summary>
    Asynchronous,

    /// <summary>⌊n/2⌋ + 1.</summary>
    Quorum,

    /// <summary>n.</summary>
    Synchronous,
}

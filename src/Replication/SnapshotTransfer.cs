namespace Trefoil.Replication;

/// <summary>A snapshot that a primary makes or sends; several followers may share it.</summary>
internal sealed class SnapshotTransfer(ulong id)
{
    public ulong Id => id;

    /// <summary>Finished, and can be read.</summary>
    public bool Ready { get; set; }

    /// <summary>A follower had all of it and could not use it: nobody else begins with it.</summary>
    public bool IsSuspect { get; set; }

    public ulong CoveredLsn { get; set; }

    public long Length { get; set; }
}

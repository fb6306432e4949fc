using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <summary>A migration at its target's primary, in one epoch of the target.</summary>
internal sealed class Import(MigrationRecord record)
{
    /// <summary>As the topology shows it.</summary>
    public MigrationRecord Record { get; set; } = record;

    public Wish Wish { get; } = new();

    /// <summary>The attempt that has begun here; null: none has.</summary>
    public Arrival? Running { get; set; }

    /// <summary>Something was imported in this epoch, and not emptied since.</summary>
    public bool MayHoldKeys { get; set; }

    /// <summary>Why the migration cannot succeed.</summary>
    public string? Failed { get; set; }

    /// <summary>Why the present attempt cannot go on.</summary>
    public string? Broken { get; set; }
}

/// <summary>One attempt at its target.</summary>
internal sealed class Arrival(uint number, int maxRecordBytes)
{
    public uint Number => number;

    public IncomingStream Stream { get; } = new(maxRecordBytes);

    /// <summary>What was committed to the log and is not known to be held: the log's end, and the stream's at that time.</summary>
    public Queue<(ulong Lsn, long Offset)> Unheld { get; } = [];

    /// <summary>The newest of them, in the queue or not.</summary>
    public (ulong Lsn, long Offset) LastUnheld { get; set; }

    /// <summary>The replica set holds the stream up to here.</summary>
    public long Held { get; set; }

    /// <summary>Up to here the stream is committed to the log.</summary>
    public long Committed { get; set; }

    /// <summary>The source is frozen, and its stream ends here.</summary>
    public long? End { get; set; }

    public bool Parked { get; set; }

    /// <summary>Once the set holds this, it holds everything.</summary>
    public ulong? CompleteLsn { get; set; }

    public bool AckDue { get; set; } = true;

    public TimeSpan AckAt { get; set; }

    public TimeSpan? LastHeard { get; set; }
}

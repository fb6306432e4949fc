namespace Trefoil.Replication;

/// <summary>When a member says that it holds a record: the setting <c>replication_ack</c>.</summary>
public enum AckKind : byte
{
    /// <summary>The kernel has it: it survives the process, not the power.</summary>
    Received,

    /// <summary>The disk has it: fsync returned.</summary>
    Durable,
}

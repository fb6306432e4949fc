using Trefoil.Migration;
using Trefoil.Sharding;

namespace Trefoil.Drivers.Migrations;

/// <summary>What the migration driver asks of the rest of the node; called on its thread.</summary>
public sealed record MigrationCallbacks
{
    /// <summary>Proposes a change of the topology; completes with its outcome.</summary>
    public required Func<Func<RequestId, TopologyCommand>, Task<CommandResult>> Propose { get; init; }

    /// <summary>After every round: where each migration stands, and when, on <see cref="MigrationDriver.Now"/>'s clock.</summary>
    public required Action<MigrationStatus, TimeSpan> Reported { get; init; }

    /// <summary>An event for the log.</summary>
    public required Action<MigrationEvent, string> Note { get; init; }

    /// <summary>The disk failed: the process must end.</summary>
    public required Action<string> Fatal { get; init; }
}

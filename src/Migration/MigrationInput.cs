using Trefoil.Primitives;
using Trefoil.Sharding;

namespace Trefoil.Migration;

/// <summary>Everything the world tells a migration node.</summary>
public abstract record MigrationInput
{
    private MigrationInput()
    {
    }

    /// <summary>
    /// The topology is another. Handed in only after whatever decides who owns a slot shows this one or a later one. A lower version of the same
    /// cluster is ignored.
    /// </summary>
    public sealed record TopologyChanged(Topology Topology) : MigrationInput;

    /// <summary>
    /// This node is the primary of its shard in this epoch, has begun it and its gate is open by replication; 0: it serves nothing now.
    /// </summary>
    public sealed record Serving(ulong Epoch) : MigrationInput;

    /// <summary>The required members of this shard's replica set hold this node's log up to here; <see cref="ulong.MaxValue"/>: none is required.</summary>
    /// <param name="Epoch">Of another epoch than the one served it says nothing: the same number may name another record.</param>
    /// <param name="Lsn">Of this node's log.</param>
    public sealed record Held(ulong Epoch, ulong Lsn) : MigrationInput;

    /// <summary>The log grew: look at it in the next Tick.</summary>
    public sealed record Appended : MigrationInput;

    /// <summary>A member of this cluster said something.</summary>
    public sealed record Peer(NodeId From, MigrationMessage Message) : MigrationInput;

    /// <summary>The proposal was refused for certain: it has not taken effect and never will. Never said of an unknown outcome.</summary>
    public sealed record Refused(ulong Token, string Error) : MigrationInput;

    /// <summary>The rate at which this node copies slots, in bytes per second; 0: no limit. Changes of slots already copied are never held back.</summary>
    public sealed record Settings(long BytesPerSecond) : MigrationInput;
}

namespace Trefoil.Consensus;

/// <summary>What an entry is for. Persisted and sent: append-only.</summary>
public enum EntryKind : byte
{
    /// <summary>A command of the state machine.</summary>
    Command = 0,

    /// <summary>A change of the group's own membership; applied by <see cref="RaftNode"/>, skipped by the state machine.</summary>
    Configuration = 1,

    /// <summary>The empty entry that starts a leader's term, so that older entries can be committed (paper, 5.4.2).</summary>
    NoOp = 2,
}

/// <summary>One entry of the replicated log.</summary>
/// <param name="Index">Position, from 1.</param>
/// <param name="Term">Term of the leader that created it; (index, term) names an entry for ever.</param>
/// <param name="Kind">Who interprets <paramref name="Data"/>.</param>
/// <param name="Data">Opaque here; immutable once handed over.</param>
public sealed record Entry(ulong Index, ulong Term, EntryKind Kind, ReadOnlyMemory<byte> Data)
{
    /// <summary>Index, term and kind, counted against the byte limits beside the data.</summary>
    internal const int Overhead = 16;

    internal int Size => Data.Length + Overhead;
}

/// <summary>The state machine after <paramref name="Index"/>, with the configuration that was in force there.</summary>
/// <param name="Index">Last entry it contains.</param>
/// <param name="Term">Term of that entry.</param>
/// <param name="Configuration"><see cref="RaftNode.Configuration"/> when <see cref="RaftNode.AppliedIndex"/> was Index.</param>
/// <param name="Data">The state machine's own encoding.</param>
public sealed record Snapshot(ulong Index, ulong Term, Configuration Configuration, ReadOnlyMemory<byte> Data);

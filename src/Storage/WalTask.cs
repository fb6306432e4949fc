namespace Trefoil.Storage;

/// <summary>The slow part of a sync, a roll or a trim, to be run by another thread while the log's owner goes on appending and committing.</summary>
/// <remarks>
/// <c>Wal.BeginSync / BeginRoll / BeginDrop</c> make it, <see cref="Run"/> touches files only, <c>Wal.End</c> (the owner again) makes its
/// result known to the log. One at a time per log. While a roll is under way nothing can be committed: records wait in memory.
/// </remarks>
public sealed class WalTask
{
    private readonly Func<IDiskFile?> _work;

    internal WalTask(Func<IDiskFile?> work) => _work = work;

    /// <summary>Newest group that is durable once this has run.</summary>
    internal ulong Group { get; init; }

    /// <summary>Newest LSN that is durable once this has run.</summary>
    internal ulong Lsn { get; init; }

    /// <summary>The segment that a roll creates.</summary>
    internal WalSegment? Segment { get; init; }

    /// <summary>The new segment's file, after <see cref="Run"/>.</summary>
    internal IDiskFile? File { get; private set; }

    /// <summary>Does the work; on any thread, once.</summary>
    /// <exception cref="IOException">The disk failed: nobody may go on (<see cref="DiskFailure"/> for a sync).</exception>
    public void Run() => File = _work();
}

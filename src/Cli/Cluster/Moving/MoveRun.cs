using Trefoil.Cli.Cluster.Calls;
using Trefoil.Cli.Cluster.Picture;
using Trefoil.Cli.Cluster.Planning;
using Trefoil.Primitives;

namespace Trefoil.Cli.Cluster.Moving;

/// <summary>Carries out a plan: begins migrations, a few at once and one per pair of nodes, and watches each to its end.</summary>
/// <remarks>
/// The cluster does the work. This only begins it and looks: when this program dies, what runs goes on, and what has not begun does not.
/// After a failure nothing more is begun, and what runs is awaited. One migration per pair at a time, since both ends of a second one would
/// only share what the first has: the source's and the target's disk, wire and core.
/// </remarks>
internal sealed class MoveRun(ClusterSession session, ClusterView view, IReadOnlyList<Move> moves, MoveLimits limits, Action<MoveProgress> progressed)
{
    // Whoever began a migration shows it at once; this is for one whose OK was lost on the way.
    private static readonly TimeSpan ToAppear = TimeSpan.FromSeconds(5);

    private static readonly string[] PassingCodes = ["TRYAGAIN", "CLUSTERDOWN", "LOADING", NodeCalls.UnreachableCode];

    private readonly Queue<Job> _waiting = new(Job.Of(moves, limits.SlotsPerJob));
    private readonly List<Job> _running = [];
    private readonly int[] _moved = new int[moves.Count];
    private readonly long[] _bytes = new long[moves.Count]; // of jobs that have ended
    private readonly List<string> _seen = [];
    private ClusterView? _now; // the last picture: after a failover another node leads a shard
    private CliFailure? _failure;

    /// <summary>Slots that have changed their owner, per move of the plan.</summary>
    public IReadOnlyList<int> Moved => _moved;

    /// <summary>Bytes sent, per move of the plan.</summary>
    public IReadOnlyList<long> Bytes => _bytes;

    /// <summary>The longest time for which slots of one migration answered nobody.</summary>
    public long LongestPauseMs { get; private set; }

    /// <summary>Returns when all is done, or nothing runs any more after a failure.</summary>
    public async Task<CliFailure?> RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await BeginAsync(cancellation);
            if (_running.Count == 0)
            {
                return _failure;
            }

            await session.PauseAsync(cancellation);
            await WatchAsync(cancellation);
        }
    }

    private async Task BeginAsync(CancellationToken cancellation)
    {
        for (var turn = _waiting.Count; turn > 0 && _failure is null && _running.Count < limits.Parallel; turn--)
        {
            var job = _waiting.Dequeue();
            if (_running.Exists(other => other.Index == job.Index))
            {
                _waiting.Enqueue(job);
                continue;
            }

            var (begun, failure) = await BeginAsync(job, cancellation);
            if (begun is null)
            {
                _failure = failure;
                return;
            }

            _seen.Add(begun.Name);
            _running.Add(begun);
        }
    }

    /// <summary>Begins one migration. What passes by itself is waited out: an election, slots that an earlier migration has not cleaned up yet.</summary>
    private async Task<(Job? Begun, CliFailure? Failure)> BeginAsync(Job job, CancellationToken cancellation)
    {
        for (var start = session.Calls.Time.GetTimestamp(); ; await session.PauseAsync(cancellation))
        {
            var (present, problem) = Present(job, await AnyLookAsync(cancellation));
            var (begun, failure, isPassing) = present is null ? (null, CliFailure.Failed(problem!), false) : await TryBeginAsync(present, cancellation);
            if (begun is not null || !isPassing || session.Calls.Time.GetElapsedTime(start) > limits.ToBegin)
            {
                return (begun, failure);
            }
        }
    }

    private async Task<(Job? Begun, CliFailure? Failure, bool IsPassing)> TryBeginAsync(Job job, CancellationToken cancellation)
    {
        var source = AddressOf(job.Move.Source);
        var known = (await RowsAsync(job, cancellation) ?? []).Select(row => row.Name).Concat(_seen).ToHashSet(StringComparer.Ordinal);
        var reply = await session.Calls.ChangeAsync(
            source, cancellation, ["CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", .. SlotRanges.Arguments(job.Move.Ranges), "NODE", job.Move.Target]);
        var failure = NodeCalls.FailureOf(reply, source, "CLUSTER", "MIGRATESLOTS", $"of {Say.Slots(job.Move.Count)} to {view.NameOf(job.Move.Target)}");
        if (NodeCalls.SurelyDidNothing(reply))
        {
            return (null, failure, IsPassing(reply.Text!));
        }

        for (var start = session.Calls.Time.GetTimestamp(); session.Calls.Time.GetElapsedTime(start) < ToAppear; await session.PauseAsync(cancellation))
        {
            var rows = await RowsAsync(job, cancellation) ?? [];
            if (rows.FirstOrDefault(row => !known.Contains(row.Name) && row.Ranges.SequenceEqual(job.Move.Ranges)) is { } row)
            {
                return (job with { Name = row.Name }, null, false);
            }
        }

        return (null, failure ?? CliFailure.Failed(
            $"{source} took the migration of {Say.Slots(job.Move.Count)} to {view.NameOf(job.Move.Target)} and does not show it. Look with `trefoil cluster status`."), false);
    }

    /// <summary>The job between those who lead its two shards now; the text says why there are none any more.</summary>
    private (Job? Job, string? Problem) Present(Job job, ClusterView? now)
    {
        if (now is null)
        {
            return (job, null); // nobody answers: neither will its source, which says so better
        }

        _now = now;
        var source = now.Primaries.FirstOrDefault(primary => SlotRanges.Except(job.Move.Ranges, primary.Ranges).Count == 0);
        var target = now.Find(job.Move.Target) is { IsPrimary: false } former ? now.Find(former.PrimaryId) : now.Find(job.Move.Target);
        return source is null || source.Id == target?.Id ? (null, $"{SlotRanges.Show(job.Move.Ranges, Checking.Check.MostRanges)}: these slots were moved meanwhile by somebody else.")
            : target is null ? (null, $"{view.NameOf(job.Move.Target)} has left the cluster meanwhile.")
            : (job with { Move = job.Move with { Source = source.Id, Target = target.Id } }, null);
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        foreach (var job in _running.ToList())
        {
            var row = (await RowsAsync(job, cancellation))?.FirstOrDefault(row => row.Name == job.Name);
            if (row is null)
            {
                row = await SearchAsync(job, cancellation);
            }

            // Nobody who can be asked shows it now, as while an election is on: it is committed, so somebody will.
            if (row is null)
            {
                continue;
            }

            LongestPauseMs = Math.Max(LongestPauseMs, row.LongestPauseMs);
            var bytes = Math.Max(job.Bytes, row.BytesSent);
            if (row.IsRunning)
            {
                _running[_running.IndexOf(job)] = job with { Bytes = bytes };
                progressed(new MoveProgress(job.Index, _moved[job.Index] + (int)row.SlotsCopied, _moved[job.Index], _bytes[job.Index] + bytes, row.Phase));
                continue;
            }

            _running.Remove(job);
            _bytes[job.Index] += bytes;
            if (row.Succeeded)
            {
                _moved[job.Index] += job.Move.Count;
            }
            else
            {
                _failure ??= CliFailure.Failed(
                    $"the migration of {Say.Slots(row.SlotCount)} from {view.NameOf(row.Source)} to {view.NameOf(row.Target)} {row.State}{(row.Message.Length > 0 ? $": {row.Message.TrimEnd('.')}" : "")}. The source has kept them.");
            }

            progressed(new MoveProgress(job.Index, _moved[job.Index], _moved[job.Index], _bytes[job.Index], row.State));
        }
    }

    /// <summary>What the source says, or else the target; null if neither answers.</summary>
    private async Task<IReadOnlyList<MigrationRow>?> RowsAsync(Job job, CancellationToken cancellation)
    {
        foreach (var node in new[] { job.Move.Source, job.Move.Target })
        {
            var rows = MigrationRow.ReadAll(await session.Calls.LookAsync(AddressOf(node), cancellation, "CLUSTER", "GETSLOTMIGRATIONS"));
            if (rows is not null && (job.Name.Length == 0 || rows.Any(row => row.Name == job.Name)))
            {
                return rows;
            }
        }

        return null;
    }

    /// <summary>After a failover other nodes know about the migration. One that is too old to be shown is judged by who owns its slots.</summary>
    private async Task<MigrationRow?> SearchAsync(Job job, CancellationToken cancellation)
    {
        if (await AnyLookAsync(cancellation) is not { } now)
        {
            return null;
        }

        _now = now;
        var row = now.Migrations?.FirstOrDefault(row => row.Name == job.Name);
        return row is not null || now.Migrations is null || now.Find(job.Move.Target) is not { } target || SlotRanges.Except(job.Move.Ranges, target.Ranges).Count > 0
            ? row
            : new MigrationRow(job.Name, true, job.Move.Ranges, job.Move.Source, job.Move.Target, "success", "", 0, 1, job.Move.Count, 0, "", 0, true);
    }

    /// <summary>A picture by whoever answers.</summary>
    private async Task<ClusterView?> AnyLookAsync(CancellationToken cancellation)
    {
        foreach (var seed in view.Members.Select(member => member.Address).Prepend(session.Seed).Distinct())
        {
            if ((await ClusterLook.AtAsync(session.Calls, seed, cancellation)).View is { } now)
            {
                return now;
            }
        }

        return null;
    }

    /// <summary>Errors after which asking again is right, for a while.</summary>
    private static bool IsPassing(string error) =>
        PassingCodes.Any(code => error.StartsWith(code, StringComparison.Ordinal));

    private HostPort AddressOf(string id) => (_now?.Find(id) ?? view.Find(id))!.Address;
}

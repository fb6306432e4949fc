using System.Diagnostics;
using Trefoil.Primitives;

namespace Trefoil.Cluster.Failover.Load;

/// <summary>When the writes of one shard were acknowledged, by whom, and what failed. Thread-safe.</summary>
internal sealed class ShardHistory(int shard)
{
    private readonly Lock _lock = new();
    private readonly List<(long Call, long Return, HostPort Node)> _writes = []; // under _lock, by Return but for races
    private readonly List<(long At, string Code)> _failures = []; // under _lock

    public int Shard => shard;

    public int Acknowledged
    {
        get
        {
            lock (_lock)
            {
                return _writes.Count;
            }
        }
    }

    /// <summary>Who acknowledged the last write: the one node of which it is sure that it was the primary. Null if nobody yet.</summary>
    public HostPort? LastAcknowledger
    {
        get
        {
            lock (_lock)
            {
                return _writes.Count == 0 ? null : _writes[^1].Node;
            }
        }
    }

    public void Acknowledge(Answer answer)
    {
        lock (_lock)
        {
            _writes.Add((answer.Call, answer.Return, answer.Node));
        }
    }

    public void Fail(string code)
    {
        lock (_lock)
        {
            _failures.Add((Stopwatch.GetTimestamp(), code));
        }
    }

    /// <summary>Writes that were sent after <paramref name="since"/> and acknowledged.</summary>
    public int AcknowledgedSince(long since)
    {
        lock (_lock)
        {
            var count = 0;
            for (var i = _writes.Count - 1; i >= 0 && _writes[i].Return >= since; i--)
            {
                count += _writes[i].Call >= since ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>The longest time without an acknowledged write between two moments, both included as if something was acknowledged then.</summary>
    public TimeSpan WorstGap(long from, long to)
    {
        lock (_lock)
        {
            var (worst, last) = (0L, from);
            foreach (var at in _writes.Select(w => w.Return).Where(r => r > from && r <= to).Order())
            {
                worst = Math.Max(worst, at - last);
                last = at;
            }

            return Stopwatch.GetElapsedTime(0, Math.Max(worst, to - last));
        }
    }

    /// <summary>What failed between two moments, as in <c>LOST x2, UNREACHABLE x14</c>; empty if nothing did.</summary>
    public string FailuresIn(long from, long to)
    {
        lock (_lock)
        {
            return string.Join(", ", _failures.Where(f => f.At >= from && f.At <= to).GroupBy(f => f.Code, StringComparer.Ordinal)
                .OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} x{g.Count()}"));
        }
    }

    /// <summary>Pairs of nodes that both acknowledged while neither can have known of the other's end: first A, then B, then A again, none of them overlapping.</summary>
    /// <remarks>Legitimate only if B handed back to A meanwhile, so it is asked of spans in which that did not happen.</remarks>
    public string? TwoAcknowledgersIn(long from, long to)
    {
        lock (_lock)
        {
            foreach (var node in _writes.Where(w => w.Return >= from && w.Return <= to).GroupBy(w => w.Node))
            {
                var (first, last) = (node.Min(w => w.Return), node.Max(w => w.Call));
                var between = _writes.FirstOrDefault(w => w.Node != node.Key && w.Call > first && w.Return < last);
                if (between.Return != 0)
                {
                    return $"shard {shard}: {between.Node} acknowledged a write while {node.Key} did before and after it";
                }
            }

            return null;
        }
    }
}

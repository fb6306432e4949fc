using System.Diagnostics;
using Trefoil.Cluster.Failover.Load;

namespace Trefoil.Cluster.Migration.Load;

/// <summary>What one client of a load saw. Written by its thread; read once that has ended, but for the counts.</summary>
internal sealed class MovingTally(Complaints errors)
{
    private readonly Dictionary<int, int> _moved = [];
    private readonly List<(long Begin, long End)> _requests = [];

    /// <summary>Requests that were answered, redirects followed.</summary>
    public int Done { get; private set; }

    /// <summary>MOVED replies.</summary>
    public int Moved { get; private set; }

    /// <summary>The most MOVED replies for one slot.</summary>
    public int MostMovedOfASlot { get; private set; }

    /// <summary>ASK replies.</summary>
    public int Asked { get; private set; }

    /// <summary>TRYAGAIN replies.</summary>
    public int TriedAgain { get; private set; }

    public void Answered(long begin, long end)
    {
        Done++;
        lock (_requests)
        {
            _requests.Add((begin, end));
        }
    }

    public void WasMoved(int slot)
    {
        Moved++;
        MostMovedOfASlot = Math.Max(MostMovedOfASlot, _moved[slot] = _moved.GetValueOrDefault(slot) + 1);
    }

    public void WasAsked() => Asked++;

    public void HadToTryAgain() => TriedAgain++;

    public void Failed(string sentence) => errors.Add(sentence);

    /// <summary>How long each request took that was sent between two ticks of <see cref="Stopwatch"/>, from the first attempt to the last reply.</summary>
    public IEnumerable<TimeSpan> Latencies(long from, long to)
    {
        lock (_requests)
        {
            return [.. _requests.Where(r => r.Begin >= from && r.Begin < to).Select(r => Stopwatch.GetElapsedTime(r.Begin, r.End))];
        }
    }

    /// <summary>The longest time without an answer that began or ended between two ticks: for a client that asks for one slot all the time, the slot's pause.</summary>
    public TimeSpan LongestGap(long from, long to)
    {
        lock (_requests)
        {
            var (last, worst) = (0L, 0L);
            foreach (var (_, end) in _requests)
            {
                if (last != 0 && end >= from && last < to)
                {
                    worst = Math.Max(worst, end - last);
                }

                last = end;
            }

            return Stopwatch.GetElapsedTime(0, worst);
        }
    }
}

using System.Diagnostics;

namespace Trefoil.Cluster.Harness;

/// <summary>Waits for what real processes will do; a time-out says the phase, what was expected and what was seen last.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks until <paramref name="isWanted"/> holds for what <paramref name="look"/> sees, and returns it.</summary>
    public static async Task<T> See<T>(string phase, string expected, Func<Task<T>> look, Func<T, bool> isWanted, TimeSpan deadline)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Step);
        while (true)
        {
            var seen = await look();
            if (isWanted(seen))
            {
                return seen;
            }

            if (clock.Elapsed > deadline)
            {
                throw new TimeoutException($"{phase}: expected {expected} within {deadline.TotalSeconds:0.#} s, last seen: {seen}");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Looks until the text equals <paramref name="expected"/>.</summary>
    public static Task Equals(string phase, string expected, Func<Task<string>> look, TimeSpan deadline) =>
        See(phase, $"'{expected}'", look, seen => seen == expected, deadline);
}

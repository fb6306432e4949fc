using System.Diagnostics;

namespace Trefoil.Unit.Testing;

/// <summary>Waits for what real processes and threads will do, and names the phase that did not come about.</summary>
/// <remarks>Tests never sleep for a while and hope: they say what they wait for and how long is too long.</remarks>
internal static class Eventually
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns as soon as <paramref name="condition"/> holds; looks every 20 ms.</summary>
    /// <exception cref="TimeoutException">It did not within <paramref name="deadline"/>.</exception>
    public static Task True(string phase, Func<bool> condition, TimeSpan deadline) =>
        True(phase, () => Task.FromResult(condition()), deadline);

    /// <summary>Returns as soon as <paramref name="condition"/> holds; looks again 20 ms after each answer.</summary>
    /// <exception cref="TimeoutException">It did not within <paramref name="deadline"/>.</exception>
    public static async Task True(string phase, Func<Task<bool>> condition, TimeSpan deadline)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Step);
        while (!await condition())
        {
            if (clock.Elapsed > deadline)
            {
                throw new TimeoutException($"{phase}: not so after {deadline.TotalSeconds:0.#} s");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>The first answer of <paramref name="attempt"/> that is not null; an exception counts as none yet.</summary>
    /// <exception cref="TimeoutException">There was none within <paramref name="deadline"/>; it carries the last exception.</exception>
    public static async Task<T> Value<T>(string phase, Func<Task<T?>> attempt, TimeSpan deadline)
        where T : class
    {
        var (found, last) = (default(T), default(Exception));
        try
        {
            await True(phase, Look, deadline);
        }
        catch (TimeoutException timeout) when (last is not null)
        {
            throw new TimeoutException($"{timeout.Message}; last: {last.Message}", last);
        }

        return found!;

        async Task<bool> Look()
        {
            try
            {
                found = await attempt();
            }
            catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException or InvalidOperationException)
            {
                last = failure;
            }

            return found is not null;
        }
    }
}

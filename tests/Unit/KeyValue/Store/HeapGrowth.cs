using System.Runtime.CompilerServices;
using Trefoil.KeyValue.Store;

namespace Trefoil.Unit.KeyValue.Store;

/// <summary>What the heap grows by while something is built.</summary>
/// <remarks>The heap is the whole process': servers of tests that ended may still be letting go of theirs. So a measurement that does not fit is taken again.</remarks>
internal static class HeapGrowth
{
    private const int Attempts = 4;

    /// <summary>Builds until <paramref name="fits"/> is true of (what was built, bytes grown); gives the last bytes.</summary>
    public static long Measure(Action<Keyspace> build, Func<Keyspace, long, bool> fits)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (Once(build, fits, out var grown) || attempt == Attempts)
            {
                return grown;
            }
        }
    }

    /// <summary>A method of its own: what was built is garbage once it returns.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Once(Action<Keyspace> build, Func<Keyspace, long, bool> fits, out long grown)
    {
        var before = Settled();
        var space = new Keyspace();
        build(space);
        grown = Settled() - before;
        return fits(space, grown);
    }

    private static long Settled()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Attempts; i++)
        {
            GC.WaitForPendingFinalizers();
            var now = GC.GetTotalMemory(forceFullCollection: true);
            if (Math.Abs(now - before) < 10_000)
            {
                return now;
            }

            before = now;
        }

        return before;
    }
}

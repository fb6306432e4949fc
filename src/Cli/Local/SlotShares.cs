using Trefoil.Primitives;

namespace Trefoil.Cli.Local;

/// <summary>Splits the hash slots over n primaries the way <c>redis-cli --cluster create</c> does, boundaries included.</summary>
internal static class SlotShares
{
    /// <summary>First and last slot of each primary, in order; together they cover every slot once.</summary>
    public static IReadOnlyList<(int First, int Last)> Even(int primaries)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(primaries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(primaries, HashSlot.Count);
        var shares = new (int, int)[primaries];
        var perNode = (double)HashSlot.Count / primaries;
        var cursor = 0.0;
        var first = 0;
        for (var i = 0; i < primaries; i++)
        {
            var last = i == primaries - 1
                ? HashSlot.Count - 1
                : (int)Math.Round(cursor + perNode - 1, MidpointRounding.AwayFromZero);
            shares[i] = (first, last);
            first = last + 1;
            cursor += perNode;
        }

        return shares;
    }
}

namespace Trefoil.Simulator.Linearizability;

/// <summary>Which (operations already placed, value) pairs were tried (Lowe 2017, section 3.2): the same pair has the same future, whatever the order was.</summary>
internal sealed class Configurations(int operations, long mostBytes)
{
    private const int Overhead = 96; // of an array, an entry and a list, roughly

    private readonly int _words = (operations + 63) / 64;
    private readonly Dictionary<ulong, List<(ulong[] Placed, long? Value)>> _tried = []; // looked up, never iterated
    private long _bytes;

    /// <summary>True once no more pair may be remembered.</summary>
    public bool IsFull => _bytes >= mostBytes;

    /// <summary>Remembers the pair; false if it was tried before.</summary>
    public bool Add(ReadOnlySpan<ulong> placed, long? value)
    {
        var hash = Hash(placed, value);
        if (!_tried.TryGetValue(hash, out var same))
        {
            _tried.Add(hash, same = new(1));
        }

        foreach (var (bits, held) in same)
        {
            if (held == value && placed.SequenceEqual(bits))
            {
                return false;
            }
        }

        same.Add((placed.ToArray(), value));
        _bytes += Overhead + (8 * _words);
        return true;
    }

    // Fowler, Noll and Vo's, over words, with a shift that lets high bits reach low ones.
    private static ulong Hash(ReadOnlySpan<ulong> placed, long? value)
    {
        var hash = 14695981039346656037UL ^ (value is { } number ? (ulong)number + 1 : 0);
        foreach (var word in placed)
        {
            hash = (hash ^ word) * 1099511628211UL;
            hash ^= hash >> 29;
        }

        return hash;
    }
}

using Trefoil.Assertions.Model;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Engine;

/// <summary>A Merkle tree over ids in their order, shaped as in RFC 6962, 2.1, with BLAKE3: leaf = H(0 ‖ id), node = H(1 ‖ left ‖ right).</summary>
/// <remarks>The left half of n leaves has as many as the greatest power of two below n. No leaves: H of nothing.</remarks>
public static class MerkleTree
{
    private const int NodeBytes = 1 + (2 * Blake3.HashSize);

    /// <summary>The root over ids.</summary>
    public static byte[] Root(ReadOnlySpan<AssertionId> ids) => ids.Length switch
    {
        0 => Blake3.Hash([]),
        1 => Leaf(ids[0]),
        _ => Node(Root(ids[..Half(ids.Length)]), Root(ids[Half(ids.Length)..])),
    };

    /// <summary>The hashes beside the way from a leaf up to the root, from the bottom.</summary>
    public static IReadOnlyList<byte[]> Path(ReadOnlySpan<AssertionId> ids, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)ids.Length);
        var path = new List<byte[]>();
        Climb(ids, index, path);
        return path;
    }

    /// <summary>Whether a path leads from an id, at an index of so many, to a root (RFC 9162, 2.1.3.2).</summary>
    public static bool Leads(AssertionId id, long index, long count, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (index < 0 || index >= count)
        {
            return false;
        }

        var (at, last) = (index, count - 1);
        var hash = Leaf(id);
        foreach (var beside in path)
        {
            if (last == 0)
            {
                return false;
            }

            if ((at & 1) == 1 || at == last)
            {
                hash = Node(beside, hash);
                while ((at & 1) == 0 && at != 0)
                {
                    (at, last) = (at >> 1, last >> 1);
                }
            }
            else
            {
                hash = Node(hash, beside);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && root.SequenceEqual(hash);
    }

    private static void Climb(ReadOnlySpan<AssertionId> ids, int index, List<byte[]> path)
    {
        if (ids.Length == 1)
        {
            return;
        }

        var half = Half(ids.Length);
        Climb(index < half ? ids[..half] : ids[half..], index < half ? index : index - half, path);
        path.Add(Root(index < half ? ids[half..] : ids[..half]));
    }

    private static int Half(int count) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)count) / 2;

    private static byte[] Leaf(AssertionId id)
    {
        Span<byte> bytes = stackalloc byte[1 + AssertionId.Size];
        bytes[0] = 0;
        id.Write(bytes[1..]);
        return Blake3.Hash(bytes);
    }

    private static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> bytes = stackalloc byte[NodeBytes];
        bytes[0] = 1;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Blake3.HashSize)..]);
        return Blake3.Hash(bytes);
    }
}

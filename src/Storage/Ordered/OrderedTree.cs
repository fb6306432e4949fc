using System.Diagnostics.CodeAnalysis;

namespace Trefoil.Storage.Ordered;

/// <summary>A balanced tree (AVL) whose old versions stay as they were: a root is a snapshot, and costs nothing.</summary>
/// <remarks>
/// Nodes of the batch in progress are changed where they are, all others are copied (Driscoll et al., "Making Data Structures Persistent",
/// 1989): a node belongs to the edition that made it.
/// </remarks>
internal static class OrderedTree
{
    /// <summary>More than the height of any tree that fits into memory.</summary>
    public const int MaxHeight = 64;

    [SuppressMessage("Design", "CA1051", Justification = "the fields of a tree node, changed in place by the tree alone")]
    internal sealed class Node(byte[] key, byte[] value, ulong edition)
    {
        public readonly byte[] Key = key;
        public readonly ulong Edition = edition;
        public byte[] Value = value;
        public Node? Left;
        public Node? Right;
        public int Height = 1;
    }

    public static Node? Find(Node? node, ReadOnlySpan<byte> key)
    {
        while (node is not null)
        {
            var order = key.SequenceCompareTo(node.Key);
            if (order == 0)
            {
                return node;
            }

            node = order < 0 ? node.Left : node.Right;
        }

        return null;
    }

    public static Node Put(Node? node, ReadOnlySpan<byte> key, byte[] value, ulong edition)
    {
        if (node is null)
        {
            return new Node(key.ToArray(), value, edition);
        }

        var own = Own(node, edition);
        var order = key.SequenceCompareTo(node.Key);
        if (order == 0)
        {
            own.Value = value;
            return own;
        }

        if (order < 0)
        {
            own.Left = Put(own.Left, key, value, edition);
        }
        else
        {
            own.Right = Put(own.Right, key, value, edition);
        }

        return Balance(own, edition);
    }

    public static Node? Delete(Node? node, ReadOnlySpan<byte> key, ulong edition)
    {
        if (node is null)
        {
            return null;
        }

        var order = key.SequenceCompareTo(node.Key);
        if (order == 0)
        {
            if (node.Left is null || node.Right is null)
            {
                return node.Left ?? node.Right;
            }

            var right = DeleteFirst(node.Right, edition, out var first);
            var heir = new Node(first.Key, first.Value, edition) { Left = node.Left, Right = right };
            return Balance(heir, edition);
        }

        var own = Own(node, edition);
        if (order < 0)
        {
            own.Left = Delete(own.Left, key, edition);
        }
        else
        {
            own.Right = Delete(own.Right, key, edition);
        }

        return Balance(own, edition);
    }

    private static Node? DeleteFirst(Node node, ulong edition, out Node first)
    {
        if (node.Left is null)
        {
            first = node;
            return node.Right;
        }

        var own = Own(node, edition);
        own.Left = DeleteFirst(node.Left, edition, out first);
        return Balance(own, edition);
    }

    private static Node Own(Node node, ulong edition) => node.Edition == edition
        ? node
        : new Node(node.Key, node.Value, edition) { Left = node.Left, Right = node.Right, Height = node.Height };

    private static int HeightOf(Node? node) => node?.Height ?? 0;

    private static Node Balance(Node own, ulong edition)
    {
        var lean = HeightOf(own.Left) - HeightOf(own.Right);
        if (lean > 1)
        {
            if (HeightOf(own.Left!.Left) < HeightOf(own.Left.Right))
            {
                own.Left = RotateLeft(Own(own.Left, edition), edition);
            }

            return RotateRight(own, edition);
        }

        if (lean < -1)
        {
            if (HeightOf(own.Right!.Right) < HeightOf(own.Right.Left))
            {
                own.Right = RotateRight(Own(own.Right, edition), edition);
            }

            return RotateLeft(own, edition);
        }

        return Measure(own);
    }

    private static Node RotateLeft(Node own, ulong edition)
    {
        var top = Own(own.Right!, edition);
        own.Right = top.Left;
        top.Left = Measure(own);
        return Measure(top);
    }

    private static Node RotateRight(Node own, ulong edition)
    {
        var top = Own(own.Left!, edition);
        own.Left = top.Right;
        top.Right = Measure(own);
        return Measure(top);
    }

    private static Node Measure(Node own)
    {
        own.Height = 1 + Math.Max(HeightOf(own.Left), HeightOf(own.Right));
        return own;
    }
}

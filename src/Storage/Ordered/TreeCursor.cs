namespace Trefoil.Storage.Ordered;

/// <summary>Walks one version of the tree: the path of nodes still to be visited is a stack.</summary>
internal sealed class TreeCursor : OrderedCursor
{
    private readonly OrderedTree.Node? _root;
    private readonly byte[] _from;
    private readonly byte[] _to;
    private readonly bool _reverse;
    private readonly OrderedTree.Node[] _path = new OrderedTree.Node[OrderedTree.MaxHeight];
    private int _depth;
    private OrderedTree.Node? _at;

    public TreeCursor(OrderedTree.Node? root, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool reverse)
    {
        (_root, _from, _to, _reverse) = (root, from.ToArray(), to.ToArray(), reverse);
        Descend(root, reverse ? to : from);
    }

    public override ReadOnlySpan<byte> Key => Here.Key;

    public override ReadOnlySpan<byte> Value => Here.Value;

    private OrderedTree.Node Here => _at ?? throw new InvalidOperationException("The cursor does not stand at a pair.");

    public override bool MoveNext()
    {
        _at = null;
        if (_depth == 0)
        {
            return false;
        }

        var next = _path[--_depth];
        var beyond = _reverse
            ? next.Key.AsSpan().SequenceCompareTo(_from) < 0
            : _to.Length > 0 && next.Key.AsSpan().SequenceCompareTo(_to) >= 0;
        if (beyond)
        {
            _depth = 0;
            return false;
        }

        _at = next;
        Descend(_reverse ? next.Left : next.Right, default);
        return true;
    }

    public override void Seek(ReadOnlySpan<byte> key)
    {
        (_depth, _at) = (0, null);
        Descend(_root, key);
    }

    protected override void Dispose(bool disposing) => (_depth, _at) = (0, null);

    /// <summary>Puts on the stack, nearest on top, what a scan from the bound will visit; an empty bound is none.</summary>
    private void Descend(OrderedTree.Node? node, ReadOnlySpan<byte> bound)
    {
        while (node is not null)
        {
            var order = bound.IsEmpty ? (_reverse ? -1 : 1) : node.Key.AsSpan().SequenceCompareTo(bound);
            var visited = _reverse ? order < 0 : order >= 0;
            if (visited)
            {
                _path[_depth++] = node;
            }

            node = visited == _reverse ? node.Right : node.Left;
        }
    }
}

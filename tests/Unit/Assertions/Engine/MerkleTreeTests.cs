using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Assertions.Engine;

public class MerkleTreeTests
{
    private static readonly AssertionId[] Ids = [.. Enumerable.Range(0, 40).Select(i => AssertionCodec.IdOf([(byte)i])).Order()];

    [Fact]
    public void Every_path_of_every_tree_leads_to_its_root_and_to_no_other()
    {
        for (var count = 1; count <= Ids.Length; count++)
        {
            var ids = Ids[..count];
            var root = MerkleTree.Root(ids);
            for (var i = 0; i < count; i++)
            {
                var path = MerkleTree.Path(ids, i);
                Assert.True(MerkleTree.Leads(ids[i], i, count, path, root));
                Assert.False(MerkleTree.Leads(Ids[(i + 1) % Ids.Length], i, count, path, root));
                Assert.False(MerkleTree.Leads(ids[i], i, count, [.. path, root], root));
                Assert.True(count == 1 || !MerkleTree.Leads(ids[i], i, count, [.. path.Skip(1)], root));
                Assert.False(MerkleTree.Leads(ids[i], i, count, path, MerkleTree.Root(Ids.AsSpan(0, count % Ids.Length + 1))));
            }
        }
    }

    [Fact]
    public void A_leaf_is_no_node_and_an_index_beyond_the_end_leads_nowhere()
    {
        Assert.Equal(Blake3.Hash([0, .. Ids[0].ToArray()]), MerkleTree.Root(Ids.AsSpan(0, 1)));
        Assert.Equal(Blake3.Hash([1, .. MerkleTree.Root(Ids.AsSpan(0, 1)), .. MerkleTree.Root(Ids.AsSpan(1, 1))]), MerkleTree.Root(Ids.AsSpan(0, 2)));
        Assert.False(MerkleTree.Leads(Ids[0], 1, 1, [], MerkleTree.Root(Ids.AsSpan(0, 1))));
        Assert.False(MerkleTree.Leads(Ids[0], -1, 1, [], MerkleTree.Root(Ids.AsSpan(0, 1))));
    }
}

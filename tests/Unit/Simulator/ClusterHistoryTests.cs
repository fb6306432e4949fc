using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Simulator;
using Trefoil.Storage;
using Xunit;

namespace Trefoil.Unit.Simulator;

/// <summary>An oracle that cannot object proves nothing: each is shown what it must never accept.</summary>
public sealed class ClusterHistoryTests
{
    private readonly ClusterHistory _history = new(new ClusterId(7, 7));

    [Fact]
    public void Two_leaders_in_a_term()
    {
        Assert.True(_history.Lead(3, 1));
        Assert.False(_history.Lead(3, 1));
        Assert.True(_history.Lead(4, 2));
        Assert.Contains("two leaders", Objection(() => _history.Lead(3, 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_votes_in_a_term()
    {
        _history.Vote(1, 3, 2);
        _history.Vote(1, 3, 2);
        _history.Vote(1, 4, 3);
        Assert.Contains("voted twice", Objection(() => _history.Vote(1, 3, 3)), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_entries_or_two_histories_under_one_index_and_term()
    {
        _history.Write(5, Entry(2, 10), 1);
        _history.Write(5, Entry(2, 10), null);
        _history.Write(5, Entry(3, 11), 2);
        Assert.Contains("two different entries", Objection(() => _history.Write(5, Entry(2, 11), 1)), StringComparison.Ordinal);
        Assert.Contains("the entry before", Objection(() => _history.Write(5, Entry(2, 10), 2)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_committed_entry_that_changes()
    {
        _history.Commit(2, Entry(2, 10), 2);
        _history.Commit(2, Entry(2, 10), 4);
        Assert.Contains("was committed", Objection(() => _history.Commit(2, Entry(3, 10), 4)), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_command_pushed_than_was_committed()
    {
        _history.Command(2, new byte[] { 1, 2 });
        Assert.Contains("two different commands", Objection(() => _history.Command(2, new byte[] { 1, 3 })), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leader_that_lacks_what_was_committed_before()
    {
        _history.Commit(2, Entry(2, 10), 2);
        var log = new ShadowLog(_history.Id);
        _history.CheckLeader(2, log);
        Assert.Contains("lacks the entry", Objection(() => _history.CheckLeader(3, log)), StringComparison.Ordinal);
    }

    /// <summary>Seed 36: a follower whose disk was full ended before it had replaced an entry that the leader's commit index covers.</summary>
    [Fact]
    public void What_a_process_was_about_to_replace_is_not_taken_for_what_it_committed()
    {
        var log = new ShadowLog(_history.Id);
        log.Write(Entries(1, 2));
        Assert.NotNull(log.Find(2));
        log.Expect([new ControlEffect.Persist(Entries(2))]);
        Assert.NotNull(log.Find(1));
        Assert.Null(log.Find(2));
        log.Write(Entries(2));
        Assert.NotNull(log.Find(2));
    }

    [Fact]
    public void Two_topologies_at_a_version_and_two_nodes_under_a_member_id()
    {
        _history.Show(After(1, new NodeId(2, 2)));
        _history.Show(After(1, new NodeId(2, 2)));
        Assert.Contains("two different topologies", Objection(() => _history.Show(After(1, new NodeId(3, 3)))), StringComparison.Ordinal);
        Assert.Contains("given to two nodes", Objection(() => _history.Show(After(2, new NodeId(3, 3)))), StringComparison.Ordinal);
    }

    [Fact]
    public void More_member_ids_than_joins() =>
        Assert.Contains("minted", Objection(() => _history.CheckMinted(Minted())), StringComparison.Ordinal);

    /// <summary>Version 1 with a member that no join brought: what a machine that applied a request twice would show.</summary>
    private static Topology Minted() => Topology.OneNode(Record(new NodeId(1, 1)) with { MemberId = 1 }, new ClusterId(7, 7), "test") with
    {
        NextMemberId = 3,
    };

    private static RaftWrite Entries(params ulong[] indices) => new() { Entries = [.. indices.Select(index => new StoredEntry(index, 1, 0, default))] };

    private static ShadowEntry Entry(ulong term, ulong digest) => new(term, digest, default);

    private static string Objection(Action action) => Assert.Throws<OracleViolation>(action).Message;

    /// <summary>Founded, some entries skipped, one node joined.</summary>
    private static Topology After(int skipped, NodeId joined)
    {
        var machine = new TopologyMachine();
        machine.Apply(1, new TopologyCommand.FoundCluster(new RequestId(new NodeId(1, 1), 1), new ClusterId(7, 7), "test", Record(new NodeId(1, 1))));
        for (var i = 0; i < skipped; i++)
        {
            machine.Skip(machine.Topology.Version + 1);
        }

        machine.Apply(machine.Topology.Version + 1, new TopologyCommand.AddNode(new RequestId(joined, 1), Record(joined), []));
        return machine.Topology;
    }

    private static NodeRecord Record(NodeId id) => new() { Id = id, Endpoints = new NodeEndpoints("10.0.0.1", RespPort: 7000) };
}

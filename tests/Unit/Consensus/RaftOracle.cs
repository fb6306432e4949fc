using Trefoil.Consensus;
using Xunit;

namespace Trefoil.Unit.Consensus;

/// <summary>Watches a group and fails when one of the paper's properties (figure 3) does not hold.</summary>
internal sealed class RaftOracle
{
    private readonly Dictionary<ulong, ulong> _leaders = [];
    private readonly Dictionary<(ulong Index, ulong Term), (Entry Entry, ulong PreviousTerm)> _written = [];
    private readonly SortedDictionary<ulong, (Entry Entry, ulong StateHash)> _applied = [];

    /// <summary>Highest index that any node ever knew to be committed.</summary>
    public ulong Committed { get; private set; }

    public int Elections => _leaders.Count;

    /// <summary>Log matching: an (index, term) names one entry, and with it the one before; so all before, by induction.</summary>
    public void Persisted(RaftPeer peer, Entry entry)
    {
        var previous = peer.Log.FirstOrDefault(other => other.Index == entry.Index - 1);
        if (previous is null)
        {
            return; // behind a snapshot
        }

        if (!_written.TryAdd((entry.Index, entry.Term), (entry, previous.Term)))
        {
            var (first, term) = _written[(entry.Index, entry.Term)];
            Assert.True(first.Kind == entry.Kind && first.Data.Span.SequenceEqual(entry.Data.Span), $"Two entries are {entry.Index}/{entry.Term}");
            Assert.Equal(term, previous.Term);
        }
    }

    /// <summary>State machine safety: an index is applied once, with one entry, after the same history.</summary>
    public void Applied(RaftPeer peer, Entry entry)
    {
        if (!_applied.TryAdd(entry.Index, (entry, peer.StateHash)))
        {
            var (first, hash) = _applied[entry.Index];
            Assert.Equal(first.Term, entry.Term);
            Assert.Equal(hash, peer.StateHash);
        }
    }

    public void Installed(Snapshot snapshot) =>
        Assert.True(_applied.TryGetValue(snapshot.Index, out var known) && known.StateHash == RaftPeer.HashOf(snapshot),
            $"The snapshot at {snapshot.Index} is not the state that was applied there.");

    /// <summary>Election safety and leader completeness.</summary>
    public void Observe(RaftPeer peer)
    {
        Committed = Math.Max(Committed, peer.Node.CommitIndex);
        if (peer.Node.Role != Role.Leader)
        {
            return;
        }

        if (!_leaders.TryAdd(peer.Node.Term, peer.Id))
        {
            Assert.Equal(_leaders[peer.Node.Term], peer.Id);
            return;
        }

        var log = peer.Log.ToDictionary(entry => entry.Index, entry => entry.Term);
        foreach (var (index, (entry, _)) in _applied)
        {
            if (index >= peer.Node.FirstIndex && entry.Term < peer.Node.Term)
            {
                Assert.True(log.TryGetValue(index, out var term) && term == entry.Term,
                    $"Leader {peer.Id} of term {peer.Node.Term} lacks the committed entry {index}/{entry.Term}.");
            }
        }
    }
}

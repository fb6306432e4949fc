using Trefoil.Consensus;
using Trefoil.ControlPlane;

namespace Trefoil.Simulator.Planting;

/// <summary>Mistakes in Raft, as its peers and its disk see them.</summary>
internal static class ConsensusBugs
{
    /// <summary>A vote leaves, and is not on the disk.</summary>
    internal sealed class BallotNotSaved : Sabotage
    {
        public override void Wanted(SimulatedNode node, List<ControlEffect> effects) => Replace(effects, effect =>
            effect is ControlEffect.Persist { Write: { Ballot: not null, Snapshot: null } } persist
                ? new ControlEffect.Persist(persist.Write with { Ballot = null })
                : effect);
    }

    /// <summary>The vote is on the disk, and is not looked at after a restart.</summary>
    internal sealed class VotesAgain : Sabotage
    {
        public override ControlRestore Restored(SimulatedNode node, ControlRestore restore) =>
            restore with { Log = restore.Log is { } log ? log with { Vote = 0 } : null };
    }

    /// <summary>An election is won by answers, whatever they say.</summary>
    internal sealed class RefusedVotesCount : Sabotage
    {
        public override ControlMessage? Sent(SimulatedNode node, ControlMessage message) => message switch
        {
            ControlMessage.Raft { Message: RaftMessage.PreVoteReply { Granted: false } reply } =>
                new ControlMessage.Raft(reply with { Granted = true, Term = reply.Term + 1 }),
            ControlMessage.Raft { Message: RaftMessage.VoteReply { Granted: false } reply } =>
                new ControlMessage.Raft(reply with { Granted = true }),
            _ => message,
        };
    }

    /// <summary>Entries are acknowledged and never written.</summary>
    internal sealed class EntriesNotSaved : Sabotage
    {
        public override void Wanted(SimulatedNode node, List<ControlEffect> effects) => Replace(effects, effect =>
            effect is ControlEffect.Persist { Write: { Entries.Count: > 0, Ballot: null, Snapshot: null } } ? null : effect);
    }

    /// <summary>What is acknowledged leaves before what it acknowledges is written: a crash in between takes it back.</summary>
    internal sealed class AnswersBeforeWriting : Sabotage
    {
        public override void Wanted(SimulatedNode node, List<ControlEffect> effects)
        {
            var sorted = effects.OrderBy(effect => effect is ControlEffect.Send ? 0 : 1).ToList();
            effects.Clear();
            effects.AddRange(sorted);
        }
    }

    /// <summary>A leader commits whatever a majority holds, entries of earlier terms too (thesis, 3.6.2 and its figure 3.7).</summary>
    internal sealed class EarlierTermsByCounting(Simulation world) : Sabotage
    {
        public override void Wanted(SimulatedNode node, List<ControlEffect> effects)
        {
            if (node.Control.Raft is not { Role: Role.Leader } raft || world.Oracles.LogOf(node) is not { } log || raft.CommitIndex == log.Last)
            {
                return;
            }

            var counted = raft.CommitIndex;
            for (var index = counted + 1; index <= log.Last && log.TermAt(index) < raft.Term; index++)
            {
                if (IsHeldByAMajority(raft.Configuration.Incoming, log, index) && IsHeldByAMajority(raft.Configuration.Outgoing, log, index))
                {
                    counted = index;
                }
            }

            Replace(effects, effect => effect switch
            {
                ControlEffect.Send { Message: ControlMessage.Raft { Message: RaftMessage.Append append } } send
                    => send with { Message = new ControlMessage.Raft(append with { Commit = Math.Max(append.Commit, counted) }) },
                _ => effect,
            });
        }

        private bool IsHeldByAMajority(IReadOnlyList<ulong> voters, ShadowLog log, ulong index) => voters.Count == 0
            || voters.Count(id => world.Nodes.Any(node => node.Identity.Cluster == log.Cluster && node.Identity.MemberId == id
                && world.Oracles.LogOf(node)?.TermAt(index) == log.TermAt(index))) > voters.Count / 2;
    }

    /// <summary>The last chunk of a snapshot is cut short, and said to be whole.</summary>
    internal sealed class SnapshotCutShort : Sabotage
    {
        public override ControlMessage? Sent(SimulatedNode node, ControlMessage message) =>
            message is ControlMessage.Raft { Message: RaftMessage.SnapshotChunk { Done: true } last }
                ? new ControlMessage.Raft(last with { Data = last.Data[..(last.Data.Length / 2)], Total = last.Total - (ulong)(last.Data.Length - (last.Data.Length / 2)) })
                : message;
    }
}

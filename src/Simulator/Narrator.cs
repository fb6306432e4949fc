using Trefoil.Consensus;
using Trefoil.ControlPlane;
using Trefoil.Primitives;
using Trefoil.Sharding;
using Trefoil.Simulator.Clients;

namespace Trefoil.Simulator;

/// <summary>Turns what happened into a line that a person can follow.</summary>
internal static class Narrator
{
    public static string Tell(object? detail) => detail switch
    {
        null => "",
        string text => text,
        ControlMessage message => Message(message),
        ControlEffect effect => Effect(effect),
        ControlInput input => Input(input),
        TopologyCommand command => Command(command),
        (ClientRequest request, ClientAnswer answer) => $"{request} {answer}",
        _ => detail.ToString() ?? "",
    };

    /// <summary>The first digits tell ids apart well enough.</summary>
    public static string Short(NodeId id) => id.IsNone ? "none" : id.ToString()[..6];

    public static string Short(ClusterId id) => id.IsNone ? "none" : id.ToString()[..6];

    public static string Short(RequestId id) => $"{Short(id.Proposer)}/{id.Sequence >> 32}.{(uint)id.Sequence}";

    private static string Message(ControlMessage message) => message switch
    {
        ControlMessage.Raft { Message: RaftMessage.Append append } =>
            $"Append {append.From}>{append.To} term {append.Term} after ({append.PrevIndex}, {append.PrevTerm}) "
            + $"{append.Entries.Count} entries, commit {append.Commit}",
        ControlMessage.Raft raft => raft.Message.ToString(),
        ControlMessage.Propose propose => $"Propose {Short(propose.Request)} at {propose.Version}",
        ControlMessage.NotLeader other => $"NotLeader {Short(other.Request)}, ask {Short(other.Leader)}",
        ControlMessage.Deltas deltas =>
            $"Deltas term {deltas.Term} from {deltas.From}, {deltas.Entries.Count} entries, leader {Short(deltas.Leader)}, "
            + $"{deltas.Voters.Count} voters",
        ControlMessage.Pull pull => $"Pull after {pull.Version}",
        ControlMessage.Full => "Full",
        ControlMessage.Expelled expelled => $"Expelled {Short(expelled.Node)} at {expelled.Version}",
        ControlMessage.Offer offer => $"Offer {Short(offer.Join)}",
        ControlMessage.Accepted accepted =>
            $"Accepted {Short(accepted.Join)} as member {accepted.MemberId} of {Short(accepted.Cluster)}",
        ControlMessage.Declined declined => $"Declined {Short(declined.Join)}: {declined.Reason}",
        ControlMessage.Crossed crossed => $"Crossed {Short(crossed.Join)}",
        ControlMessage.Withdraw withdraw => $"Withdraw {Short(withdraw.Join)}",
        ControlMessage.Invite invite => $"Invite {Short(invite.Invitation)}",
        ControlMessage.InviteRefused refused => $"InviteRefused {Short(refused.Invitation)}: {refused.Reason}",
        _ => message.GetType().Name,
    };

    private static string Effect(ControlEffect effect) => effect switch
    {
        ControlEffect.Persist { Write: var write } =>
            $"persist ballot {write.Ballot?.ToString() ?? "-"}, snapshot {write.Snapshot?.Index.ToString() ?? "-"}, "
            + (write.Entries.Count == 0 ? "no entries" : $"entries {write.Entries[0].Index}..{write.Entries[^1].Index} (term {write.Entries[^1].Term})")
            + $", commit {write.Commit}",
        ControlEffect.StartLog start => $"start log of {Short(start.Cluster)}",
        ControlEffect.SaveIdentity { Identity: var identity } =>
            $"save identity: {Short(identity.Node)} member {identity.MemberId} of {Short(identity.Cluster)}"
            + (identity.Offer is { } offer ? $", offered {Short(offer.Join)} to {offer.Target}" : ""),
        ControlEffect.Publish { Topology: var topology } => $"publish {Short(topology.ClusterId)} version {topology.Version}: "
            + $"{topology.Nodes.Count} members ({string.Join(' ', topology.Nodes.Select(n => $"{Short(n.Id)}={n.MemberId}"))})",
        ControlEffect.SaveTopology => "save topology",
        ControlEffect.Evict evict => $"evict {Short(evict.Node)}",
        ControlEffect.Admit admit => $"admit {Short(admit.Node)}",
        ControlEffect.Rebase rebase => $"rebase to {Short(rebase.Cluster)} as {Short(rebase.Self)}",
        ControlEffect.Answer answer => $"answer {answer.Token}: {answer.Result}",
        ControlEffect.Note note => $"{note.Event}: {note.Detail}",
        _ => effect.ToString(),
    };

    private static string Input(ControlInput input) => input switch
    {
        ControlInput.Meet meet => $"MEET {meet.Other.ControlAddress} ({Short(meet.Other.Node)} of {Short(meet.Other.Cluster)})",
        ControlInput.Reset reset => reset.Hard ? "RESET HARD" : "RESET SOFT",
        ControlInput.Health health => $"health of {Short(health.Node)}: {health.State}",
        ControlInput.VersionSeen seen => $"{Short(seen.Node)} has seen version {seen.Version}",
        _ => input.ToString(),
    };

    private static string Command(TopologyCommand command) => command switch
    {
        TopologyCommand.AddNode add => $"AddNode {Short(add.Request)} {Short(add.Record.Id)}",
        TopologyCommand.RemoveNode remove => $"RemoveNode {Short(remove.Request)} {Short(remove.Node)}",
        TopologyCommand.CancelJoin cancel => $"CancelJoin {Short(cancel.Request)} of {Short(cancel.Join)}",
        _ => $"{command.GetType().Name} {Short(command.Request)}",
    };
}

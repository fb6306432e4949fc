using System.Globalization;
using System.Text;
using Trefoil.Consensus;

namespace Trefoil.Unit.Consensus;

/// <summary>Runs a script of verbs over a <see cref="RaftGroup"/> and writes what every node does below each line, indented.</summary>
/// <remarks>
/// Verbs: <c>group 1 2 3</c>, <c>tight-group 1 2 3</c> (small messages and windows), <c>join ID</c>, <c>campaign ID</c>, <c>elect ID</c> (in silence), <c>propose ID TEXT...</c>, <c>change ID v4 l2 r3 [joint]</c>, <c>leave ID</c>,
/// <c>read ID TOKEN</c>, <c>transfer ID TO</c>, <c>compact ID KEEP</c>, <c>cut A B</c>, <c>isolate ID</c>, <c>heal</c>, <c>crash ID</c>, <c>restart ID</c>,
/// <c>settle</c> (perform and deliver until nothing moves), <c>watch MS</c> and <c>run MS</c> (let time pass, aloud or in silence), <c>status</c>.
/// </remarks>
internal sealed class RaftTranscript
{
    private readonly StringBuilder _text = new();
    private RaftGroup _group = new([1]);
    private bool _silent;

    /// <summary>The script with the output written below each line; old output is dropped.</summary>
    public static string Run(string script)
    {
        var transcript = new RaftTranscript();
        foreach (var line in script.TrimEnd('\n').Split('\n').Where(line => !line.StartsWith("  ", StringComparison.Ordinal)))
        {
            transcript._text.Append(line).Append('\n');
            if (line.Length > 0 && line[0] != '#')
            {
                transcript.Perform(line.Split(' '));
            }
        }

        return transcript._text.ToString();
    }

    private void Perform(string[] words)
    {
        switch (words)
        {
            case ["group", .. var ids]:
                Create(ids, tight: false);
                break;
            case ["tight-group", .. var ids]:
                Create(ids, tight: true);
                break;
            case ["join", var id]:
                _group.Join(Id(id));
                break;
            case ["campaign", var id]:
                _group[Id(id)].Node.Campaign(_group.Now);
                break;
            case ["elect", var id]:
                _silent = true;
                _group.Elect(Id(id));
                _silent = false;
                break;
            case ["propose", var id, .. var texts]:
                Array.ForEach(texts, text => Say(_group.Propose(Id(id), text)));
                break;
            case ["leave", var id]:
                Say(_group[Id(id)].Node.ProposeConfiguration(ConfigurationChange.LeaveJoint));
                break;
            case ["change", var id, .. var steps]:
                Say(_group[Id(id)].Node.ProposeConfiguration(Change(steps)));
                break;
            case ["read", var id, var token]:
                Say($"{_group[Id(id)].Node.ReadIndex(Id(token))}");
                break;
            case ["transfer", var id, var to]:
                Say(_group[Id(id)].Node.TransferLeadership(Id(to)) ? "ok" : "refused");
                break;
            case ["compact", var id, var keep]:
                _group[Id(id)].Compact(Id(keep));
                break;
            default:
                PerformOnNetwork(words);
                break;
        }
    }

    private void PerformOnNetwork(string[] words)
    {
        switch (words)
        {
            case ["cut", var a, var b]:
                _group.Cut(Id(a), Id(b));
                break;
            case ["isolate", var id]:
                _group.Isolate(Id(id));
                break;
            case ["heal"]:
                _group.Heal();
                break;
            case ["crash", var id]:
                _group[Id(id)].Crash();
                break;
            case ["restart", var id]:
                _group[Id(id)].Restart(_group.Now);
                break;
            case ["settle"]:
                _group.Settle();
                break;
            case ["watch", var milliseconds]:
                _group.Run((int)Id(milliseconds));
                break;
            case ["run", var milliseconds]:
                _silent = true;
                _group.Run((int)Id(milliseconds));
                _silent = false;
                break;
            case ["status"]:
                foreach (var peer in _group.Peers)
                {
                    Say(Status(peer));
                }

                break;
            default:
                throw new ArgumentException($"Unknown verb: {string.Join(' ', words)}", nameof(words));
        }
    }

    private void Create(string[] ids, bool tight)
    {
        _group = new RaftGroup([.. ids.Select(Id)], config => tight
            ? config with { SnapshotChunkBytes = 20, MaxInflightMessages = 2, MaxMessageBytes = 40 }
            : config);
        _group.OnReady = (peer, ready) => Say(Describe(peer.Id, ready));
        _group.OnMessage = (message, arrives) => Say(Describe(message) + (arrives ? "" : "  LOST"));
    }

    private static ConfigurationChange Change(string[] steps)
    {
        var changes = steps.Where(step => step != "joint").Select(step => new MemberChange(
            step[0] switch { 'v' => MemberChangeKind.AddVoter, 'l' => MemberChangeKind.AddLearner, _ => MemberChangeKind.Remove },
            Id(step[1..]))).ToArray();
        return new ConfigurationChange(changes, steps.Contains("joint") ? ConfigurationTransition.JointExplicit : ConfigurationTransition.Auto);
    }

    private static string Status(RaftPeer peer)
    {
        var node = peer.Node;
        return $"{node.Id} {node.Role} term={node.Term} leader={node.LeaderId} commit={node.CommitIndex} log={node.FirstIndex}..{node.LastIndex} "
            + $"{node.Configuration} commands=[{string.Join(' ', peer.Commands)}]"
            + string.Concat(node.Progress.Select(p => $" {p.Id}:{p.State}@{p.Match}"));
    }

    private static string Describe(ulong id, Ready ready)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{id} ready");
        text.Append(ready.MessagesBefore.Count > 0 ? $" before={ready.MessagesBefore.Count}" : "");
        text.Append(ready.Ballot is var (term, vote) ? $" ballot={term}/{vote}" : "");
        text.Append(ready.Snapshot is { } s ? $" snapshot={s.Index}/{s.Term} {s.Configuration}" : "");
        text.Append(ready.Entries.Count > 0 ? $" persist=[{Describe(ready.Entries)}]" : "");
        text.Append(ready.MessagesAfter.Count > 0 ? $" after={ready.MessagesAfter.Count}" : "");
        text.Append(ready.Committed.Count > 0 ? $" apply=[{Describe(ready.Committed)}]" : "");
        return text.Append(string.Concat(ready.Reads.Select(read => $" read={read.Token}@{read.Index}"))).ToString();
    }

    private static string Describe(RaftMessage message) => $"{message.From}->{message.To} {message.GetType().Name} term={message.Term}" + message switch
    {
        RaftMessage.PreVote m => $" last={m.LastIndex}/{m.LastTerm}",
        RaftMessage.Vote m => $" last={m.LastIndex}/{m.LastTerm}{(m.Transfer ? " transfer" : "")}",
        RaftMessage.PreVoteReply m => m.Granted ? " granted" : " refused",
        RaftMessage.VoteReply m => m.Granted ? " granted" : " refused",
        RaftMessage.Append m => $" after={m.PrevIndex}/{m.PrevTerm} commit={m.Commit} [{Describe(m.Entries)}]",
        RaftMessage.AppendReply { Rejected: true } m => $" rejected={m.Index} hint={m.HintIndex}/{m.HintTerm}",
        RaftMessage.AppendReply m => $" match={m.Index}",
        RaftMessage.Heartbeat m => $" commit={m.Commit} round={m.Round}",
        RaftMessage.HeartbeatReply m => $" round={m.Round}",
        RaftMessage.SnapshotChunk m => $" snapshot={m.Index}/{m.IndexTerm} bytes={m.Offset}+{m.Data.Length}/{m.Total}{(m.Done ? " done" : "")}",
        RaftMessage.SnapshotReply m => $" snapshot={m.Index} offset={m.Offset}",
        _ => "",
    };

    private static string Describe(IReadOnlyList<Entry> entries) => string.Join(' ', entries.Select(entry => $"{entry.Index}/{entry.Term}:"
        + (entry.Kind == EntryKind.Command ? Encoding.UTF8.GetString(entry.Data.Span) : entry.Kind.ToString())));

    private void Say(ProposeResult result) =>
        Say(result.IsAccepted ? $"accepted {result.Index}/{result.Term}" : $"{result.Status}{(result.Reason is null ? "" : ": ")}{result.Reason}");

    private void Say(string line)
    {
        if (!_silent)
        {
            _text.Append("  ").Append(line).Append('\n');
        }
    }

    private static ulong Id(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Text;
using Trefoil.Consensus;
using Xunit;

namespace Trefoil.Unit.Consensus;

/// <summary>The public cases of etcd's quorum and confchange packages (tests/Unit/Data/raft, with their licence), to the letter.</summary>
public sealed class PublicCaseTests
{
    [Fact]
    public void All_185_cases_are_run() =>
        Assert.Equal(185, DataCase.ReadFolder("quorum").Count + DataCase.ReadFolder("confchange").Count);

    [Fact]
    public void Quorum_cases_give_exactly_the_public_output() =>
        Assert.All(DataCase.ReadFolder("quorum"), example => Assert.Equal(example.Expected, RunQuorum(example)));

    [Fact]
    public void Configuration_change_cases_give_exactly_the_public_output()
    {
        foreach (var file in DataCase.ReadFolder("confchange").GroupBy(example => example.File))
        {
            var tracker = new ProgressTracker();
            ulong lastIndex = 0;
            Assert.All(file, example => Assert.Equal(example.Expected, RunChange(tracker, example, lastIndex++)));
        }
    }

    private static string RunQuorum(DataCase example)
    {
        var incoming = Ids(example.Argument("cfg") ?? []);
        var joint = example.Argument("cfgj");
        var outgoing = joint is null or ["zero"] ? [] : Ids(joint);
        var everyone = incoming.Concat(outgoing).Distinct().ToArray();
        return example.Directive.Split(' ')[0] switch
        {
            "committed" => RunCommitted(incoming, outgoing, joint is not null, everyone, example.Argument("idx") ?? []),
            "vote" => RunVote(incoming, outgoing, joint is not null, everyone, example.Argument("votes") ?? []),
            _ => throw new InvalidOperationException(example.ToString()),
        };
    }

    private static string RunCommitted(ulong[] incoming, ulong[] outgoing, bool joint, ulong[] everyone, string[] said)
    {
        Assert.Equal(everyone.Length, said.Length);
        var acknowledged = everyone.Zip(said).Where(pair => pair.Second != "_")
            .ToDictionary(pair => pair.First, pair => ulong.Parse(pair.Second, CultureInfo.InvariantCulture));
        ulong Of(ulong id) => acknowledged.GetValueOrDefault(id);

        var index = joint ? Joint.Committed(incoming, outgoing, Of) : Majority.Committed(incoming, Of);
        CrossCheck(incoming, outgoing, acknowledged, index);
        return QuorumPicture.Draw([.. everyone.Order()], acknowledged) + (index == ulong.MaxValue ? "∞" : $"{index}");
    }

    /// <summary>What must hold whatever the case: symmetry, idempotence, the neutral element, another way to compute it.</summary>
    private static void CrossCheck(ulong[] incoming, ulong[] outgoing, Dictionary<ulong, ulong> acknowledged, ulong index)
    {
        ulong Of(ulong id) => acknowledged.GetValueOrDefault(id);
        Assert.Equal(index, Joint.Committed(outgoing, incoming, Of));
        Assert.Equal(index, Math.Min(QuorumPicture.CommittedByCounting(incoming, Of), QuorumPicture.CommittedByCounting(outgoing, Of)));
        if (outgoing.Length > 0)
        {
            return;
        }

        Assert.Equal(index, Majority.Committed(incoming, Of));
        Assert.Equal(index, Joint.Committed(incoming, [], Of));
        Assert.Equal(index, Joint.Committed(incoming, incoming, Of));
        foreach (var (id, low) in acknowledged.Where(pair => pair.Value < index))
        {
            // Who is below the committed index does not carry it, so being even lower changes nothing.
            Assert.Equal(index, Majority.Committed(incoming, other => other == id ? low - 1 : Of(other)));
            Assert.Equal(index, Majority.Committed(incoming, other => other == id ? 0 : Of(other)));
        }
    }

    private static string RunVote(ulong[] incoming, ulong[] outgoing, bool joint, ulong[] everyone, string[] said)
    {
        Assert.Equal(everyone.Length, said.Length);
        var answers = everyone.Zip(said).ToDictionary(pair => pair.First, pair => pair.Second);
        bool? Of(ulong id) => answers[id] switch { "y" => true, "n" => false, _ => null };

        var result = joint ? Joint.Tally(incoming, outgoing, Of) : Majority.Tally(incoming, Of);
        Assert.Equal(result, Joint.Tally(outgoing, incoming, Of));
        if (outgoing.Length == 0)
        {
            Assert.Equal(result, Majority.Tally(incoming, Of));
            Assert.Equal(result, Joint.Tally(incoming, [], Of));
            Assert.Equal(result, Joint.Tally(incoming, incoming, Of));
        }

        return $"Vote{result}";
    }

    private static string RunChange(ProgressTracker tracker, DataCase example, ulong lastIndex)
    {
        var changes = example.Input.SelectMany(line => line.Split(' ')).Where(token => token[0] != 'u').Select(Change).ToArray();
        var outcome = example.Directive.Split(' ')[0] switch
        {
            "simple" => ConfigurationChanger.Simple(tracker.Configuration, changes),
            "enter-joint" => ConfigurationChanger.EnterJoint(tracker.Configuration, changes, example.Argument("autoleave") is ["true"]),
            "leave-joint" => ConfigurationChanger.LeaveJoint(tracker.Configuration),
            _ => throw new InvalidOperationException(example.ToString()),
        };
        if (outcome.Configuration is not { } next)
        {
            return outcome.Error!;
        }

        tracker.Switch(next, id => new Progress(id, Math.Max(lastIndex, 1), new Inflights(10, 1000), TimeSpan.Zero));
        var text = new StringBuilder(next.ToString());
        foreach (var progress in tracker.Members)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{progress.Id}: {progress}");
        }

        return text.ToString();
    }

    private static MemberChange Change(string token) => new(
        token[0] switch
        {
            'v' => MemberChangeKind.AddVoter,
            'l' => MemberChangeKind.AddLearner,
            'r' => MemberChangeKind.Remove,
            _ => throw new InvalidOperationException(token),
        },
        ulong.Parse(token[1..], CultureInfo.InvariantCulture));

    private static ulong[] Ids(string[] texts) => [.. texts.Select(text => ulong.Parse(text, CultureInfo.InvariantCulture))];
}

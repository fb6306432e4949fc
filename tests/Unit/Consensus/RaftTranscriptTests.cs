using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Consensus;

/// <summary>Golden transcripts: each file in Golden/Consensus is a story, and below each line what every node did.</summary>
public sealed class RaftTranscriptTests
{
    public static TheoryData<string> Scripts() => Golden.Names("Consensus");

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Transcript_matches(string script) =>
        Golden.Check("Consensus", script, RaftTranscript.Run(Golden.Read("Consensus", script)));

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_same_script_gives_the_same_transcript_twice(string script) =>
        Assert.Equal(RaftTranscript.Run(Golden.Read("Consensus", script)), RaftTranscript.Run(Golden.Read("Consensus", script)));
}

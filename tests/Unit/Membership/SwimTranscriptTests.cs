using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Membership;

/// <summary>Runs every script in Golden/Membership and compares what the core did.</summary>
public sealed class SwimTranscriptTests
{
    private const string Area = "Membership";

    public static TheoryData<string> Scripts() => Golden.Names(Area);

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Transcript_matches(string script) => Golden.Check(Area, script, SwimScript.Run(Golden.Read(Area, script)));
}

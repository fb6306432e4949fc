using System.CommandLine;

namespace Trefoil.Cli.Assert;

/// <summary>The flags of <c>query</c> and <c>explain</c>: each becomes a parameter of the URL, which the node checks.</summary>
internal sealed class LensOptions
{
    private readonly Option<string?> _subject = new("--subject") { Description = "One subject, as drug/aspirin.", HelpName = "PATH" };
    private readonly Option<string?> _prefix = new("--prefix") { Description = "Or all of a branch, as drug. Default: everything.", HelpName = "PATH" };

    private readonly (string Parameter, Option<string?> Option)[] _lens =
    [
        ("predicate", new("--predicate") { Description = "Only this property.", HelpName = "NAME" }),
        ("lens", new("--lens") { Description = "How contradictions are resolved: recency, confidence, consensus, vote, authority, skeptic, layered, all. Default: recency.", HelpName = "LENS" }),
        ("asOf", new("--as-of") { Description = "As it was known at a time: ms since 1970, or a date like 2024-05-01 or 2024-05-01T12:00:00Z.", HelpName = "TIME" }),
        ("validAt", new("--valid-at") { Description = "What holds at a time.", HelpName = "TIME" }),
        ("minTier", new("--min-tier") { Description = "Sources of this class or better, as PeerReviewed.", HelpName = "TIER" }),
        ("lifecycle", new("--lifecycle") { Description = "Only these states, as Approved,UnderReview.", HelpName = "STATES" }),
        ("decay", new("--decay") { Description = "on: confidence halves with age, by the class of the source.", HelpName = "on|off" }),
        ("trust", new("--trust") { Description = "Trust in single agents, as KEY:0.5,anonymous:0.1.", HelpName = "TRUST" }),
    ];

    public IEnumerable<Option> All => [_subject, _prefix, .. _lens.Select(lens => lens.Option)];

    /// <summary>The parameters of the URL.</summary>
    public IReadOnlyList<(string Name, string? Value)> Parameters(ParseResult parsed)
    {
        var (subject, prefix) = (parsed.GetValue(_subject), parsed.GetValue(_prefix));
        return [("subject", subject), ("prefix", prefix ?? (subject is null ? "" : null)), .. _lens.Select(lens => (lens.Parameter, parsed.GetValue(lens.Option)))];
    }
}

using System.Text;

namespace Trefoil.Assertions.Model;

/// <summary>Names of source classes, and the class of an assertion that states none.</summary>
public static class SourceClasses
{
    /// <summary>How many there are; they are numbered from 0.</summary>
    public const int Count = 6;

    /// <summary>The class of a subject whose scheme says nothing.</summary>
    public const SourceClass Default = SourceClass.Expert;

    /// <summary>
    /// Schemes that say what kind of source speaks. It is looked up when an assertion is read and never enters its
    /// hash, so a longer table changes answers and no ids; all nodes of a cluster must have the same.
    /// </summary>
    public static IReadOnlyList<(string Scheme, SourceClass Class)> Schemes { get; } =
    [
        ("regulatory", SourceClass.Regulatory),
        ("fda", SourceClass.Regulatory),
        ("ema", SourceClass.Regulatory),
        ("rfc", SourceClass.Regulatory),
        ("peerreviewed", SourceClass.PeerReviewed),
        ("clinical", SourceClass.PeerReviewed),
        ("doi", SourceClass.PeerReviewed),
        ("pubmed", SourceClass.PeerReviewed),
        ("observational", SourceClass.Observational),
        ("registry", SourceClass.Observational),
        ("expert", SourceClass.Expert),
        ("community", SourceClass.Community),
        ("forum", SourceClass.Community),
        ("wiki", SourceClass.Community),
        ("anecdotal", SourceClass.Anecdotal),
        ("blog", SourceClass.Anecdotal),
    ];

    /// <summary>The class by the subject's scheme (ASCII case ignored), else <see cref="Default"/>.</summary>
    public static SourceClass Of(ConceptPath subject)
    {
        var scheme = subject.Scheme;
        if (!scheme.IsEmpty)
        {
            foreach (var (known, tier) in Schemes)
            {
                if (Ascii.EqualsIgnoreCase(scheme, known))
                {
                    return tier;
                }
            }
        }

        return Default;
    }

    /// <summary>As written in JSON: PeerReviewed.</summary>
    public static string NameOf(SourceClass tier) => All[(int)tier];

    /// <summary>By name, the case of ASCII letters ignored; Clinical is another name of PeerReviewed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out SourceClass tier)
    {
        var index = Names.IndexOf(name, All);
        tier = index == Count ? SourceClass.PeerReviewed : (SourceClass)Math.Max(index, 0);
        return index >= 0;
    }

    internal static readonly string[] All = ["Regulatory", "PeerReviewed", "Observational", "Expert", "Community", "Anecdotal", "Clinical"];
}

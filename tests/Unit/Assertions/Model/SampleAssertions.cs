using Trefoil.Assertions.Model;
using Trefoil.Primitives;

namespace Trefoil.Unit.Assertions.Model;

/// <summary>Assertions to try things on: the smallest, the fullest, and any number of others from a seed.</summary>
internal static class SampleAssertions
{
    public static readonly AgentKey Alice = AgentKey.Parse("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

    /// <summary>Test 1 of RFC 8032, whose public key is <see cref="Alice"/>.</summary>
    public static readonly byte[] AliceSeed = Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

    public static Assertion Smallest => new()
    {
        Subject = ConceptPath.Of("a"),
        Predicate = "p",
        Object = ClaimObject.Boolean(true),
        ConfidencePpm = 0,
    };

    public static Assertion Fullest => new()
    {
        Subject = ConceptPath.Of("fda://drug/aspirin/safety"),
        Predicate = "maxDailyDoseMg",
        Object = ClaimObject.Number(-0.0),
        ConfidencePpm = 900_000,
        StatedClass = SourceClass.PeerReviewed,
        SourceHash = Convert.FromHexString("00ff10"),
        SourceUri = "https://example.org/leaflet?id=7",
        Agent = Alice,
        AssertedAtMs = 1_700_000_000_000,
        ValidFromMs = -1,
        ValidToMs = Assertion.MaxTimeMs,
        Parents = [new(AssertionId.Parse(new string('f', 64)), ParentKind.Supersedes), new(AssertionId.Parse(new string('0', 64)), ParentKind.Refutes)],
        StatedLifecycle = Lifecycle.Approved,
        Nonce = "1",
    };

    /// <summary>Any assertion that fulfils the rules, most fields often absent.</summary>
    public static Assertion Draw(Prng random) => new()
    {
        Subject = ConceptPath.Of(Pick(random, "drug", "fda://drug", "ä/€/𝄞") + "/" + random.Below(5)),
        Predicate = Pick(random, "treats", "p", "größer als", new string('p', 256)),
        Object = Value(random),
        ConfidencePpm = (uint)random.Below(Ppm.One + 1),
        StatedClass = random.Chance(0.5) ? (SourceClass)random.Below(SourceClasses.Count) : null,
        SourceHash = new byte[random.Below(3) * 32],
        SourceUri = Pick(random, "", "https://example.org/"),
        Agent = random.Chance(0.5) ? Alice : AgentKey.Anonymous,
        AssertedAtMs = random.Chance(0.5) ? random.Below(int.MaxValue) : null,
        ValidFromMs = random.Chance(0.3) ? random.Below(1000) - 500 : null,
        ValidToMs = random.Chance(0.3) ? 1000 + random.Below(1000) : null,
        Parents = [.. Enumerable.Range(0, random.Chance(0.3) ? random.Below(9) : 0).Select(i => new ParentLink(Id(i), (ParentKind)random.Below(3)))],
        StatedLifecycle = random.Chance(0.3) ? (Lifecycle)random.Below(Lifecycles.Count) : null,
        Nonce = Pick(random, "", "", "n", new string('n', 128)),
    };

    public static AssertionId Id(int number) => AssertionCodec.IdOf([(byte)number]);

    private static ClaimObject Value(Prng random) => random.Below(6) switch
    {
        0 => ClaimObject.Text(Pick(random, "", "safe", "\"\\\u0001\u2028", new string('t', 300))),
        1 => ClaimObject.Number(BitConverter.UInt64BitsToDouble(random.Next()) is var any && double.IsFinite(any) ? any : 0.1),
        2 => ClaimObject.Number(random.Below(100) / 4.0),
        3 => ClaimObject.Integer((long)random.Next()),
        4 => ClaimObject.Boolean(random.Chance(0.5)),
        _ => ClaimObject.Reference(ConceptPath.Of("drug/ibuprofen")),
    };

    private static string Pick(Prng random, params string[] from) => from[random.Below(from.Length)];
}

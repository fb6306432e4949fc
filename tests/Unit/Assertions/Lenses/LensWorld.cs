using Trefoil.Assertions.Lenses;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Primitives;
using Trefoil.Unit.Assertions.Model;
using Record = Trefoil.Assertions.Records.Record;

namespace Trefoil.Unit.Assertions.Lenses;

/// <summary>Random histories of few agents, values and instants, so that everything that can be equal often is.</summary>
internal static class LensWorld
{
    public const long Day = 24L * 60 * 60 * 1000;

    private static readonly AgentKey[] Agents = [AgentKey.Anonymous, LensCase.Agent("alice"), LensCase.Agent("bob"), LensCase.Agent("carol"), AgentKey.Administrator];

    private static readonly uint[] Confidences = [0, 1, 500_000, 500_000, 999_999, Ppm.One];

    private static readonly ClaimObject[] Values =
        [ClaimObject.Text("x"), ClaimObject.Text("y"), ClaimObject.Integer(1), ClaimObject.Number(1), ClaimObject.Boolean(true), ClaimObject.Reference(ConceptPath.Of("x"))];

    /// <summary>What several nodes recorded of one question: claims that each may have accepted, and what happened to them.</summary>
    public static List<Record> History(Prng random, int maxClaims = 8)
    {
        var records = new List<Record>();
        for (var claims = 1 + random.Below(maxClaims); claims > 0; claims--)
        {
            var body = AssertionCodec.Encode(Draw(random));
            var id = AssertionCodec.IdOf(body);
            for (var copies = 1 + random.Below(2); copies > 0; copies--)
            {
                records.Add(new Record.Claim(id, Time(random), body));
            }

            for (var acts = random.Below(5); acts > 0; acts--)
            {
                records.Add(Act(random, id));
            }
        }

        return records;
    }

    /// <summary>The same records in another order, some of them several times, through two nodes that then reconcile.</summary>
    public static List<ClaimState> Deliver(Prng random, IReadOnlyList<Record> history)
    {
        var delivered = new List<Record>(history);
        for (var again = random.Below(history.Count + 1); again > 0; again--)
        {
            delivered.Add(history[random.Below(history.Count)]);
        }

        var order = delivered.ToArray();
        random.Shuffle(order);
        var cut = random.Below(order.Length + 1);
        var states = LensCase.Fold([.. Sets(order[cut..]), .. Sets(order[..cut])]).ToArray();
        random.Shuffle(states);
        return [.. states];
    }

    /// <summary>A lens within any wrappers.</summary>
    public static LensOptions Options(Prng random, LensKind lens) => new()
    {
        Lens = lens,
        AsOfMs = random.Chance(0.3) ? random.Below(5) * 90 * Day : null,
        ValidAtMs = random.Chance(0.3) ? random.Below(4) : null,
        MinTier = random.Chance(0.3) ? (SourceClass)random.Below(SourceClasses.Count) : null,
        Lifecycle = random.Chance(0.3) ? new LifecycleSet((byte)(1 + random.Below((1 << Lifecycles.Count) - 1))) : null,
        Decay = random.Chance(0.5),
        NowMs = 400 * Day,
        Explain = random.Chance(0.7),
        Trust = AgentTrust.Of(Agents.Where(_ => random.Chance(0.3)).Select(agent => (agent, Confidences[random.Below(Confidences.Length)]))),
    };

    /// <summary>A claim of no special origin.</summary>
    public static LensClaim Claim(ClaimObject value, uint ppm)
    {
        var assertion = new Assertion { Subject = ConceptPath.Of("s"), Predicate = "p", Object = value, ConfidencePpm = ppm };
        return new LensClaim(new ClaimState { Id = SampleAssertions.Id(1), Assertion = assertion, Ingested = default }, ppm);
    }

    private static IEnumerable<Record> Sets(IEnumerable<Record> records)
    {
        foreach (var group in records.GroupBy(record => record.Id))
        {
            var set = new ClaimRecords();
            foreach (var record in group)
            {
                set.Add(record);
            }

            foreach (var record in set.Ordered)
            {
                yield return record;
            }
        }
    }

    private static Assertion Draw(Prng random) => new()
    {
        Subject = ConceptPath.Of(random.Chance(0.5) ? "fda://s" : "s"),
        Predicate = "p",
        Object = Values[random.Below(Values.Length)],
        ConfidencePpm = Confidences[random.Below(Confidences.Length)],
        StatedClass = random.Chance(0.7) ? (SourceClass)random.Below(SourceClasses.Count) : null,
        Agent = Agents[random.Below(Agents.Length - 1)],
        ValidFromMs = random.Chance(0.2) ? random.Below(2) : null,
        ValidToMs = random.Chance(0.2) ? 2 + random.Below(2) : null,
        StatedLifecycle = random.Chance(0.2) ? (Lifecycle)random.Below(Lifecycles.Count) : null,
        Nonce = random.Below(3) is > 0 and var nonce ? $"{nonce}" : "",
    };

    private static Record Act(Prng random, AssertionId id)
    {
        var agent = Agents[random.Below(Agents.Length)];
        return random.Below(12) switch
        {
            0 => new Record.Retraction(id, agent, Time(random)),
            1 or 2 => new Record.LifecycleEvent(id, (Lifecycle)random.Below(Lifecycles.Count), Time(random), agent),
            3 => random.Chance(0.3) ? new Record.Redaction(id, Time(random)) : new Record.Retraction(id, agent, Time(random)),
            4 or 5 or 6 => new Record.Signature(id, agent, new byte[] { (byte)random.Below(2) }),
            _ => new Record.Vote(id, agent, (random.Below(5) - 2) * (Ppm.One / 2), Time(random)),
        };
    }

    private static HybridTime Time(Prng random) =>
        new(random.Below(4) * 90 * Day, (ushort)random.Below(2), new NodeId(0, (ulong)random.Below(3)));
}

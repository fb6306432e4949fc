using System.Globalization;
using Trefoil.Assertions.Model;
using Trefoil.Assertions.Records;
using Trefoil.Primitives;
using Trefoil.Unit.Testing;
using Record = Trefoil.Assertions.Records.Record;

namespace Trefoil.Unit.Assertions.Lenses;

/// <summary>One case of tests/Unit/Golden/Assertions/lenses: claims, questions, and what must be answered.</summary>
/// <remarks>
/// <code>
/// == what is shown            the title; a line with # says why the answer is this one
/// a at=20.0.1 value=x conf=0.5 tier=Expert agent=alice votes=bob:1@30 state=Approved@12 retract=alice@40 signed=bob valid=5..9 redact=50
/// ask lens=recency&amp;explain=on&amp;now=730d
/// winner a                    the lines of the answer; of each kind all or none, but for winner and candidates, which must be there
/// </code>
/// A claim's name is a hex digit and its id that digit 64 times, so the order of ids is seen. Times are ms.counter.node; the
/// last two may be left out (0 and 1); <c>3d</c> is three days.
/// </remarks>
internal sealed class LensCase
{
    private static readonly string[] Agents = ["anonymous", "alice", "bob", "carol", "dave", "erin"];

    private readonly List<Record> _records = [];

    public required string Title { get; init; }

    public List<LensQuestion> Questions { get; } = [];

    public IReadOnlyList<Record> Records => _records;

    public static IEnumerable<LensCase> Read(string file)
    {
        LensCase? current = null;
        foreach (var line in Golden.Read("Assertions/lenses", file).Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case [] or ["#", ..]:
                    break;
                case ["==", ..]:
                    if (current is not null)
                    {
                        yield return current;
                    }

                    current = new LensCase { Title = line[3..] };
                    break;
                case ["ask", var query]:
                    current!.Questions.Add(new LensQuestion(query));
                    break;
                default:
                    current!.Take(line.TrimEnd(), words);
                    break;
            }
        }

        if (current is not null)
        {
            yield return current;
        }
    }

    /// <summary>What records delivered in this order come to.</summary>
    public static List<ClaimState> Fold(IEnumerable<Record> records)
    {
        var sets = new Dictionary<AssertionId, ClaimRecords>();
        foreach (var record in records)
        {
            if (!sets.TryGetValue(record.Id, out var set))
            {
                sets[record.Id] = set = new ClaimRecords();
            }

            set.Add(record);
        }

        return [.. sets.Values.Select(set => set.Fold()).OfType<ClaimState>()];
    }

    public static AgentKey Agent(string name) => Array.IndexOf(Agents, name) switch
    {
        -1 when name == "admin" => AgentKey.Administrator,
        -1 => throw new FormatException($"no agent {name}"),
        var index => AgentKey.Parse(new string((char)('0' + index), AgentKey.HexLength)),
    };

    public static long Ms(string text) =>
        text.EndsWith('d') ? Ms(text[..^1]) * 24 * 60 * 60 * 1000 : long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A claim before the first question, a line of the answer after it.</summary>
    private void Take(string line, string[] words)
    {
        if (Questions.Count > 0)
        {
            Questions[^1].Expected.Add(string.Join(' ', words));
            return;
        }

        if (words[0].Length != 1 || !char.IsAsciiHexDigitLower(words[0][0]))
        {
            throw new FormatException($"not a claim: {line}");
        }

        var id = AssertionId.Parse(new string(words[0][0], AssertionId.HexLength));
        var assertion = new Assertion { Subject = ConceptPath.Of("s"), Predicate = "p", Object = ClaimObject.Text("x"), ConfidencePpm = Ppm.One / 2 };
        var at = default(HybridTime);
        foreach (var word in words[1..])
        {
            var (field, value) = (word[..word.IndexOf('=', StringComparison.Ordinal)], word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            assertion = With(assertion, field, value) ?? assertion;
            at = field == "at" ? Time(value) : at;
            _records.AddRange(RecordsOf(id, field, value));
        }

        _records.Add(new Record.Claim(id, at, AssertionCodec.Encode(assertion)));
    }

    private static Assertion? With(Assertion assertion, string field, string value) => field switch
    {
        "value" => assertion with { Object = Value(value) },
        "conf" => assertion with { ConfidencePpm = (uint)PpmOf(value) },
        "tier" => assertion with { StatedClass = Enum.Parse<SourceClass>(value) },
        "subject" => assertion with { Subject = ConceptPath.Of(value) },
        "agent" => assertion with { Agent = Agent(value) },
        "asserted" => assertion with { AssertedAtMs = Ms(value) },
        "stated" => assertion with { StatedLifecycle = Enum.Parse<Lifecycle>(value) },
        "valid" => assertion with { ValidFromMs = Optional(value.Split("..")[0]), ValidToMs = Optional(value.Split("..")[1]) },
        "supersedes" => assertion with { Parents = [new ParentLink(AssertionId.Parse(new string(value[0], AssertionId.HexLength)), ParentKind.Supersedes)] },
        _ => null,
    };

    private static IEnumerable<Record> RecordsOf(AssertionId id, string field, string value) => field switch
    {
        "votes" => value.Split(',').Select(vote => (Record)new Record.Vote(id, Agent(vote.Split(':')[0]), PpmOf(vote.Split(':', '@')[1]), At(vote))),
        "state" => [new Record.LifecycleEvent(id, Enum.Parse<Lifecycle>(value.Split('@')[0]), At(value), Agent("erin"))],
        "retract" => [new Record.Retraction(id, Agent(value.Split('@')[0]), At(value))],
        "redact" => [new Record.Redaction(id, Time(value))],
        "signed" => value.Split(',').Select(agent => (Record)new Record.Signature(id, Agent(agent), new byte[Ed25519.SignatureSize])),
        "value" or "conf" or "tier" or "subject" or "agent" or "asserted" or "stated" or "valid" or "supersedes" or "at" => [],
        _ => throw new FormatException($"no field {field}"),
    };

    private static ClaimObject Value(string text) => text[0] switch
    {
        '#' => ClaimObject.Integer(long.Parse(text[1..], CultureInfo.InvariantCulture)),
        '~' => ClaimObject.Number(double.Parse(text[1..], CultureInfo.InvariantCulture)),
        '!' => ClaimObject.Boolean(text == "!true"),
        '&' => ClaimObject.Reference(ConceptPath.Of(text[1..])),
        _ => ClaimObject.Text(text),
    };

    /// <summary>What stands behind an @; without one the records are of the first millisecond.</summary>
    private static HybridTime At(string text) => text.Contains('@', StringComparison.Ordinal) ? Time(text.Split('@')[1]) : Time("1");

    private static HybridTime Time(string text)
    {
        var parts = text.Split('.');
        return new HybridTime(
            Ms(parts[0]),
            parts.Length > 1 ? ushort.Parse(parts[1], CultureInfo.InvariantCulture) : (ushort)0,
            new NodeId(0, parts.Length > 2 ? ulong.Parse(parts[2], CultureInfo.InvariantCulture) : 1));
    }

    private static int PpmOf(string text) =>
        Ppm.TryFrom(decimal.Parse(text, CultureInfo.InvariantCulture), Ppm.One, out var ppm) ? ppm : throw new FormatException(text);

    private static long? Optional(string text) => text.Length == 0 ? null : Ms(text);
}

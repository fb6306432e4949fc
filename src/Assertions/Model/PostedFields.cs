using System.Text.Json;

namespace Trefoil.Assertions.Model;

/// <summary>The fields of one posted assertion while they are read.</summary>
internal struct PostedFields
{
    public AssertionId? ClaimedId;
    public ReadOnlyMemory<byte> Signature;

    private ConceptPath _subject;
    private Utf8Text _predicate;
    private ClaimObject _object;
    private uint _confidence;
    private SourceClass? _class;
    private ReadOnlyMemory<byte> _sourceHash;
    private Utf8Text _sourceUri;
    private AgentKey _agent;
    private long? _assertedAt;
    private long? _validFrom;
    private long? _validTo;
    private ParentLink[]? _parents;
    private Lifecycle? _lifecycle;
    private Utf8Text _nonce;

    /// <summary>In the order of the cases of ReadField.</summary>
    private static readonly FieldTable Known = new(
        4,
        "subject", "predicate", "object", "confidence", "sourceClass", "sourceHash", "sourceUri", "agent", "assertedAt",
        "validFrom", "validTo", "parents", "lifecycle", "nonce", "id", "signature");

    private static readonly FieldTable Link = new(2, "id", "kind");

    /// <summary>Reads one object to the end of the text.</summary>
    public static Invalid? Read(ref JsonFields fields, out PostedFields read)
    {
        read = default;
        if (fields.Begin("one assertion as a JSON object") is { } other)
        {
            return other;
        }

        for (var given = 0; ;)
        {
            var invalid = fields.NextField(Known, "", ref given, out var index);
            if (invalid is not null || index < 0)
            {
                return invalid ?? fields.End();
            }

            invalid = read.ReadField(ref fields, index, Known.Paths[index]);
            if (invalid is not null)
            {
                return invalid;
            }
        }
    }

    public readonly Assertion ToAssertion() => new()
    {
        Subject = _subject,
        Predicate = _predicate,
        Object = _object,
        ConfidencePpm = _confidence,
        StatedClass = _class,
        SourceHash = _sourceHash,
        SourceUri = _sourceUri,
        Agent = _agent,
        AssertedAtMs = _assertedAt,
        ValidFromMs = _validFrom,
        ValidToMs = _validTo,
        Parents = _parents ?? [],
        StatedLifecycle = _lifecycle,
        Nonce = _nonce,
    };

    private Invalid? ReadField(ref JsonFields fields, int index, string field) => index switch
    {
        0 => fields.Text(field, out var subject) ?? ConceptPath.TryCreate(subject, out _subject)?.Within(field),
        1 => fields.Text(field, out _predicate),
        2 => ObjectJson.Read(ref fields, field, out _object),
        3 => Confidence(ref fields, field),
        4 => Class(ref fields, field),
        5 => fields.Hex(field, 1, Assertion.MaxSourceHashBytes, out _sourceHash),
        6 => NotEmpty(ref fields, field, out _sourceUri),
        7 => fields.Agent(field, out _agent),
        8 => Time(ref fields, field, out _assertedAt),
        9 => Time(ref fields, field, out _validFrom),
        10 => Time(ref fields, field, out _validTo),
        11 => Parents(ref fields, field),
        12 => State(ref fields, field),
        13 => NotEmpty(ref fields, field, out _nonce),
        14 => Claimed(ref fields, field),
        _ => fields.Hex(field, Ed25519.SignatureSize, Ed25519.SignatureSize, out Signature),
    };

    private Invalid? Confidence(ref JsonFields fields, string field)
    {
        if (fields.Json.TokenType != JsonTokenType.Number)
        {
            return fields.Wrong(field, "a number from 0 to 1");
        }

        if (!fields.Json.TryGetDecimal(out var value) || value < 0 || !Ppm.TryFrom(value, Ppm.One, out var ppm))
        {
            return new Invalid(InvalidCodes.ConfidenceOutOfRange, field, $"a confidence lies between 0 and 1, this is {fields.Digits()}");
        }

        _confidence = (uint)ppm;
        return null;
    }

    private Invalid? Class(ref JsonFields fields, string field)
    {
        if (fields.Json.TokenType == JsonTokenType.Number)
        {
            var known = fields.Json.TryGetByte(out var number) && number < SourceClasses.Count;
            _class = (SourceClass)number;
            return known ? null : JsonFields.OneOf(field, $"0 to {SourceClasses.Count - 1}, or a name");
        }

        if (fields.Text(field, out var name) is { } invalid)
        {
            return invalid;
        }

        var named = SourceClasses.TryParse(name.Span, out var tier);
        _class = tier;
        return named ? null : JsonFields.OneOf(field, string.Join(", ", SourceClasses.All));
    }

    private Invalid? State(ref JsonFields fields, string field)
    {
        var invalid = fields.State(field, out var state);
        _lifecycle = state;
        return invalid;
    }

    private Invalid? Claimed(ref JsonFields fields, string field)
    {
        var invalid = fields.Id(field, out var id);
        ClaimedId = id;
        return invalid;
    }

    private Invalid? Parents(ref JsonFields fields, string field)
    {
        if (fields.Json.TokenType != JsonTokenType.StartArray)
        {
            return fields.Wrong(field, "an array of parents");
        }

        var links = new List<ParentLink>();
        for (fields.Next(); fields.Json.TokenType != JsonTokenType.EndArray; fields.Next())
        {
            if (links.Count == Assertion.MaxParents)
            {
                return new Invalid(InvalidCodes.TooManyParents, field, $"at most {Assertion.MaxParents} parents are allowed");
            }

            if (Parent(ref fields, $"{field}/{links.Count}", out var link) is { } invalid)
            {
                return invalid;
            }

            links.Add(link);
        }

        _parents = [.. links];
        return null;
    }

    private static Invalid? Parent(ref JsonFields fields, string field, out ParentLink link)
    {
        link = default;
        if (fields.Json.TokenType != JsonTokenType.StartObject)
        {
            return fields.Wrong(field, "an object with id and kind");
        }

        var (id, kind) = (default(AssertionId), default(ParentKind));
        for (var given = 0; ;)
        {
            var invalid = fields.NextField(Link, field, ref given, out var index);
            if (invalid is not null || index < 0)
            {
                link = new ParentLink(id, kind);
                return invalid;
            }

            invalid = index == 0 ? fields.Id(field + Link.Paths[0], out id) : Kind(ref fields, field + Link.Paths[1], out kind);
            if (invalid is not null)
            {
                return invalid;
            }
        }
    }

    private static Invalid? Kind(ref JsonFields fields, string field, out ParentKind kind)
    {
        kind = default;
        return fields.Text(field, out var name)
            ?? (ParentLink.TryParseKind(name.Span, out kind) ? null : JsonFields.OneOf(field, string.Join(", ", ParentLink.All)));
    }

    private static Invalid? Time(ref JsonFields fields, string field, out long? ms)
    {
        var invalid = fields.Integer(field, out var value);
        ms = value;
        return invalid;
    }

    /// <summary>An empty text would be taken for one that was not stated.</summary>
    private static Invalid? NotEmpty(ref JsonFields fields, string field, out Utf8Text text) =>
        fields.Text(field, out text) ?? (text.IsEmpty ? new Invalid(InvalidCodes.Empty, field, $"{field[1..]} is left out rather than empty") : null);
}

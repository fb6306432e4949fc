using System.Text.Json;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Model;

/// <summary>A reader of one JSON body whose texts are copied into one array, and that knows where it is.</summary>
/// <remarks>The bytes are valid UTF-8. Malformed JSON throws <see cref="JsonException"/>, which the entry point turns into a refusal.</remarks>
internal ref struct JsonFields(ReadOnlySpan<byte> utf8)
{
    /// <summary>Deep enough for /parents/0/id; deeper is malformed for us.</summary>
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 8 };

    /// <summary>Of a name nobody knows, in UTF-16 units: an answer need not repeat a megabyte.</summary>
    private const int MaxShownName = 64;

    // Unescaped texts are never longer than escaped ones; the quotes that fall away leave room for what is put before one.
    private readonly byte[] _texts = new byte[utf8.Length];
    private int _used = 0;

    /// <summary>The reader itself: at the first token of a value when a field is read.</summary>
    public Utf8JsonReader Json = new(utf8, Options);

    /// <summary>The field being read, as a JSON pointer: where malformed text is.</summary>
    public string At = "";

    /// <summary>Advances; malformed or missing text throws.</summary>
    public void Next()
    {
        if (!Json.Read())
        {
            throw new JsonException();
        }
    }

    /// <summary>The text must be an object: goes into it.</summary>
    public Invalid? Begin(string wanted)
    {
        Next();
        return Json.TokenType == JsonTokenType.StartObject ? null : Wrong("", wanted);
    }

    /// <summary>Nothing may follow: throws if something does.</summary>
    public Invalid? End()
    {
        Json.Read();
        return null;
    }

    /// <summary>Goes to the value of the object's next field that is not null; -1 at the object's end, when the required ones are there.</summary>
    /// <param name="table">What the object may have.</param>
    /// <param name="parent">Where the object is; "" for the whole text.</param>
    /// <param name="given">Bits of the fields seen: starts as 0, handed in again for the next.</param>
    /// <param name="index">Of the field in the table.</param>
    public Invalid? NextField(FieldTable table, string parent, ref int given, out int index)
    {
        do
        {
            At = parent;
            Next();
            if (Json.TokenType == JsonTokenType.EndObject)
            {
                index = -1;
                return table.Missing(given, parent);
            }

            index = table.IndexOf(Json);
            if (index < 0)
            {
                return Unknown(parent, Name(), table.Names);
            }

            if ((given & (1 << index)) != 0)
            {
                return new Invalid(InvalidCodes.DuplicateField, parent + table.Paths[index], $"{table.Names[index]} is given twice");
            }

            given |= 1 << index;
            At = parent.Length == 0 ? table.Paths[index] : parent;
            Next();
        }
        while (Json.TokenType == JsonTokenType.Null && !table.IsRequired(index));

        return null;
    }

    /// <summary>The value at the reader as text.</summary>
    public Invalid? Text(string field, out Utf8Text text) => Text(field, 0, out text);

    /// <summary>The value at the reader as text behind one byte.</summary>
    public Invalid? Tagged(string field, byte tag, out ReadOnlyMemory<byte> bytes)
    {
        var invalid = Text(field, 1, out var text);
        bytes = text.Memory;
        if (invalid is null)
        {
            _texts[_used - text.Length] = tag;
        }

        return invalid;
    }

    private Invalid? Text(string field, int room, out Utf8Text text)
    {
        text = default;
        if (Json.TokenType != JsonTokenType.String)
        {
            return Wrong(field, "a string");
        }

        var begin = _used;
        try
        {
            _used += room + Json.CopyString(_texts.AsSpan(begin + room));
        }
        catch (InvalidOperationException)
        {
            return new Invalid(InvalidCodes.BadUtf8, field, "an escape \\uD800..\\uDFFF names half a surrogate pair");
        }

        text = Utf8Text.Checked(_texts.AsMemory(begin, _used - begin));
        return null;
    }

    /// <summary>The value at the reader as bytes in hex, of a length within bounds.</summary>
    public Invalid? Hex(string field, int min, int max, out ReadOnlyMemory<byte> bytes)
    {
        bytes = default;
        if (Text(field, out var text) is { } invalid)
        {
            return invalid;
        }

        var buffer = new byte[Math.Min(text.Length / 2, max)];
        var good = text.Length % 2 == 0 && text.Length >= 2 * min && text.Length <= 2 * max
            && Convert.FromHexString(text.Span, buffer, out _, out _) == System.Buffers.OperationStatus.Done;
        bytes = good ? buffer : default;
        return good ? null : new Invalid(
            InvalidCodes.BadHex, field, min == max ? $"{field[1..]} is {2 * min} hex digits" : $"{field[1..]} is {2 * min} to {2 * max} hex digits, an even number");
    }

    /// <summary>The value at the reader as an id.</summary>
    public Invalid? Id(string field, out AssertionId id)
    {
        id = default;
        return Text(field, out var text)
            ?? (AssertionId.TryParse(text.Span, out id) ? null : new Invalid(InvalidCodes.BadHex, field, $"an id is {AssertionId.HexLength} hex digits"));
    }

    /// <summary>The value at the reader as an agent.</summary>
    public Invalid? Agent(string field, out AgentKey agent)
    {
        agent = default;
        return Text(field, out var text)
            ?? (AgentKey.TryParse(text.Span, out agent) ? null : new Invalid(InvalidCodes.BadHex, field, $"an agent is {AgentKey.HexLength} hex digits"));
    }

    /// <summary>The value at the reader as a state of the lifecycle.</summary>
    public Invalid? State(string field, out Lifecycle state)
    {
        state = default;
        return Text(field, out var name)
            ?? (Lifecycles.TryParse(name.Span, out state) ? null : OneOf(field, string.Join(", ", Lifecycles.All)));
    }

    /// <summary>A refusal of a name that is none of those listed.</summary>
    public static Invalid OneOf(string field, string names) => new(InvalidCodes.UnknownName, field, $"{field[1..]} is one of {names}");

    /// <summary>The value at the reader as a whole number of 64 bits.</summary>
    public readonly Invalid? Integer(string field, out long value)
    {
        value = 0;
        return Json.TokenType != JsonTokenType.Number ? Wrong(field, "a whole number")
            : Json.TryGetInt64(out value) ? null
            : new Invalid(InvalidCodes.IntegerOutOfRange, field, $"a whole number within 64 bits, without point or exponent, is needed, this is {Digits()}");
    }

    /// <summary>The name at the reader, for a refusal; what cannot be shown is replaced.</summary>
    public readonly string Name()
    {
        try
        {
            return Json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return System.Text.Encoding.UTF8.GetString(Json.ValueSpan);
        }
    }

    /// <summary>The number at the reader as it was written, for a refusal.</summary>
    public readonly string Digits() => Shown(System.Text.Encoding.ASCII.GetString(Json.ValueSpan));

    /// <summary>A name, cut if it is long.</summary>
    public static string Shown(string name) => name.Length <= MaxShownName ? name : name[..MaxShownName] + "…";

    /// <summary>A refusal of a field that is not known, with the one that was probably meant.</summary>
    public static Invalid Unknown(string parent, string name, IEnumerable<string> known)
    {
        var shown = Shown(name);
        var nearest = name.Length <= MaxShownName ? NearestKey.Of(name, known) : null;
        return new Invalid(
            InvalidCodes.UnknownField,
            $"{parent}/{shown.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}",
            nearest is null ? $"there is no field '{shown}'" : $"there is no field '{shown}'; did you mean '{nearest}'?");
    }

    /// <summary>A refusal of the value at the reader, which is of another type.</summary>
    public readonly Invalid Wrong(string field, string wanted)
    {
        if (Json.TokenType == JsonTokenType.String && (Json.ValueTextEquals("NaN"u8) || Json.ValueTextEquals("Infinity"u8) || Json.ValueTextEquals("-Infinity"u8)))
        {
            return new Invalid(InvalidCodes.NumberNotFinite, field, "a number is finite, and not a string");
        }

        var found = Json.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.String => "a string",
            JsonTokenType.Number => "a number",
            JsonTokenType.Null => "null",
            _ => "a boolean",
        };
        return new Invalid(InvalidCodes.WrongType, field, $"{wanted} is needed, this is {found}");
    }
}

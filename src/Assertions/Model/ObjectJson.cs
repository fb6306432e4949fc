using System.Text.Json;

namespace Trefoil.Assertions.Model;

/// <summary>Reads a value in either of its shapes: <c>{"type":"Number","value":1}</c> or <c>{"Number":1}</c>.</summary>
internal static class ObjectJson
{
    private const string Shape = """{"type":"Number","value":1} or {"Number":1}""";

    private const string Shapes = $"an object value is written {Shape}";

    /// <summary>The value at the reader.</summary>
    public static Invalid? Read(ref JsonFields fields, string field, out ClaimObject value)
    {
        value = default;
        if (fields.Json.TokenType != JsonTokenType.StartObject)
        {
            return fields.Wrong(field, Shape);
        }

        fields.Next();
        if (fields.Json.TokenType != JsonTokenType.PropertyName)
        {
            return new Invalid(InvalidCodes.ObjectShape, field, $"{Shapes}; this has no member");
        }

        if (fields.Json.ValueTextEquals("type"u8) || fields.Json.ValueTextEquals("value"u8))
        {
            return Typed(ref fields, field, out value);
        }

        if (!TryKind(fields.Json, out var kind))
        {
            return new Invalid(InvalidCodes.ObjectShape, field, $"{Shapes}; '{JsonFields.Shown(fields.Name())}' is none of {string.Join(", ", ClaimObject.All)}");
        }

        fields.Next();
        return Value(ref fields, $"{field}/{ClaimObject.NameOf(kind)}", kind, out value) ?? End(ref fields, field);
    }

    /// <summary>Type and value may come in either order: the reader remembers where the value was and returns to it.</summary>
    private static Invalid? Typed(ref JsonFields fields, string field, out ClaimObject value)
    {
        value = default;
        var (kind, hasKind, hasValue) = (ObjectKind.Text, false, false);
        var at = fields.Json;
        for (; fields.Json.TokenType == JsonTokenType.PropertyName; fields.Next())
        {
            var isType = fields.Json.ValueTextEquals("type"u8);
            if (!isType && !fields.Json.ValueTextEquals("value"u8))
            {
                return JsonFields.Unknown(field, fields.Name(), ["type", "value"]);
            }

            if (isType ? hasKind : hasValue)
            {
                return new Invalid(InvalidCodes.DuplicateField, $"{field}/{(isType ? "type" : "value")}", "it is given twice");
            }

            fields.Next();
            if (isType)
            {
                hasKind = TryKind(fields.Json, out kind);
                if (!hasKind)
                {
                    return new Invalid(InvalidCodes.UnknownName, $"{field}/type", $"type is one of {string.Join(", ", ClaimObject.All)}");
                }
            }
            else
            {
                hasValue = true;
                at = fields.Json;
                fields.Json.Skip();
            }
        }

        if (!hasKind || !hasValue)
        {
            return new Invalid(InvalidCodes.MissingField, $"{field}/{(hasKind ? "value" : "type")}", Shapes);
        }

        var end = fields.Json;
        fields.Json = at;
        var invalid = Value(ref fields, $"{field}/value", kind, out value);
        fields.Json = end;
        return invalid;
    }

    private static Invalid? Value(ref JsonFields fields, string field, ObjectKind kind, out ClaimObject value)
    {
        value = default;
        switch (kind)
        {
            case ObjectKind.Number:
                return Number(fields, field, out value);
            case ObjectKind.Integer:
                var whole = fields.Integer(field, out var integer);
                value = ClaimObject.Integer(integer);
                return whole;
            case ObjectKind.Boolean:
                value = ClaimObject.Boolean(fields.Json.TokenType == JsonTokenType.True);
                return fields.Json.TokenType is JsonTokenType.True or JsonTokenType.False ? null : fields.Wrong(field, "true or false");
            default:
                return fields.Tagged(field, (byte)kind, out var canonical) ?? ClaimObject.TryCreate(canonical, out value)?.Within(field);
        }
    }

    private static Invalid? Number(in JsonFields fields, string field, out ClaimObject value)
    {
        value = default;
        if (fields.Json.TokenType != JsonTokenType.Number)
        {
            return fields.Wrong(field, "a number");
        }

        if (!fields.Json.TryGetDouble(out var number) || !double.IsFinite(number))
        {
            return new Invalid(InvalidCodes.NumberNotFinite, field, "the number is too large for a 64-bit float");
        }

        value = ClaimObject.Number(number);
        return null;
    }

    private static Invalid? End(ref JsonFields fields, string field)
    {
        fields.Next();
        return fields.Json.TokenType == JsonTokenType.EndObject ? null
            : new Invalid(InvalidCodes.ObjectShape, field, $"{Shapes}; this has more than one member");
    }

    private static bool TryKind(in Utf8JsonReader json, out ObjectKind kind)
    {
        for (var i = 0; i < ClaimObject.All.Length; i++)
        {
            if (json.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && json.ValueTextEquals(ClaimObject.All[i]))
            {
                kind = (ObjectKind)i;
                return true;
            }
        }

        kind = default;
        return false;
    }
}

using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Trefoil.Assertions.Model;

/// <summary>Reads one JSON object out of bytes that nobody vouches for: length, UTF-8 and JSON itself are judged here.</summary>
internal static class JsonBody
{
    /// <summary>Reads the fields of one kind of object.</summary>
    public delegate Invalid? Fields<T>(ref JsonFields fields, out T read);

    /// <summary>Reads one object; <paramref name="read"/> is meaningless if it was refused.</summary>
    public static Invalid? Read<T>(ReadOnlySpan<byte> utf8, int maxBytes, Fields<T> reader, out T? read)
    {
        read = default;
        if (utf8.Length > maxBytes)
        {
            return new Invalid(InvalidCodes.BodyTooLarge, "", $"the body has {utf8.Length} bytes, at most {maxBytes} are allowed");
        }

        if (!Utf8.IsValid(utf8))
        {
            return new Invalid(InvalidCodes.BadUtf8, "", $"byte {ValidUtf8Length(utf8)} of the body is not valid UTF-8");
        }

        var fields = new JsonFields(utf8);
        try
        {
            return reader(ref fields, out read);
        }
        catch (JsonException problem)
        {
            return Explain(utf8[(int)fields.Json.BytesConsumed..], fields.At, problem);
        }
    }

    /// <summary>What the text stumbles over: JSON has no NaN and no infinities, and people try them.</summary>
    private static Invalid Explain(ReadOnlySpan<byte> rest, string field, JsonException problem)
    {
        rest = rest.TrimStart(" \t\r\n:,["u8);
        foreach (var name in (ReadOnlySpan<string>)["NaN", "Infinity", "-Infinity"])
        {
            if (rest.Length >= name.Length && Ascii.EqualsIgnoreCase(rest[..name.Length], name))
            {
                return new Invalid(InvalidCodes.NumberNotFinite, field, $"{name} is no JSON and no value: a number is finite");
            }
        }

        return new Invalid(
            InvalidCodes.MalformedJson, field, $"the body is not JSON at line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1} of it");
    }

    private static int ValidUtf8Length(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var used) == System.Buffers.OperationStatus.Done)
        {
            at += used;
        }

        return at;
    }
}

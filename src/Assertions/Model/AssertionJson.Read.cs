using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Model;

public static partial class AssertionJson
{
    /// <summary>Reads one assertion; what is wrong is told by code, field and reason, and nothing is filled in.</summary>
    public static Invalid? TryRead(ReadOnlySpan<byte> utf8, out PostedAssertion? posted) => TryRead(utf8, new ByteWriter(512), out posted);

    /// <summary>Reads one assertion, encoding into a writer that the caller reuses: for many in a row.</summary>
    /// <param name="utf8">One JSON object; may change afterwards.</param>
    /// <param name="scratch">Overwritten.</param>
    /// <param name="posted">The assertion, null if it was refused.</param>
    public static Invalid? TryRead(ReadOnlySpan<byte> utf8, ByteWriter scratch, out PostedAssertion? posted)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        posted = null;
        if (utf8.Length > MaxBytes)
        {
            return new Invalid(InvalidCodes.BodyTooLarge, "", $"the body has {utf8.Length} bytes, at most {MaxBytes} are allowed");
        }

        if (!Utf8.IsValid(utf8))
        {
            return new Invalid(InvalidCodes.BadUtf8, "", $"byte {ValidUtf8Length(utf8)} of the body is not valid UTF-8");
        }

        var fields = new JsonFields(utf8);
        try
        {
            return PostedFields.Read(ref fields, out var read) ?? Complete(read, scratch, out posted);
        }
        catch (JsonException problem)
        {
            return Explain(utf8[(int)fields.Json.BytesConsumed..], fields.At, problem);
        }
    }

    private static Invalid? Complete(PostedFields read, ByteWriter scratch, out PostedAssertion? posted)
    {
        posted = null;
        var assertion = read.ToAssertion();
        if (AssertionRules.Check(assertion) is { } invalid)
        {
            return invalid;
        }

        scratch.Clear();
        AssertionCodec.WriteChecked(scratch, assertion);
        var body = scratch.ToArray();
        var id = AssertionCodec.IdOf(body);
        if (read.ClaimedId is { } claimed && claimed != id)
        {
            return new Invalid(InvalidCodes.HashMismatch, "/id", $"the content hashes to {id}, not to the claimed {claimed}");
        }

        if (!read.Signature.IsEmpty && assertion.Agent.IsAnonymous)
        {
            return new Invalid(InvalidCodes.SignatureWithoutAgent, "/agent", "a signature needs the agent's public key beside it");
        }

        posted = new PostedAssertion(assertion, body, id, read.Signature);
        return null;
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

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
        return JsonBody.Read(utf8, MaxBytes, PostedFields.Read, out PostedFields read) ?? Complete(read, scratch, out posted);
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
}

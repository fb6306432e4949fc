using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Records;

/// <summary>What makes a record believable whoever sent it: checked on every receipt, not on every read from our own disk.</summary>
public static class RecordRules
{
    /// <summary>A claim's body must hash to its id and be canonical; a signature must be one. Null if the record may be kept.</summary>
    public static Invalid? Check(Record record) => record switch
    {
        Record.Claim { Body.IsEmpty: true } => null, // redacted: the redaction is a record of its own
        Record.Claim claim => CheckBody(claim.Id, claim.Body),
        Record.Signature signature => CheckSignature(signature),
        _ => null,
    };

    /// <summary>A body must hash to the id it is offered under, and be canonical.</summary>
    public static Invalid? CheckBody(AssertionId id, ReadOnlyMemory<byte> body) =>
        AssertionCodec.IdOf(body.Span) is var actual && actual != id
            ? new Invalid(InvalidCodes.HashMismatch, "/id", $"the content hashes to {actual}, not to {id}")
            : AssertionCodec.TryDecode(body, out _);

    private static Invalid? CheckSignature(Record.Signature signature) =>
        Ed25519.Verify(signature.Agent, signature.Bytes.Span, signature.Id) switch
        {
            SignatureCheck.Valid => null,
            SignatureCheck.Wrong => new Invalid(InvalidCodes.SignatureWrong, "/signature", $"it is not a signature of agent {signature.Agent} over id {signature.Id}"),
            _ => new Invalid(InvalidCodes.SignatureUncheckable, "/signature", Ed25519.Missing),
        };
}

namespace Trefoil.Assertions.Model;

/// <summary>An assertion as a client sent it, its id, and what it came with that the id does not cover.</summary>
/// <param name="Assertion">The claim.</param>
/// <param name="Canonical">Its canonical body.</param>
/// <param name="Id">The hash of the body; equal to the id the client claimed, if it did.</param>
/// <param name="Signature">The agent's signature over the id, not checked yet; empty if none came.</param>
public sealed record PostedAssertion(Assertion Assertion, ReadOnlyMemory<byte> Canonical, AssertionId Id, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Checks the signature if there is one: about 100 µs, so it is a step of its own.</summary>
    public Invalid? CheckSignature() => Signature.IsEmpty ? null : Ed25519.Verify(Assertion.Agent, Signature.Span, Id) switch
    {
        SignatureCheck.Valid => null,
        SignatureCheck.Wrong => new Invalid(InvalidCodes.SignatureWrong, "/signature", $"it is not a signature of agent {Assertion.Agent} over id {Id}"),
        _ => new Invalid(InvalidCodes.SignatureUncheckable, "/signature", Ed25519.Missing),
    };
}

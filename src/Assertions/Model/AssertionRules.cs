namespace Trefoil.Assertions.Model;

/// <summary>What an assertion must fulfil beyond the types of its fields: the same rules for JSON, canonical bytes and code.</summary>
public static class AssertionRules
{
    /// <summary>The first rule that is broken, its field as in JSON; null if all hold.</summary>
    public static Invalid? Check(Assertion assertion)
    {
        ArgumentNullException.ThrowIfNull(assertion);
        return (assertion.Subject.Span.IsEmpty ? Missing("/subject") : null)
            ?? Name(assertion.Predicate.Span, "/predicate", Assertion.MaxPredicateBytes)
            ?? (assertion.Object.Canonical.IsEmpty ? Missing("/object") : null)
            ?? Confidence(assertion.ConfidencePpm)
            ?? Range(assertion.StatedClass is { } tier && (int)tier >= SourceClasses.Count, "/sourceClass", "source class")
            ?? Long(assertion.SourceHash.Length, "/sourceHash", Assertion.MaxSourceHashBytes)
            ?? OptionalName(assertion.SourceUri.Span, "/sourceUri", Assertion.MaxSourceUriBytes)
            ?? Agent(assertion.Agent)
            ?? Time(assertion.AssertedAtMs, "/assertedAt")
            ?? Time(assertion.ValidFromMs, "/validFrom")
            ?? Time(assertion.ValidToMs, "/validTo")
            ?? Validity(assertion)
            ?? Parents(assertion.Parents)
            ?? Range(assertion.StatedLifecycle is { } state && (int)state >= Lifecycles.Count, "/lifecycle", "lifecycle state")
            ?? OptionalName(assertion.Nonce.Span, "/nonce", Assertion.MaxNonceBytes);
    }

    private static Invalid Missing(string field) => new(InvalidCodes.MissingField, field, $"{field[1..]} must be given");

    private static Invalid? Name(ReadOnlySpan<byte> text, string field, int max) =>
        text.IsEmpty ? new Invalid(InvalidCodes.Empty, field, $"{field[1..]} must not be empty") : OptionalName(text, field, max);

    private static Invalid? OptionalName(ReadOnlySpan<byte> text, string field, int max) =>
        Long(text.Length, field, max) ?? Names.ControlCharacter(text)?.Within(field);

    private static Invalid? Long(int length, string field, int max) =>
        length > max ? new Invalid(InvalidCodes.TooLong, field, $"{field[1..]} has {length} bytes, at most {max} are allowed") : null;

    private static Invalid? Confidence(uint ppm) =>
        ppm > Ppm.One
            ? new Invalid(InvalidCodes.ConfidenceOutOfRange, "/confidence", $"a confidence lies between 0 and 1, this is {Ppm.ToDecimal(ppm)}")
            : null;

    private static Invalid? Range(bool beyond, string field, string what) =>
        beyond ? new Invalid(InvalidCodes.UnknownName, field, $"there is no such {what}") : null;

    private static Invalid? Agent(AgentKey agent) =>
        agent == AgentKey.Administrator
            ? new Invalid(InvalidCodes.ReservedAgent, "/agent", $"{agent} marks an administrator's acts and asserts nothing")
            : null;

    private static Invalid? Time(long? ms, string field) =>
        ms is < -Assertion.MaxTimeMs or > Assertion.MaxTimeMs
            ? new Invalid(InvalidCodes.TimeOutOfRange, field, $"{ms} ms since 1970 is more than a hundred million days away")
            : null;

    private static Invalid? Validity(Assertion assertion) =>
        assertion.ValidFromMs >= assertion.ValidToMs
            ? new Invalid(InvalidCodes.ValidityEmpty, "/validTo", $"validTo ({assertion.ValidToMs}) must be after validFrom ({assertion.ValidFromMs})")
            : null;

    private static Invalid? Parents(IReadOnlyList<ParentLink> parents)
    {
        if (parents.Count > Assertion.MaxParents)
        {
            return new Invalid(InvalidCodes.TooManyParents, "/parents", $"{parents.Count} parents, at most {Assertion.MaxParents} are allowed");
        }

        for (var i = 0; i < parents.Count; i++)
        {
            if ((int)parents[i].Kind >= ParentLink.KindCount)
            {
                return new Invalid(InvalidCodes.UnknownName, $"/parents/{i}/kind", "there is no such kind of parent");
            }

            if (i > 0 && parents[i].Id == parents[i - 1].Id)
            {
                return new Invalid(InvalidCodes.DuplicateParent, "/parents", $"{parents[i].Id} is linked twice");
            }
        }

        return null;
    }
}

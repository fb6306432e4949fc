using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Engine;

/// <summary>Codes of refusals beyond those of malformed content (<see cref="InvalidCodes"/>). Published names: they stay, and each keeps its meaning.</summary>
public static class RefusalCodes
{
    public const string UnknownAssertion = "unknown_assertion";
    public const string Redacted = "redacted";
    public const string NotTheAuthor = "not_the_author";
    public const string BadId = "bad_id";
    public const string UnknownParameter = "unknown_parameter";
    public const string DuplicateParameter = "duplicate_parameter";
    public const string MissingParameter = "missing_parameter";
    public const string BadParameter = "bad_parameter";
    public const string UnknownLens = "unknown_lens";
    public const string BadCursor = "bad_cursor";
    public const string CursorOfOtherQuery = "cursor_of_other_query";
    public const string TooManyClaims = "too_many_claims";

    /// <summary>Every code with its meaning, in the order of the documentation.</summary>
    public static IReadOnlyList<(string Code, string Meaning)> All { get; } =
    [
        (UnknownAssertion, "No assertion of this id is known here."),
        (Redacted, "The assertion's content was removed."),
        (NotTheAuthor, "Only the author of an assertion may retract it."),
        (BadId, "Not an id: 64 hex digits."),
        (UnknownParameter, "A query parameter that this route does not know."),
        (DuplicateParameter, "A query parameter is given twice."),
        (MissingParameter, "A query parameter that must be given is not."),
        (BadParameter, "The value of a query parameter is none that it can have."),
        (UnknownLens, "No lens has this name."),
        (BadCursor, "Not a cursor that this server gave."),
        (CursorOfOtherQuery, "The cursor belongs to a query with other parameters."),
        (TooManyClaims, "The subject has more claims than a proof is made over."),
    ];
}

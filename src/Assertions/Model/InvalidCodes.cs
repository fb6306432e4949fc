namespace Trefoil.Assertions.Model;

/// <summary>The codes of <see cref="Invalid"/>. Published names: they stay, and each keeps its meaning.</summary>
public static class InvalidCodes
{
    public const string MalformedJson = "malformed_json";
    public const string BodyTooLarge = "body_too_large";
    public const string BadUtf8 = "bad_utf8";
    public const string UnknownField = "unknown_field";
    public const string DuplicateField = "duplicate_field";
    public const string MissingField = "missing_field";
    public const string WrongType = "wrong_type";
    public const string PathEmptySegment = "path_empty_segment";
    public const string PathBadScheme = "path_bad_scheme";
    public const string ControlCharacter = "control_character";
    public const string TooLong = "too_long";
    public const string Empty = "empty";
    public const string NumberNotFinite = "number_not_finite";
    public const string IntegerOutOfRange = "integer_out_of_range";
    public const string ConfidenceOutOfRange = "confidence_out_of_range";
    public const string VoteOutOfRange = "vote_out_of_range";
    public const string ObjectShape = "object_shape";
    public const string UnknownName = "unknown_name";
    public const string BadHex = "bad_hex";
    public const string TooManyParents = "too_many_parents";
    public const string DuplicateParent = "duplicate_parent";
    public const string TimeOutOfRange = "time_out_of_range";
    public const string ValidityEmpty = "validity_empty";
    public const string HashMismatch = "hash_mismatch";
    public const string ReservedAgent = "reserved_agent";
    public const string SignatureWithoutAgent = "signature_without_agent";
    public const string SignatureWrong = "signature_wrong";
    public const string SignatureUncheckable = "signature_uncheckable";
    public const string EncodingVersion = "encoding_version";
    public const string EncodingMalformed = "encoding_malformed";
    public const string BadTime = "bad_time";
    public const string TrustOutOfRange = "trust_out_of_range";
    public const string TooMany = "too_many";

    /// <summary>Every code with its meaning, in the order of the documentation.</summary>
    public static IReadOnlyList<(string Code, string Meaning)> All { get; } =
    [
        (MalformedJson, "The body is not one JSON value, or is cut short."),
        (BodyTooLarge, "The body is longer than one assertion can be."),
        (BadUtf8, "A text is not valid UTF-8, or an escape names half a surrogate pair."),
        (UnknownField, "A field that this version does not know."),
        (DuplicateField, "A field is given twice."),
        (MissingField, "A field that must be given is not."),
        (WrongType, "A value of another JSON type than the field's."),
        (PathEmptySegment, "A concept path has an empty segment."),
        (PathBadScheme, "What stands before :// is not a scheme: a letter, then letters, digits, + - or a dot."),
        (ControlCharacter, "A name has a character below U+0020, or U+007F."),
        (TooLong, "A text or value has more bytes than its field may have."),
        (Empty, "A text or value that must not be empty is."),
        (NumberNotFinite, "A number is NaN, infinite, or too large for a 64-bit float."),
        (IntegerOutOfRange, "A number is no whole number of 64 bits."),
        (ConfidenceOutOfRange, "A confidence is below 0 or above 1."),
        (VoteOutOfRange, "A vote is below -1 or above 1."),
        (ObjectShape, "An object value has neither of the two shapes."),
        (UnknownName, "A name that is none of those the field can have."),
        (BadHex, "Not the hex digits that the field needs."),
        (TooManyParents, "More than 8 parents."),
        (DuplicateParent, "The same parent is linked twice."),
        (TimeOutOfRange, "A time is outside what dates can express."),
        (ValidityEmpty, "validFrom is not before validTo."),
        (HashMismatch, "The claimed id is not the hash of the content."),
        (ReservedAgent, "The agent is the key by which servers mark an administrator's acts."),
        (SignatureWithoutAgent, "A signature without the agent it is of."),
        (SignatureWrong, "The signature is not one of this agent over this id."),
        (SignatureUncheckable, "This server cannot check signatures: it lacks OpenSSL's libcrypto."),
        (EncodingVersion, "Canonical bytes of a version that this server does not know."),
        (EncodingMalformed, "Bytes that are not a canonical encoding."),
        (BadTime, "A text that is not a time in any of the forms a query can have."),
        (TrustOutOfRange, "A trust in an agent is below 0 or above 1."),
        (TooMany, "A list has more entries than it may have."),
    ];
}

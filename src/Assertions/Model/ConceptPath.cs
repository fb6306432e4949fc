namespace Trefoil.Assertions.Model;

/// <summary>What a claim is about: <c>drug/aspirin/safety</c>, or with a scheme, <c>fda://drug/aspirin</c>.</summary>
/// <remarks>
/// Segments between slashes, none empty, at most <see cref="MaxBytes"/> of UTF-8 in all, taken as sent. Characters below
/// U+0020 and U+007F are refused, so that a path can be shown in one line and an index can use byte 0 between its parts.
/// </remarks>
public readonly record struct ConceptPath : IComparable<ConceptPath>
{
    /// <summary>Longest path, in bytes.</summary>
    public const int MaxBytes = 1024;

    private ConceptPath(Utf8Text text) => Text = text;

    /// <summary>The whole path as sent; empty only in the default value, which is no path.</summary>
    public Utf8Text Text { get; }

    /// <summary>The bytes of <see cref="Text"/>.</summary>
    public ReadOnlySpan<byte> Span => Text.Span;

    /// <summary>What stands before <c>://</c>; empty without a scheme.</summary>
    public ReadOnlySpan<byte> Scheme => SchemeLength(Span) is >= 0 and var length ? Span[..length] : default;

    /// <summary>Bytes before the first segment: 0, or those of the scheme and <c>://</c>.</summary>
    public int RootLength => SchemeLength(Span) is >= 0 and var length ? length + 3 : 0;

    /// <summary>A path that is known to be good; throws <see cref="FormatException"/> with the reason otherwise.</summary>
    public static ConceptPath Of(string path)
    {
        var invalid = TryCreate(Utf8Text.Of(path), out var created);
        return invalid is null ? created : throw new FormatException(invalid.Reason);
    }

    /// <summary>Checks and takes a path.</summary>
    public static Invalid? TryCreate(Utf8Text text, out ConceptPath path)
    {
        path = default;
        if (Check(text.Span) is { } invalid)
        {
            return invalid;
        }

        path = new ConceptPath(text);
        return null;
    }

    /// <summary>True if this is <paramref name="prefix"/> or lies below it: whole segments, so <c>a/bc</c> is not under <c>a/b</c>.</summary>
    public bool IsUnder(ReadOnlySpan<byte> prefix) =>
        Span.StartsWith(prefix)
        && (Span.Length == prefix.Length || prefix.IsEmpty || prefix[^1] == (byte)'/' || Span[prefix.Length] == (byte)'/');

    /// <summary>As bytes.</summary>
    public int CompareTo(ConceptPath other) => Text.CompareTo(other.Text);

    public override string ToString() => Text.ToString();

    public static bool operator <(ConceptPath left, ConceptPath right) => left.CompareTo(right) < 0;

    public static bool operator >(ConceptPath left, ConceptPath right) => left.CompareTo(right) > 0;

    public static bool operator <=(ConceptPath left, ConceptPath right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ConceptPath left, ConceptPath right) => left.CompareTo(right) >= 0;

    internal static Invalid? Check(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
        {
            return new Invalid(InvalidCodes.Empty, "", "a concept path has at least one segment, as in drug/aspirin");
        }

        if (path.Length > MaxBytes)
        {
            return new Invalid(InvalidCodes.TooLong, "", $"the path has {path.Length} bytes, at most {MaxBytes} are allowed");
        }

        if (Names.ControlCharacter(path) is { } control)
        {
            return control;
        }

        var at = 0;
        if (path.IndexOf("://"u8) is >= 0 and var colon && !path[..colon].Contains((byte)'/'))
        {
            if (!IsScheme(path[..colon]))
            {
                return new Invalid(InvalidCodes.PathBadScheme, "", "before :// stands a letter, then letters, digits, + - or a dot, as in fda://drug");
            }

            at = colon + 3;
        }

        for (var segment = 1; ; segment++)
        {
            var length = path[at..].IndexOf((byte)'/');
            if (length == 0 || at == path.Length)
            {
                return new Invalid(InvalidCodes.PathEmptySegment, "", $"segment {segment} is empty, at byte {at}: no path begins or ends with a slash, or has two in a row");
            }

            if (length < 0)
            {
                return null;
            }

            at += length + 1;
        }
    }

    /// <summary>Length of the scheme of a path, -1 without one.</summary>
    private static int SchemeLength(ReadOnlySpan<byte> path)
    {
        var slash = path.IndexOf((byte)'/');
        return slash > 1 && path[slash - 1] == (byte)':' && slash + 1 < path.Length && path[slash + 1] == (byte)'/' ? slash - 1 : -1;
    }

    /// <summary>RFC 3986, 3.1.</summary>
    private static bool IsScheme(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && char.IsAsciiLetter((char)text[0])
        && text.IndexOfAnyExcept(SchemeBytes) < 0;

    private static readonly System.Buffers.SearchValues<byte> SchemeBytes =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."u8);
}

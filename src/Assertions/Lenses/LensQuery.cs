using System.Globalization;
using System.Text;
using Trefoil.Assertions.Model;
using Trefoil.Primitives;

namespace Trefoil.Assertions.Lenses;

/// <summary>Reads a lens and its wrappers from names and values, as in the query of a URL: <c>lens=authority&amp;minTier=Expert&amp;decay=on</c>.</summary>
/// <remarks>Refusals name the parameter as <see cref="Invalid.Field"/>. Each parameter is given once at most; an empty value is a value.</remarks>
public sealed class LensQuery
{
    /// <summary>Longest value, in UTF-16 units; the trust in <see cref="AgentTrust.MaxAgents"/> agents is below it.</summary>
    public const int MaxValueLength = 80 * AgentTrust.MaxAgents;

    private const int MaxShown = 64;

    private const string TimeForms = "ms since 1970, 2026-11-22, or 2026-11-22T08:25:00Z";

    private static readonly string[] Known = ["lens", "asOf", "validAt", "minTier", "lifecycle", "decay", "trust", "explain"];

    private static readonly string[] Dates = ["yyyy-MM-dd"];

    private static readonly string[] Instants = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private int _given;

    /// <summary>The parameters there are.</summary>
    public static IReadOnlyList<string> Names => Known;

    /// <summary>What was read so far; <see cref="LensOptions.NowMs"/> is the caller's to add.</summary>
    public LensOptions Options { get; private set; } = new();

    /// <summary>True if a parameter is a lens's: those of the rest of the query are somebody else's.</summary>
    public static bool Knows(string name) => Array.IndexOf(Known, name) >= 0;

    /// <summary>Reads all parameters; one that no lens has is refused.</summary>
    public static Invalid? TryParse(IEnumerable<KeyValuePair<string, string>> given, out LensOptions? options)
    {
        ArgumentNullException.ThrowIfNull(given);
        options = null;
        var query = new LensQuery();
        foreach (var (name, value) in given)
        {
            if (query.Set(name, value) is { } invalid)
            {
                return invalid;
            }
        }

        options = query.Options;
        return null;
    }

    /// <summary>Reads one parameter.</summary>
    public Invalid? Set(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        var index = Array.IndexOf(Known, name);
        if (index < 0)
        {
            return new Invalid(InvalidCodes.UnknownField, Shown(name), $"there is no parameter '{Shown(name)}'{Nearest(name, Known)}");
        }

        if ((_given & (1 << index)) != 0)
        {
            return new Invalid(InvalidCodes.DuplicateField, name, $"{name} is given twice");
        }

        _given |= 1 << index;
        return value.Length > MaxValueLength
            ? new Invalid(InvalidCodes.TooLong, name, $"{name} has {value.Length} characters, at most {MaxValueLength} are allowed")
            : Read(name, value);
    }

    private Invalid? Read(string name, string value)
    {
        var utf8 = Encoding.UTF8.GetBytes(value);
        Invalid? invalid = null;
        switch (name)
        {
            case "lens":
                invalid = LensKinds.TryParse(utf8, out var lens) ? null : Unknown(name, value, LensKinds.All);
                Options = Options with { Lens = lens };
                break;
            case "asOf":
                invalid = Time(name, value, out var asOf);
                Options = Options with { AsOfMs = asOf };
                break;
            case "validAt":
                invalid = Time(name, value, out var validAt);
                Options = Options with { ValidAtMs = validAt };
                break;
            case "minTier":
                invalid = Tier(name, value, utf8, out var tier);
                Options = Options with { MinTier = tier };
                break;
            case "lifecycle":
                invalid = States(name, value, out var states);
                Options = Options with { Lifecycle = states };
                break;
            case "trust":
                invalid = TrustText.Read(name, value, out var trust);
                Options = Options with { Trust = trust };
                break;
            default:
                var isOn = Model.Names.IndexOf(utf8, Switches);
                invalid = isOn >= 0 ? null : Unknown(name, value, Switches);
                Options = name == "decay" ? Options with { Decay = isOn % 2 == 0 } : Options with { Explain = isOn % 2 == 0 };
                break;
        }

        return invalid;
    }

    private static Invalid? Tier(string name, string value, ReadOnlySpan<byte> utf8, out SourceClass tier)
    {
        if (utf8.Length == 1 && utf8[0] is >= (byte)'0' and < (byte)('0' + SourceClasses.Count))
        {
            tier = (SourceClass)(utf8[0] - '0');
            return null;
        }

        return SourceClasses.TryParse(utf8, out tier) ? null : Unknown(name, value, SourceClasses.All);
    }

    private static Invalid? States(string name, string value, out LifecycleSet states)
    {
        states = default;
        foreach (var part in value.Split(',', Lifecycles.Count + 1))
        {
            if (!Lifecycles.TryParse(Encoding.UTF8.GetBytes(part), out var state))
            {
                return Unknown(name, part, Lifecycles.All);
            }

            states = states.With(state);
        }

        return null;
    }

    private static Invalid? Time(string name, string value, out long ms)
    {
        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out ms))
        {
            if (!DateTimeOffset.TryParseExact(value, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                && (value.Length < 20 || !DateTimeOffset.TryParseExact(value, Instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at)))
            {
                return new Invalid(InvalidCodes.BadTime, name, $"{name} is {TimeForms}; this is '{Shown(value)}'");
            }

            ms = at.ToUnixTimeMilliseconds();
        }

        return ms is < -Assertion.MaxTimeMs or > Assertion.MaxTimeMs
            ? new Invalid(InvalidCodes.TimeOutOfRange, name, $"{ms} ms since 1970 is more than a hundred million days away")
            : null;
    }

    private static Invalid Unknown(string name, string value, string[] known) => new(
        InvalidCodes.UnknownName, name, $"{name} is one of {string.Join(", ", known)}; this is '{Shown(value)}'{Nearest(value, known)}");

    private static string Nearest(string text, string[] known) =>
        text.Length <= MaxShown && NearestKey.Of(text, known) is { } nearest ? $"; did you mean '{nearest}'?" : "";

    internal static string Shown(string text) => text.Length <= MaxShown ? text : text[..MaxShown] + "…";

    private static readonly string[] Switches = ["on", "off", "true", "false"];
}

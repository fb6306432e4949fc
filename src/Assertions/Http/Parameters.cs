using System.Globalization;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Http;

/// <summary>Reads query parameters: what does not fit is refused by name.</summary>
internal static class Parameters
{
    /// <summary>true or false (on and off, 1 and 0 too); false if it is not given.</summary>
    public static Invalid? Flag(Exchange exchange, string name, out bool value)
    {
        var text = exchange.Parameter(name)?.ToString();
        value = text is "true" or "on" or "1";
        return text is null or "true" or "on" or "1" or "false" or "off" or "0" ? null : Bad(name, "true or false", text);
    }

    /// <summary>A time, ms since 1970 or a date like 2024-05-01T12:00:00Z; null if it is not given.</summary>
    public static Invalid? Time(Exchange exchange, string name, out long? ms)
    {
        ms = null;
        var text = exchange.Parameter(name)?.ToString();
        if (text is null)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && Math.Abs((decimal)number) <= Assertion.MaxTimeMs)
        {
            ms = number;
            return null;
        }

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        string[] forms = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFK"];
        if (DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, Utc, out var date))
        {
            ms = date.ToUnixTimeMilliseconds();
            return null;
        }

        return Bad(name, "milliseconds since 1970, or a date like 2024-05-01 or 2024-05-01T12:00:00Z", text);
    }

    /// <summary>A whole number in a range; <paramref name="otherwise"/> if it is not given.</summary>
    public static Invalid? Number(Exchange exchange, string name, long min, long max, long otherwise, out long value)
    {
        value = otherwise;
        var text = exchange.Parameter(name)?.ToString();
        return text is null || (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= min && value <= max)
            ? null
            : Bad(name, $"a whole number from {min} to {max}", text);
    }

    public static Invalid Bad(string name, string wanted, string found) =>
        new(RefusalCodes.BadParameter, "?" + name, $"{name} is {wanted}, not '{found}'");
}

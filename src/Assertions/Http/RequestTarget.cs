using System.Text;
using Trefoil.Assertions.Engine;
using Trefoil.Assertions.Model;

namespace Trefoil.Assertions.Http;

/// <summary>The target of a request as it came: segments of the path and query parameters, percent-decoded once, valid UTF-8.</summary>
/// <remarks>From the raw target, because a concept may be <c>fda://drug/a%2Fb</c>: a path that the server has tidied up would be another one.</remarks>
internal sealed class RequestTarget
{
    private readonly List<(string Name, Utf8Text Value)> _parameters = [];

    /// <summary>The path as it came, undecoded, without the query.</summary>
    public string Path { get; private init; } = "";

    public IReadOnlyList<(string Name, Utf8Text Value)> Parameters => _parameters;

    /// <summary>Takes a target apart; the refusal if it is malformed or names a parameter twice.</summary>
    public static Invalid? TryRead(string raw, out RequestTarget target)
    {
        var question = raw.IndexOf('?', StringComparison.Ordinal);
        target = new RequestTarget { Path = question < 0 ? raw : raw[..question] };
        if (question < 0 || question == raw.Length - 1)
        {
            return null;
        }

        foreach (var part in raw[(question + 1)..].Split('&'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var invalid = Decode(equals < 0 ? part : part[..equals], form: true, out var name);
            if ((invalid ?? Decode(equals < 0 ? "" : part[(equals + 1)..], form: true, out var value)) is { } wrong)
            {
                return wrong with { Field = "?" + (equals < 0 ? part : part[..equals]) };
            }

            Decode(equals < 0 ? "" : part[(equals + 1)..], form: true, out value);
            if (target._parameters.Exists(known => known.Name == name.ToString()))
            {
                return new Invalid(RefusalCodes.DuplicateParameter, "?" + name, $"the parameter {name} is given twice");
            }

            target._parameters.Add((name.ToString(), value));
        }

        return null;
    }

    /// <summary>A part of the path, decoded.</summary>
    public static Invalid? DecodePath(string text, out Utf8Text decoded) => Decode(text, form: false, out decoded);

    private static Invalid? Decode(string text, bool form, out Utf8Text decoded)
    {
        decoded = default;
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                {
                    return new Invalid(RefusalCodes.BadParameter, "", "a percent sign is followed by two hex digits, and written as %25");
                }

                bytes[length++] = Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else if (text[i] == '+' && form)
            {
                bytes[length++] = (byte)' ';
            }
            else
            {
                length += Encoding.UTF8.GetBytes(text, i, 1, bytes, length);
            }
        }

        return Utf8Text.TryCreate(bytes.AsMemory(0, length), out decoded)
            ? null
            : new Invalid(InvalidCodes.BadUtf8, "", "it is not valid UTF-8 once it is percent-decoded");
    }
}

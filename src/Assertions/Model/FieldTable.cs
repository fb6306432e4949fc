using System.Text;
using System.Text.Json;

namespace Trefoil.Assertions.Model;

/// <summary>The fields that one JSON object may have: the first few must be given, the others may be null or absent.</summary>
internal sealed class FieldTable(int required, params string[] names)
{
    private readonly byte[][] _utf8 = [.. names.Select(Encoding.UTF8.GetBytes)];

    public IReadOnlyList<string> Names => names;

    /// <summary>As JSON pointers: "/subject".</summary>
    public IReadOnlyList<string> Paths { get; } = [.. names.Select(name => "/" + name)];

    public bool IsRequired(int index) => index < required;

    /// <summary>The field whose name the reader is at, or -1.</summary>
    public int IndexOf(in Utf8JsonReader json)
    {
        for (var i = 0; i < _utf8.Length; i++)
        {
            if (json.ValueTextEquals(_utf8[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>A refusal if a required field is not among those given (a bit each).</summary>
    public Invalid? Missing(int given, string parent)
    {
        for (var i = 0; i < required; i++)
        {
            if ((given & (1 << i)) == 0)
            {
                return new Invalid(InvalidCodes.MissingField, parent + Paths[i], $"{names[i]} must be given");
            }
        }

        return null;
    }
}

using System.Globalization;
using System.Text;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>Builds INFO's text: <c># Section</c>, <c>name:value</c>, CR LF, a blank line between sections.</summary>
internal sealed class InfoText
{
    private readonly StringBuilder _text = new();

    public void Begin(string section)
    {
        var title = section switch
        {
            "cpu" => "CPU",
            _ => char.ToUpperInvariant(section[0]) + section[1..],
        };
        _text.Append(_text.Length > 0 ? "\r\n" : "").Append("# ").Append(title).Append("\r\n");
    }

    public void Add(string name, object value) => _text.Append(CultureInfo.InvariantCulture, $"{name}:{value}\r\n");

    /// <summary>Bytes, and again for people: <c>name</c> and <c>name_human</c>.</summary>
    public void AddSize(string name, long bytes)
    {
        Add(name, bytes);
        Add($"{name}_human", Human(bytes));
    }

    /// <summary>Redis' bytesToHuman.</summary>
    public static string Human(long bytes)
    {
        string Scaled(double unit, string suffix) => string.Create(CultureInfo.InvariantCulture, $"{bytes / unit:F2}{suffix}");
        return bytes switch
        {
            < 1L << 10 => $"{bytes}B",
            < 1L << 20 => Scaled(1L << 10, "K"),
            < 1L << 30 => Scaled(1L << 20, "M"),
            < 1L << 40 => Scaled(1L << 30, "G"),
            _ => Scaled(1L << 40, "T"),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}

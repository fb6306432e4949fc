using System.Globalization;

namespace Trefoil.Storage;

/// <summary>One file of a log, named by the number of its first group: LSNs are reused by truncation, numbers are not.</summary>
internal sealed class WalSegment(ulong number, ulong liveLast)
{
    private const string Extension = ".wal";

    /// <summary>Number of its first group.</summary>
    public ulong Number { get; } = number;

    /// <summary>No record above this LSN is both in this segment or an older one and still valid.</summary>
    public ulong LiveLast { get; set; } = liveLast;

    public string Name => NameOf(Number);

    public static string NameOf(ulong number) => number.ToString("x16", CultureInfo.InvariantCulture) + Extension;

    public static bool TryParse(string name, out ulong number)
    {
        number = 0;
        return name.EndsWith(Extension, StringComparison.Ordinal)
            && name.Length == 16 + Extension.Length
            && ulong.TryParse(name.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }
}

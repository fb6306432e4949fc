namespace Trefoil.Cli;

/// <summary>Columns padded with blanks: readable on a terminal, splittable by awk.</summary>
internal static class TextTable
{
    public static string Format(IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var all = rows.Prepend(head).ToList();
        var widths = head.Select((_, column) => all.Max(row => row[column].Length)).ToList();
        return string.Concat(all.Select(row =>
            string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd() + "\n"));
    }
}

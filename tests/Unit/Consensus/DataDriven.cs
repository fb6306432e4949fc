using System.Text.RegularExpressions;
using Trefoil.Unit.Testing;

namespace Trefoil.Unit.Consensus;

/// <summary>One case of a public data-driven file: a directive, its input lines, and the text that must come out.</summary>
public sealed partial record DataCase(string File, int Number, string Directive, IReadOnlyList<string> Input, string Expected)
{
    /// <summary>The value of <c>key=value</c> or <c>key=(a, b)</c> in the directive; null if absent.</summary>
    public string[]? Argument(string key)
    {
        var match = Arguments().Matches(Directive).FirstOrDefault(m => m.Groups[1].Value == key);
        return match?.Groups[2].Value.Trim('(', ')').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    public override string ToString() => $"{File}#{Number}: {Directive}";

    /// <summary>All cases of one folder below tests/Unit/Data/raft, in file order.</summary>
    public static IReadOnlyList<DataCase> ReadFolder(string folder) =>
    [
        .. Directory.EnumerateFiles(Repository.Data($"raft/{folder}/testdata"), "*.txt").Order(StringComparer.Ordinal).SelectMany(Read),
    ];

    private static IEnumerable<DataCase> Read(string path)
    {
        var number = 0;
        List<string> input = [];
        List<string>? expected = null;
        foreach (var line in System.IO.File.ReadAllLines(path).Append(""))
        {
            if (expected is not null && line.Length == 0)
            {
                yield return new DataCase(Path.GetFileName(path), ++number, input[0], input[1..], string.Join('\n', expected));
                (input, expected) = ([], null);
            }
            else if (expected is not null)
            {
                expected.Add(line);
            }
            else if (line == "----")
            {
                expected = [];
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                input.Add(line);
            }
        }
    }

    [GeneratedRegex(@"(\w+)=(\([^)]*\)|\S+)")]
    private static partial Regex Arguments();
}

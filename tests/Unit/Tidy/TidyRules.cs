using System.Text.RegularExpressions;

namespace Trefoil.Unit.Tidy;

/// <summary>The house rules as functions: a file's path and text in, complaints out.</summary>
internal static partial class TidyRules
{
    public const int MaxFileLines = 400;
    public const int MaxFunctionLines = 70;
    public const int MaxReadmeLines = 150;

    /// <summary>Words in two halves, or this file would break its own rule.</summary>
    private static readonly string[] BannedWords = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "NotImplemented" + "Exception"];

    private static readonly string[] Waits = ["Thread." + "Sleep", "Task." + "Delay"];

    private static readonly string[] EmptyNames = ["Common", "Utils", "Util", "Helpers", "Helper", "Infrastructure", "Misc", "Manager"];

    private static readonly string[] Registries =
        ["nuget" + ".org", "npmjs" + ".org", "npmjs" + ".com", "pypi" + ".org", "jf" + "rog", "arti" + "factory", "nexus" + ".", "pkgs." + "dev.azure"];

    public static IEnumerable<string> FileTooLong(string path, string text, int limit = MaxFileLines) =>
        Lines(text) > limit ? [$"{path}: {Lines(text)} lines, more than {limit}: split it by concept"] : [];

    public static IEnumerable<string> FunctionTooLong(string path, string text) =>
        CSharpText.Members(text)
            .Where(member => member.Lines > MaxFunctionLines)
            .Select(member => $"{path}:{member.Line}: {member.Lines} lines, more than {MaxFunctionLines}: {member.Header}");

    public static IEnumerable<string> BannedWord(string path, string text) =>
        BannedWords.Where(word => Regex.IsMatch(text, $@"\b{word}\b"))
            .Select(word => $"{path}: {word}: do it, or open an issue");

    public static IEnumerable<string> WaitsInTests(string path, string text) =>
        path.StartsWith("tests/", StringComparison.Ordinal)
            ? Waits.Where(wait => text.Contains(wait, StringComparison.Ordinal))
                .Select(wait => $"{path}: {wait}: use a virtual clock, or Eventually with a deadline")
            : [];

    public static IEnumerable<string> MachinePath(string path, string text) =>
        MachinePaths().Matches(text).Select(match => $"{path}: {match.Value}: a path of one machine");

    public static IEnumerable<string> RegistryName(string path, string text) =>
        Registries.Where(name => text.Contains(name, StringComparison.OrdinalIgnoreCase))
            .Select(name => $"{path}: {name}: name packages, not where they are kept");

    /// <summary>Folder = namespace: src/A/B/C.cs is Trefoil.A.B. Files of top-level statements have none.</summary>
    public static IEnumerable<string> NamespaceIsFolder(string path, string text)
    {
        var parts = path.Split('/')[1..^1];
        var expected = $"Trefoil.{string.Join('.', parts)}";
        var found = Namespaces().Match(text);
        return found.Success && found.Groups[1].Value != expected
            ? [$"{path}: namespace {found.Groups[1].Value}, the folder says {expected}"]
            : [];
    }

    public static IEnumerable<string> EmptyName(string path) =>
        path.Split('/').Select(part => part.Split('.')[0])
            .Where(part => EmptyNames.Any(name => part.EndsWith(name, StringComparison.Ordinal)))
            .Select(part => $"{path}: {part} says nothing: name the concept");

    /// <summary>Using directives in the order in which <c>dotnet format</c> puts them: System first, then by name.</summary>
    public static IEnumerable<string> UsingsInOrder(string path, string text)
    {
        string[] names = [.. Usings().Matches(text).Select(match => match.Groups[1].Value)];
        var inOrder = names.OrderBy(name => name == "System" || name.StartsWith("System.", StringComparison.Ordinal) ? 0 : 1)
            .ThenBy(name => name.Replace('.', '\x1'), StringComparer.OrdinalIgnoreCase);
        return names.Zip(inOrder).Where(pair => pair.First != pair.Second).Take(1).Select(pair => $"{path}: using {pair.Second} belongs before {pair.First}");
    }

    /// <summary>A one-page README that says what it is for, what it promises, what stays true, and its words.</summary>
    public static IEnumerable<string> Readme(string path, string? text)
    {
        if (text is null)
        {
            return [$"{path} is missing"];
        }

        var missing = new[] { "problem", "contract", "invariant", "glossary" }
            .Where(part => !text.Contains(part, StringComparison.OrdinalIgnoreCase))
            .Select(part => $"{path}: no {part}");
        return [.. missing, .. FileTooLong(path, text, MaxReadmeLines)];
    }

    /// <summary>Relative links of a page; <paramref name="exists"/> says whether a path below the root does.</summary>
    public static IEnumerable<string> DanglingLink(string path, string text, Func<string, bool> exists) =>
        Links().Matches(CodeFences().Replace(text, ""))
            .Select(match => match.Groups[1].Value.Split('#')[0])
            .Where(link => link.Length > 0 && !link.Contains(':', StringComparison.Ordinal))
            .Where(link => !exists(Path.Combine(Path.GetDirectoryName(path) ?? "", link)))
            .Select(link => $"{path}: link to {link} leads nowhere");

    private static int Lines(string text) => text.AsSpan().TrimEnd('\n').Count('\n') + 1;

    [GeneratedRegex(@"(?<![\w./])/(?:home|Users|root|work|mnt)/[\w.-]+|\b[A-Z]:\\Users\\\w+")]
    private static partial Regex MachinePaths();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespaces();

    [GeneratedRegex(@"^using ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Usings();

    [GeneratedRegex(@"\]\(<?([^)\s>]+)>?(?: ""[^""]*"")?\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeFences();
}

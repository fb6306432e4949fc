using System.Runtime.CompilerServices;

namespace Trefoil.Unit.Testing;

/// <summary>Finds files of the working tree from where the tests were compiled.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = [".git", "artifacts", "bin", "obj", "node_modules", ".trefoil", ".vs", ".idea"];

    /// <summary>The root folder: the one with Trefoil.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below the root.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>A file below tests/Unit/Data.</summary>
    public static string Data(string relative) => Path.Combine(Root, "tests/Unit/Data", relative);

    /// <summary>All files of the project that match, sorted; build output and tools' folders left out.</summary>
    public static IEnumerable<string> Files(string pattern) => FilesBelow(Root, pattern).Order(StringComparer.Ordinal);

    private static IEnumerable<string> FilesBelow(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Concat(Directory.EnumerateDirectories(folder)
            .Where(child => !NotOurs.Contains(Path.GetFileName(child)))
            .SelectMany(child => FilesBelow(child, pattern)));

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
}

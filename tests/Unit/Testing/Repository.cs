using System.Runtime.CompilerServices;

namespace Trefoil.Unit.Testing;

/// <summary>Finds files of the working tree from where the tests were compiled.</summary>
internal static class Repository
{
    /// <summary>The root folder: the one with Trefoil.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below the root.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>A file below tests/Unit/Data.</summary>
    public static string Data(string relative) => Path.Combine(Root, "tests/Unit/Data", relative);

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
}

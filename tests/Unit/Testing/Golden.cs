using Xunit;

namespace Trefoil.Unit.Testing;

/// <summary>Compares a transcript with the one kept in tests/Unit/Golden/&lt;area&gt;/&lt;name&gt;.txt.</summary>
/// <remarks>UPDATE_GOLDEN=1 rewrites the files instead: run, then read the diff as you would read code.</remarks>
internal static class Golden
{
    /// <summary>All scripts of an area, for a theory that runs each of them.</summary>
    public static TheoryData<string> Names(string area) =>
        [.. Directory.EnumerateFiles(Folder(area), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    /// <summary>The kept text, line ends normalised; "" when there is none yet.</summary>
    public static string Read(string area, string name) =>
        File.Exists(PathOf(area, name)) ? File.ReadAllText(PathOf(area, name)).ReplaceLineEndings("\n") : "";

    /// <summary>Fails with both texts when they differ, or rewrites the file under UPDATE_GOLDEN=1.</summary>
    public static void Check(string area, string name, string actual)
    {
        var text = actual.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Folder(area));
            File.WriteAllText(PathOf(area, name), text);
            return;
        }

        Assert.True(File.Exists(PathOf(area, name)), $"No golden file {area}/{name}.txt: run with UPDATE_GOLDEN=1 to make it.");
        Assert.Equal(Read(area, name), text);
    }

    private static string Folder(string area) => Repository.PathOf($"tests/Unit/Golden/{area}");

    private static string PathOf(string area, string name) => Path.Combine(Folder(area), $"{name}.txt");
}

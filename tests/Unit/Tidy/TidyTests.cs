using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Tidy;

/// <summary>Holds every file of the repository to <see cref="TidyRules"/>.</summary>
public sealed class TidyTests
{
    /// <summary>Files that may be longer, each with its reason. The number may only go down; the entry goes when it can.</summary>
    private static readonly (string Path, int Lines, string Reason)[] Longer = [];

    private static readonly string[] TextFiles =
        ["*.cs", "*.csproj", "*.props", "*.targets", "*.slnx", "*.json", "*.md", "*.sh", "*.toml", "*.yml", "*.py", "*.mjs", "*.js", "run", "trefoil"];

    [Fact]
    public void No_source_file_is_longer_than_400_lines() => AssertNone(
        Sources().SelectMany(file => TidyRules.FileTooLong(
            file.Path, file.Text, Longer.SingleOrDefault(entry => entry.Path == file.Path) is { Path: not null } entry ? entry.Lines : TidyRules.MaxFileLines)));

    [Fact]
    public void The_list_of_longer_files_only_shrinks() => AssertNone(
        Longer.Where(entry => !File.Exists(Repository.PathOf(entry.Path))
                || File.ReadAllLines(Repository.PathOf(entry.Path)).Length < entry.Lines || entry.Reason.Length < 20)
            .Select(entry => $"{entry.Path}: gone, shorter than {entry.Lines} lines now, or without a reason: correct the list"));

    [Fact]
    public void No_function_is_longer_than_70_lines() =>
        AssertNone(Sources().SelectMany(file => TidyRules.FunctionTooLong(file.Path, file.Text)));

    [Fact]
    public void Nothing_is_left_to_do_later() =>
        AssertNone(Texts().SelectMany(file => TidyRules.BannedWord(file.Path, file.Text)));

    [Fact]
    public void Tests_wait_for_conditions_and_not_for_time() =>
        AssertNone(Sources().SelectMany(file => TidyRules.WaitsInTests(file.Path, file.Text)));

    [Fact]
    public void No_file_names_a_place_on_one_machine() =>
        AssertNone(Texts().SelectMany(file => TidyRules.MachinePath(file.Path, file.Text)));

    [Fact]
    public void No_file_names_a_package_registry() =>
        AssertNone(Texts().SelectMany(file => TidyRules.RegistryName(file.Path, file.Text)));

    [Fact]
    public void Namespaces_are_folders() => AssertNone(
        Sources().Where(file => !file.Path.StartsWith("docs/", StringComparison.Ordinal))
            .SelectMany(file => TidyRules.NamespaceIsFolder(file.Path, file.Text)));

    [Fact]
    public void Using_directives_are_in_order() => AssertNone(Sources().SelectMany(file => TidyRules.UsingsInOrder(file.Path, file.Text)));

    [Fact]
    public void Names_say_something() => AssertNone(Sources().SelectMany(file => TidyRules.EmptyName(file.Path)));

    [Fact]
    public void Every_room_has_a_one_page_readme() => AssertNone(
        Directory.EnumerateDirectories(Repository.PathOf("src")).Order(StringComparer.Ordinal)
            .Select(folder => Path.Combine(folder, "README.md"))
            .SelectMany(readme => TidyRules.Readme(Relative(readme), File.Exists(readme) ? File.ReadAllText(readme) : null)));

    [Fact]
    public void Links_lead_somewhere() => AssertNone(
        Texts().Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(file => TidyRules.DanglingLink(file.Path, file.Text, path => Path.Exists(Repository.PathOf(path)))));

    [Fact]
    public void The_house_has_its_papers() => Assert.All(
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs/testing.md", "build.sh", ".ci/run"],
        path => Assert.True(File.Exists(Repository.PathOf(path)), $"{path} is missing"));

    [Theory]
    [InlineData("build.sh")]
    [InlineData(".ci/run")]
    [InlineData("trefoil")]
    public void Scripts_can_be_run(string path) =>
        Assert.True(
            OperatingSystem.IsWindows() || File.GetUnixFileMode(Repository.PathOf(path)).HasFlag(UnixFileMode.UserExecute),
            $"{path} is not executable");

    private static void AssertNone(IEnumerable<string> complaints)
    {
        var list = complaints.ToArray();
        Assert.True(list.Length == 0, string.Join('\n', list));
    }

    private static IEnumerable<(string Path, string Text)> Sources() => Read("*.cs");

    private static IEnumerable<(string Path, string Text)> Texts() => TextFiles.SelectMany(Read);

    /// <summary>Test data is other people's text and stays as it came.</summary>
    private static IEnumerable<(string Path, string Text)> Read(string pattern) =>
        Repository.Files(pattern)
            .Select(path => (Path: Relative(path), Full: path))
            .Where(file => !file.Path.StartsWith("tests/Unit/Data/", StringComparison.Ordinal))
            .Select(file => (file.Path, File.ReadAllText(file.Full)));

    private static string Relative(string path) => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/');
}

using Xunit;

namespace Trefoil.Unit.Tidy;

/// <summary>Each rule can fail, and lets the neighbouring right thing pass.</summary>
public sealed class TidyRulesTests
{
    [Fact]
    public void A_file_of_401_lines_is_too_long()
    {
        Assert.Empty(TidyRules.FileTooLong("a.cs", string.Join('\n', Enumerable.Repeat("x", 400)) + "\n"));
        Assert.Single(TidyRules.FileTooLong("a.cs", string.Join('\n', Enumerable.Repeat("x", 401)) + "\n"));
    }

    [Theory]
    [InlineData("void M()\n{\n$BODY}\n")]
    [InlineData("public int this[int i]\n{\nget\n{\n$BODY}\n}\n")]
    [InlineData("int M(string s = \"}\", char c = '}') // }\n{\n$BODY}\n")]
    [InlineData("string M() => $\"{(a ? \"{\" : \"}\")}\" +\n$BODY0;\n")]
    [InlineData("string M()\n{\nvar raw = \"\"\"\n}}}\n\"\"\";\n$BODY}\n")]
    public void A_function_is_measured_from_its_header_to_its_last_brace(string member)
    {
        Assert.Single(TidyRules.FunctionTooLong("a.cs", Within(member, 71)));
        Assert.Empty(TidyRules.FunctionTooLong("a.cs", Within(member, 50)));
    }

    [Fact]
    public void A_long_table_and_many_short_functions_are_not_a_long_function()
    {
        var table = $"static readonly int[] T =\n[\n{string.Concat(Enumerable.Repeat("1,\n", 100))}];\n";
        var records = $"static readonly R[] T =\n{{\n{string.Concat(Enumerable.Repeat("new(1),\n", 100))}}};\n";
        var functions = string.Concat(Enumerable.Repeat("void M()\n{\nx();\n}\n\n", 50));

        Assert.Empty(TidyRules.FunctionTooLong("a.cs", $"class C\n{{\n{table}{records}{functions}}}\n"));
        Assert.Equal(50, CSharpText.Members($"class C\n{{\n{functions}}}\n").Count());
    }

    [Theory]
    [InlineData("using Aa;\nusing System.Text;\n")]
    [InlineData("using System.Text;\nusing System;\n")]
    [InlineData("using Trefoil.KeyValue.Store;\nusing Trefoil.KeyValue;\n")]
    [InlineData("using B;\nusing A;\n")]
    public void Using_directives_out_of_order_are_seen(string text)
    {
        Assert.Single(TidyRules.UsingsInOrder("a.cs", text));
        Assert.Empty(TidyRules.UsingsInOrder("a.cs", "using System;\nusing System.Text;\nusing A;\nusing A.B;\nusing AB;\nusing Record = A.Record;\n"));
    }

    [Fact]
    public void Work_left_for_later_is_seen()
    {
        Assert.Single(TidyRules.BannedWord("a.cs", "// TO" + "DO: more"));
        Assert.Single(TidyRules.BannedWord("a.cs", "throw new NotImplemented" + "Exception();"));
        Assert.Empty(TidyRules.BannedWord("a.cs", "method, todos"));
    }

    [Fact]
    public void Waiting_for_time_is_seen_in_tests_only()
    {
        Assert.Single(TidyRules.WaitsInTests("tests/Unit/A.cs", "Thread." + "Sleep(5);"));
        Assert.Single(TidyRules.WaitsInTests("tests/Cluster/A.cs", "await Task." + "Delay(5);"));
        Assert.Empty(TidyRules.WaitsInTests("src/Node/A.cs", "await Task." + "Delay(5, clock, token);"));
    }

    [Theory]
    [InlineData("\"/ho" + "me/ann/x\"", true)]
    [InlineData("C:" + "\\Users\\ann", true)]
    [InlineData("C:\\path", false)]
    [InlineData("docs/ho" + "me/page", false)]
    [InlineData("/var/lib/trefoil", false)]
    public void A_path_of_one_machine_is_seen(string text, bool seen) =>
        Assert.Equal(seen, TidyRules.MachinePath("a.cs", text).Any());

    [Fact]
    public void A_registry_is_seen()
    {
        Assert.Single(TidyRules.RegistryName("a.md", "see www.nuget" + ".org"));
        Assert.Empty(TidyRules.RegistryName("a.md", "NuGet and npm packages"));
    }

    [Theory]
    [InlineData("src/Wire/Resp/A.cs", "namespace Trefoil.Wire.Resp;", true)]
    [InlineData("src/Wire/Resp/A.cs", "namespace Trefoil.Wire;", false)]
    [InlineData("tests/Unit/Wire/A.cs", "namespace Trefoil.Unit.Wire;", true)]
    [InlineData("src/Cli/Program.cs", "return 0;", true)]
    public void A_namespace_follows_its_folder(string path, string text, bool right) =>
        Assert.Equal(right, !TidyRules.NamespaceIsFolder(path, text).Any());

    [Theory]
    [InlineData("src/Common/A.cs", true)]
    [InlineData("src/Node/StringHelpers.cs", true)]
    [InlineData("src/Node/ConnectionManager.cs", true)]
    [InlineData("src/Node/Connections.cs", false)]
    public void An_empty_name_is_seen(string path, bool seen) => Assert.Equal(seen, TidyRules.EmptyName(path).Any());

    [Fact]
    public void A_readme_must_be_there_short_and_complete()
    {
        const string Complete = "Problem. Contract. The loop. Invariants. Glossary.";
        Assert.Empty(TidyRules.Readme("README.md", Complete));
        Assert.Single(TidyRules.Readme("README.md", null));
        Assert.Single(TidyRules.Readme("README.md", Complete.Replace("Glossary", "", StringComparison.Ordinal)));
        Assert.Single(TidyRules.Readme("README.md", Complete + new string('\n', TidyRules.MaxReadmeLines) + "x"));
    }

    [Theory]
    [InlineData("[a](here.md)", false)]
    [InlineData("[a](../b/there.md#part)", false)]
    [InlineData("[a](gone.md)", true)]
    [InlineData("[a](#part) [b](https://example.org/x)", false)]
    [InlineData("`[a](gone.md)`", false)]
    public void A_link_that_leads_nowhere_is_seen(string text, bool seen)
    {
        string[] pages = ["docs/here.md", "b/there.md"];
        var root = Path.GetFullPath("/");
        Assert.Equal(seen, TidyRules.DanglingLink("docs/a.md", text, path => pages.Contains(Path.GetRelativePath(root, Path.GetFullPath(path, root)))).Any());
    }

    private static string Within(string member, int lines)
    {
        var body = string.Concat(Enumerable.Repeat(member.Contains("=>", StringComparison.Ordinal) ? "x() +\n" : "x();\n", lines));
        return $"namespace N;\n\nclass C\n{{\n{member.Replace("$BODY", body, StringComparison.Ordinal)}}}\n";
    }
}

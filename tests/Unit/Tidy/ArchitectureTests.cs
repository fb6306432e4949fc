using System.Reflection;
using System.Xml.Linq;
using Trefoil.Unit.Testing;
using Xunit;

namespace Trefoil.Unit.Tidy;

/// <summary>The map of ARCHITECTURE.md as a test: who may reference whom, and what a core may know of the world.</summary>
public sealed class ArchitectureTests
{
    /// <summary>Every project of src/ and exactly what it references. A new edge is a decision: argue it in docs/decisions.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Primitives"] = [],
        ["Membership"] = ["Primitives"],
        ["Consensus"] = ["Primitives"],
        ["Sharding"] = ["Primitives"],
        ["Replication"] = ["Primitives", "Sharding"],
        ["Migration"] = ["Primitives", "Sharding"],
        ["Wire"] = ["Primitives"],
        ["Storage"] = ["Primitives"],
        ["ControlPlane"] = ["Consensus", "Primitives", "Sharding", "Storage"],
        ["Drivers"] = ["ControlPlane", "Membership", "Migration", "Primitives", "Replication", "Sharding", "Wire"],
        ["Client"] = ["Primitives", "Wire"],
        ["KeyValue"] = ["Migration", "Primitives", "Replication", "Sharding", "Storage", "Wire"],
        ["Assertions"] = ["Primitives", "Storage"],
        ["Node"] = ["Assertions", "Client", "ControlPlane", "Drivers", "KeyValue", "Membership", "Migration", "Primitives", "Replication", "Sharding", "Storage", "Wire"],
        ["Simulator"] = ["Consensus", "ControlPlane", "KeyValue", "Membership", "Migration", "Primitives", "Replication", "Sharding", "Storage", "Wire"],
        ["Cli"] = ["Client", "ControlPlane", "Node", "Primitives", "Simulator", "Wire"],
    };

    private static readonly string[] Cores =
        ["Consensus", "ControlPlane", "Membership", "Migration", "Primitives", "Replication", "Sharding", "Simulator", "Wire"];

    /// <summary>The simulator is the world of the engine inside it: it gives it a clock, asks whether its work is done, and makes events of what it awaits. It waits for nothing.</summary>
    private static readonly string[] GivenBySimulator =
    [
        "System.TimeProvider", "System.Threading.ITimer", "System.Threading.TimerCallback", "System.Threading.CancellationToken",
        "System.Threading.SynchronizationContext", "System.Threading.SendOrPostCallback", "System.Threading.Tasks.Task", "System.Threading.Tasks.Task`1", "System.Threading.Tasks.TaskCreationOptions",
        "System.Threading.Tasks.TaskCompletionSource`1", "System.Threading.Tasks.ValueTask", "System.Threading.Tasks.ValueTask`1",
    ];

    [Fact]
    public void Each_project_references_exactly_the_projects_the_map_allows()
    {
        var actual = Projects().ToDictionary(project => Path.GetFileNameWithoutExtension(project), References);

        Assert.Equal(
            Allowed.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {string.Join(' ', pair.Value)}"),
            actual.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {string.Join(' ', pair.Value)}"));
    }

    [Fact]
    public void Each_reference_is_used()
    {
        var unused = Projects().SelectMany(project =>
        {
            var used = AssemblyOf(Path.GetFileNameWithoutExtension(project)).GetReferencedAssemblies().Select(name => name.Name).ToHashSet();
            return References(project)
                .Where(reference => !used.Contains($"Trefoil.{reference}"))
                .Select(reference => $"{Path.GetFileNameWithoutExtension(project)} lists {reference} and uses nothing of it");
        });

        Assert.True(!unused.Any(), string.Join('\n', unused));
    }

    [Fact]
    public void The_cores_are_marked_as_cores_so_that_the_analyzer_fences_them()
    {
        var marked = Projects()
            .Where(project => XDocument.Load(project).Descendants("Purity").Any(purity => purity.Value == "Core"))
            .Select(Path.GetFileNameWithoutExtension);

        Assert.Equal(Cores, marked.Order());
    }

    [Theory]
    [MemberData(nameof(CoreNames))]
    public void A_core_knows_no_task_clock_thread_lock_stream_or_socket(string core) =>
        Assert.Empty(OutsideWorld.MentionedBy(AssemblyOf(core)).Except(core == "Simulator" ? GivenBySimulator : []));

    [Fact]
    public void The_fence_sees_what_it_should() =>
        Assert.Superset(
            new HashSet<string> { "System.Threading.Tasks.Task", "System.TimeProvider", "System.Threading.Lock", "System.IO.File" },
            OutsideWorld.MentionedBy(typeof(ArchitectureTests).Assembly).ToHashSet());

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Repository.PathOf("Trefoil.slnx"));
        var all = Repository.Files("*.csproj").Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'));

        Assert.DoesNotContain(all, path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal));
    }

    public static TheoryData<string> CoreNames() => [.. Cores];

    private static IEnumerable<string> Projects() =>
        Repository.Files("*.csproj").Where(path => path.StartsWith(Repository.PathOf("src"), StringComparison.Ordinal));

    private static string[] References(string project) =>
        [.. XDocument.Load(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
            .Order(StringComparer.Ordinal)];

    private static Assembly AssemblyOf(string project) => Assembly.Load(project == "Cli" ? "trefoil" : $"Trefoil.{project}");
}

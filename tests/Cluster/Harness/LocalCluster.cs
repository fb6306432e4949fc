using System.Globalization;
using Xunit;

namespace Trefoil.Cluster.Harness;

/// <summary>A cluster made by <c>trefoil local up</c> in a directory of its own; gone, processes and files, when disposed.</summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private const int LogLinesOnFailure = 200;
    private readonly int _nodes;

    private LocalCluster(string directory, int nodes, int basePort)
    {
        Directory = directory;
        _nodes = nodes;
        BasePort = basePort;
    }

    public string Directory { get; }

    public int BasePort { get; }

    public IEnumerable<int> Indexes => Enumerable.Range(1, _nodes);

    /// <summary>Runs <c>local up</c> and returns when it does.</summary>
    public static async Task<LocalCluster> UpAsync(int nodes, params string[] more)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("trefoil-test-").FullName;
        var up = await Tool.TrefoilAsync(["local", "up", "--nodes", $"{nodes}", "--dir", directory, .. more]);
        var cluster = new LocalCluster(directory, nodes, BasePortOf(up));
        if (up.ExitCode != 0)
        {
            await cluster.AttachLogsAsync();
            await cluster.RemoveAsync();
        }

        up.Ok();
        return cluster;
    }

    public int Resp(int node) => BasePort + node;

    public int Rpc(int node) => BasePort + 300 + node;

    public int Swim(int node) => BasePort + 400 + node;

    public string NodeDirectory(int node) => Path.Combine(Directory, $"node-{node}");

    public int Pid(int node) =>
        int.Parse(File.ReadAllText(Path.Combine(NodeDirectory(node), "pid")), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    public Task<ToolResult> LocalAsync(string verb, params string[] arguments) =>
        Tool.TrefoilAsync(["local", verb, .. arguments, "--dir", Directory]);

    public async Task KillAsync(int node) => (await LocalAsync("kill", $"{node}")).Ok();

    public async Task RestartAsync(int node) => (await LocalAsync("restart", $"{node}")).Ok();

    /// <summary>What redis-cli prints for one command to one node, without the last line break.</summary>
    public async Task<string> CallAsync(int node, params string[] command) =>
        (await Tool.RedisCliAsync(Resp(node), command)) is var result ? (result.Output + result.Error).TrimEnd() : "";

    /// <summary>A field of CLUSTER INFO or of an INFO section; empty if it is absent or the node does not answer.</summary>
    public async Task<string> FieldAsync(int node, string field, params string[] command)
    {
        var lines = (await CallAsync(node, command)).Split('\n', StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(l => l.StartsWith(field + ":", StringComparison.Ordinal))?[(field.Length + 1)..] ?? "";
    }

    public Task<string> RaftAsync(int node, string field) => FieldAsync(node, field, "INFO", "raft");

    /// <summary>Resident memory in bytes.</summary>
    public long MemoryOf(int node)
    {
        var line = File.ReadLines($"/proc/{Pid(node)}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public bool IsRunning(int node)
    {
        try
        {
            return File.ReadAllText($"/proc/{Pid(node)}/cmdline").Contains(NodeDirectory(node) + "/", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            await AttachLogsAsync();
        }

        await RemoveAsync();
    }

    private static int BasePortOf(ToolResult up)
    {
        var line = up.Output.Split('\n').FirstOrDefault(l => l.StartsWith("base port ", StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line["base port ".Length..], CultureInfo.InvariantCulture);
    }

    private async Task AttachLogsAsync()
    {
        foreach (var node in Indexes.Where(n => File.Exists(Path.Combine(NodeDirectory(n), "log"))))
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(NodeDirectory(node), "log"));
            TestContext.Current.TestOutputHelper?.WriteLine($"--- node {node}, last lines of its log\n{string.Join('\n', lines.TakeLast(LogLinesOnFailure))}");
        }
    }

    private async Task RemoveAsync()
    {
        await LocalAsync("down");
        KeptLogs.Keep(Directory);

        // Should `down` itself be what is broken: by recorded pid, and only if it still is our server.
        foreach (var node in Indexes.Where(n => File.Exists(Path.Combine(NodeDirectory(n), "pid")) && IsRunning(n)))
        {
            System.Diagnostics.Process.GetProcessById(Pid(node)).Kill();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }
}

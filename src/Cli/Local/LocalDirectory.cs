using System.Globalization;
using Trefoil.Primitives;

namespace Trefoil.Cli.Local;

/// <summary>The directory of a local cluster: node directories and local.toml, which says how they belong together.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Nodes">How many node directories there are, 1 to 99.</param>
/// <param name="Replicas">Replicas per primary when it is formed, 0 or more.</param>
/// <param name="BasePort">Every node's ports follow from it; see <see cref="NodePorts"/>.</param>
/// <param name="Alone">The nodes were started to know no one: readiness asks only that each answers.</param>
/// <param name="Formed">The cluster was formed once; from then on its topology lives in the nodes, not here.</param>
internal sealed record LocalDirectory(string Path, int Nodes, int Replicas, int BasePort, bool Alone, bool Formed)
{
    private const string FileName = "local.toml";
    private const string LockName = "local.lock";

    public IReadOnlyList<NodeDirectory> NodeDirectories { get; } =
        [.. Enumerable.Range(1, Nodes).Select(i => new NodeDirectory(Path, i, BasePort))];

    /// <summary>Reads what is at <paramref name="path"/>: a local cluster, or null when it is absent or empty.</summary>
    public static (LocalDirectory? Found, CliFailure? Failure) Read(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (File.Exists(path))
        {
            return (null, CliFailure.Usage($"{path} is a file; --dir needs a directory of its own."));
        }

        var entries = Directory.Exists(path)
            ? Directory.EnumerateFileSystemEntries(path).Select(e => System.IO.Path.GetFileName(e)).Where(e => e != LockName).Order(StringComparer.Ordinal).ToList()
            : [];
        if (entries.Count == 0)
        {
            return (null, null);
        }

        if (entries.FirstOrDefault(e => e != FileName && !e.StartsWith("node-", StringComparison.Ordinal)) is { } foreign)
        {
            return (null, CliFailure.Usage($"{path} is not a local cluster: it holds '{foreign}'. Give an empty directory, or one that `local up` made."));
        }

        return Parse(path) is { } found
            ? (found, null)
            : (null, CliFailure.Usage($"{path} has nodes but no readable {FileName}, so which ports they use is unknown. Give another directory."));
    }

    /// <summary>Lays out a new cluster: node.toml for each node, and local.toml.</summary>
    public static (LocalDirectory? Directory, CliFailure? Failure) Create(
        string path, ShardPlan plan, int? wantedBase, bool alone, IReadOnlyList<(string Key, string Value)> settings, TimeProvider time)
    {
        var random = new Prng((ulong)time.GetTimestamp() ^ ((ulong)Environment.ProcessId << 32));
        if ((wantedBase ?? FreePorts.FindBase(plan.Nodes, random)) is not { } basePort)
        {
            return (null, CliFailure.Failed($"found no base port below 32768 with free ports for {plan.Nodes} nodes. Name one with --base-port."));
        }

        var directory = new LocalDirectory(path, plan.Nodes, plan.Replicas, basePort, alone, Formed: false);
        foreach (var node in directory.NodeDirectories)
        {
            node.Write(settings);
        }

        directory.Save();
        return (directory, null);
    }

    /// <summary>Writes local.toml.</summary>
    public void Save()
    {
        Directory.CreateDirectory(Path);
        var file = System.IO.Path.Combine(Path, FileName);
        File.WriteAllText(file + ".new", string.Create(CultureInfo.InvariantCulture,
            $"# Written by `trefoil local up`.\nnodes = {Nodes}\nreplicas = {Replicas}\nbase_port = {BasePort}\nalone = {Word(Alone)}\nformed = {Word(Formed)}\n"));
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Keeps a second command off this directory while the first works on it; null if somebody holds it.</summary>
    public static FileStream? TryLock(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            return new FileStream(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static CliFailure Busy(string path) =>
        CliFailure.Failed($"another `trefoil local` is at work on {path}. Wait for it to end.");

    private static LocalDirectory? Parse(string path)
    {
        var file = System.IO.Path.Combine(path, FileName);
        if (!File.Exists(file))
        {
            return null;
        }

        var values = File.ReadLines(file)
            .Select(l => l.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(p => p.Length == 2)
            .ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        return Number("nodes") is { } nodes and >= 1 and <= NodePorts.MostNodes && Number("base_port") is { } port
            ? new LocalDirectory(path, nodes, Number("replicas") ?? 0, port, values.GetValueOrDefault("alone") == "true", values.GetValueOrDefault("formed") == "true")
            : null;

        int? Number(string key) =>
            int.TryParse(values.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;
    }

    private static string Word(bool value) => value ? "true" : "false";
}

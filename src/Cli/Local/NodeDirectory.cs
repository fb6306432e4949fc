using System.Diagnostics;
using System.Globalization;
using Trefoil.Cli.Processes;
using Trefoil.Primitives;

namespace Trefoil.Cli.Local;

/// <summary>One node of a local cluster: <c>D/node-i</c> with its node.toml, log, pid and data.</summary>
internal sealed class NodeDirectory(string root, int index, int basePort)
{
    private const int LogTailLines = 12;
    private const int LogTailBytes = 16 * 1024;

    public int Index { get; } = index;

    public NodePorts Ports { get; } = new(basePort, index);

    public string Root { get; } = System.IO.Path.Combine(root, $"node-{index}");

    public string Configuration => System.IO.Path.Combine(Root, "node.toml");

    public string Log => System.IO.Path.Combine(Root, "log");

    public string PidFile => System.IO.Path.Combine(Root, "pid");

    public string Data => System.IO.Path.Combine(Root, "data");

    /// <summary>The pid of the running server; null if it does not run.</summary>
    public int? RunningPid =>
        File.Exists(PidFile)
        && int.TryParse(File.ReadAllText(PidFile).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        && ServerProcess.IsRunning(pid, Configuration)
            ? pid
            : null;

    /// <summary>Writes node.toml: ports, data directory, and what <c>--set</c> asked for, which wins.</summary>
    public void Write(IReadOnlyList<(string Key, string Value)> settings)
    {
        Directory.CreateDirectory(Data);
        var values = new List<(string Key, string Value)>
        {
            ("data_dir", TomlText.Quote(Data)),
            ("bind", TomlText.Quote("127.0.0.1")),
            ("swim_profile", TomlText.Quote("local")),
        };
        values.AddRange(Ports.All.Select(p => (p.Key, p.Port.ToString(CultureInfo.InvariantCulture))));
        File.WriteAllText(Configuration, TomlLines.Apply(TomlLines.Apply("", values), settings));
    }

    /// <summary>Changes keys of an existing node.toml; the rest of the file, comments included, stays as it is.</summary>
    public void Change(IReadOnlyList<(string Key, string Value)> settings)
    {
        if (settings.Count > 0)
        {
            File.WriteAllText(Configuration, TomlLines.Apply(File.ReadAllText(Configuration), settings));
        }
    }

    /// <summary>Starts the server and records its pid.</summary>
    public Process Start(bool attached)
    {
        var process = ServerProcess.Start(Configuration, Log, attached);
        // Written aside and renamed: whoever reads the file sees a whole number.
        File.WriteAllText(PidFile + ".new", string.Create(CultureInfo.InvariantCulture, $"{process.Id}\n"));
        File.Move(PidFile + ".new", PidFile, overwrite: true);
        return process;
    }

    /// <summary>The last lines of the log, indented, for an error message.</summary>
    public string LogTail()
    {
        if (!File.Exists(Log))
        {
            return "    (no log)";
        }

        using var stream = new FileStream(Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(-Math.Min(stream.Length, LogTailBytes), SeekOrigin.End);
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().TrimEnd().Split('\n');
        return string.Join('\n', lines.TakeLast(LogTailLines).Select(l => "    " + l));
    }
}

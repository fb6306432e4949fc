using System.Text;
using Trefoil.KeyValue.Commands.Server;
using Trefoil.Primitives;
using Trefoil.Storage;

namespace Trefoil.KeyValue.Server;

/// <summary>The file of CONFIG REWRITE: every parameter that CONFIG SET changed, under Redis' names, in a file of its own beside the data.</summary>
/// <remarks>
/// The node's own configuration may be read-only, shared, or made of flags and variables, so it is never written. What was rewritten is
/// applied after it, at every start; deleting the file goes back to it.
/// </remarks>
public sealed class RewrittenSettings(IDisk disk)
{
    /// <summary>Its name in the data directory.</summary>
    public const string Path = "config-rewrite.toml";

    /// <summary>More is not read; the parameters with their longest values are far less.</summary>
    private const int MaxBytes = 1 << 20;

    private const string Head = "# Written by CONFIG REWRITE: what CONFIG SET changed. Applied after the node's configuration; delete it to go back.\n";

    /// <summary>Applies what the file says to a server that nobody uses yet, and lets CONFIG REWRITE write it; null, or what is wrong with the file.</summary>
    public static string? Attach(KeyValueServer server, IDisk disk)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(disk);
        server.Rewritten = new RewrittenSettings(disk);
        if (!disk.Exists(Path))
        {
            return null;
        }

        string text;
        using (var file = disk.Open(Path, create: false))
        {
            var bytes = new byte[Math.Min(file.Length, MaxBytes)];
            text = Encoding.UTF8.GetString(bytes.AsSpan(0, file.Read(0, bytes)));
        }

        var parsed = TomlTable.Parse(text);
        if (parsed is not TomlResult.Parsed { Root: var root })
        {
            return $"{Path}: {((TomlResult.Failed)parsed).Error}";
        }

        foreach (var entry in root.Entries)
        {
            if (Apply(server, entry.Key, entry.Value) is { } problem)
            {
                return $"{Path}: {entry.At}: {problem}";
            }
        }

        return null;
    }

    /// <summary>Replaces the file; durable on return.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    internal void Write(IReadOnlyList<KeyValuePair<string, string>> values)
    {
        const string temporary = Path + ".tmp";
        var text = new StringBuilder(Head);
        foreach (var (name, value) in values)
        {
            text.Append(name).Append(" = ").Append(TomlText.Quote(value)).Append('\n');
        }

        using (var file = disk.Open(temporary, create: true))
        {
            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            file.Truncate(0);
            file.Write(0, bytes);
            file.Sync();
        }

        disk.Rename(temporary, Path);
        disk.SyncDirectory("");
    }

    private static string? Apply(KeyValueServer server, string name, TomlValue value)
    {
        if (ConfigTable.Find(name) is not { IsImmutable: false, Commit: null } parameter)
        {
            return NearestKey.Explain(name, ConfigTable.All.Where(known => known is { IsImmutable: false, Commit: null }).Select(known => known.Name));
        }

        if (value is not TomlValue.Text text)
        {
            return $"{name} must be a string, as CONFIG SET takes it";
        }

        if (parameter.Check(server, text.Value) is { } problem)
        {
            return $"{name}: {problem}";
        }

        parameter.Apply(server, text.Value);
        server.Settings.Changed.Add(parameter.Name);
        return null;
    }
}

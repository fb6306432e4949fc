using System.Text;

namespace Trefoil.KeyValue.Commands;

/// <summary>All commands this server has, by name: case does not matter, looking up allocates nothing.</summary>
public sealed class CommandTable
{
    private readonly NameIndex _index;
    private readonly NameIndex _unserved;

    private CommandTable(CommandSpec[] commands, CommandSpec[] unserved)
    {
        Commands = commands;
        _index = new NameIndex(commands, spec => spec.Name);
        _unserved = new NameIndex(unserved, spec => spec.Name);
        foreach (var container in commands.Where(spec => spec.Subcommands.Count > 0))
        {
            container.SubcommandIndex = new NameIndex(container.Subcommands, spec => spec.Name[(container.Name.Length + 1)..]);
        }
    }

    /// <summary>Top-level commands, sorted by name.</summary>
    public IReadOnlyList<CommandSpec> Commands { get; }

    /// <summary>Commands and subcommands.</summary>
    public IEnumerable<CommandSpec> All => Commands.SelectMany(spec => spec.Subcommands.Prepend(spec));

    /// <summary>The rows that <paramref name="bindings"/> name, with their handlers. A name without a row, or bound twice, is a mistake in the program.</summary>
    public static CommandTable Build(IEnumerable<CommandBinding> bindings)
    {
        ArgumentNullException.ThrowIfNull(bindings);
        var handlers = bindings.ToDictionary(binding => binding.Name, binding => binding.Handler, StringComparer.Ordinal);
        var rows = CommandRows.Read();
        foreach (var name in handlers.Keys)
        {
            if (!rows.Any(row => row.Name == name))
            {
                throw new ArgumentException($"No row in the command table for '{name}'", nameof(bindings));
            }
        }

        var served = new List<CommandSpec>();
        foreach (var row in rows.Where(row => !row.Name.Contains('|', StringComparison.Ordinal)))
        {
            var children = rows.Where(child => child.Name.StartsWith(row.Name + "|", StringComparison.Ordinal) && handlers.ContainsKey(child.Name)).ToArray();
            if (children.Length == 0 && !handlers.ContainsKey(row.Name))
            {
                continue;
            }

            row.Handler = handlers.GetValueOrDefault(row.Name);
            foreach (var child in children)
            {
                child.Handler = handlers[child.Name];
            }

            row.Subcommands = children;
            served.Add(row);
        }

        return new CommandTable([.. served], [.. rows.Where(row => row.Handler is null && row.Subcommands.Count == 0)]);
    }

    /// <summary>The top-level command <paramref name="name"/>, or null.</summary>
    public CommandSpec? Find(ReadOnlySpan<byte> name) => _index.Find(name);

    /// <summary>A row without a handler: a command (or <c>container|subcommand</c>) of Redis that this server does not have; null for any other name.</summary>
    public CommandSpec? FindUnserved(ReadOnlySpan<byte> name) => _unserved.Find(name);

    /// <summary>The subcommand <paramref name="name"/> of a container, or null.</summary>
    public static CommandSpec? Find(CommandSpec container, ReadOnlySpan<byte> name)
    {
        ArgumentNullException.ThrowIfNull(container);
        return container.SubcommandIndex?.Find(name);
    }

    /// <summary>The command written <c>name</c> or <c>container|subcommand</c>, or null.</summary>
    public CommandSpec? FindFull(ReadOnlySpan<byte> name)
    {
        var bar = name.IndexOf((byte)'|');
        return bar < 0 ? Find(name) : Find(name[..bar]) is { } container ? Find(container, name[(bar + 1)..]) : null;
    }
}

/// <summary>Open-addressed hash of ASCII names, case-insensitive.</summary>
internal sealed class NameIndex
{
    private readonly (byte[] Name, CommandSpec Spec)[] _cells;
    private readonly int _mask;

    public NameIndex(IReadOnlyList<CommandSpec> specs, Func<CommandSpec, string> nameOf)
    {
        var size = 16;
        while (size < specs.Count * 4)
        {
            size *= 2;
        }

        _mask = size - 1;
        _cells = new (byte[], CommandSpec)[size];
        foreach (var spec in specs)
        {
            var name = Encoding.ASCII.GetBytes(nameOf(spec));
            var at = Hash(name) & _mask;
            while (_cells[at].Spec is not null)
            {
                at = (at + 1) & _mask;
            }

            _cells[at] = (name, spec);
        }
    }

    public CommandSpec? Find(ReadOnlySpan<byte> name)
    {
        for (var at = Hash(name) & _mask; ; at = (at + 1) & _mask)
        {
            ref readonly var cell = ref _cells[at];
            if (cell.Spec is null || Ascii.EqualsIgnoreCase(cell.Name, name))
            {
                return cell.Spec;
            }
        }
    }

    private static int Hash(ReadOnlySpan<byte> name)
    {
        // Length and up to 24 letters: enough for every name, and bounded for a "name" of 512 MB.
        var hash = (uint)name.Length;
        foreach (var letter in name.Length > 24 ? name[..24] : name)
        {
            hash = (hash * 31) + (letter | 0x20u);
        }

        return (int)(hash & int.MaxValue);
    }
}

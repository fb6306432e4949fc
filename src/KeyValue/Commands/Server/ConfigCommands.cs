using System.Text;
using Trefoil.KeyValue.Commands.Data;
using Trefoil.KeyValue.Server;
using Trefoil.Sharding;
using Trefoil.Wire.Resp;

namespace Trefoil.KeyValue.Commands.Server;

/// <summary>CONFIG GET, SET, REWRITE, RESETSTAT over <see cref="ConfigTable"/>.</summary>
internal static class ConfigCommands
{
    public static readonly string[] Help =
    [
        "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GET <pattern>", "    Return parameters matching the glob-like <pattern> and their values.",
        "SET <directive> <value>", "    Set the configuration <directive> to <value>.",
        "RESETSTAT", "    Reset statistics reported by the INFO command.",
        "REWRITE", "    Rewrite the configuration file.",
        "HELP", "    Prints this help.",
    ];

    public static void Get(CommandContext context)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 2; i < context.Count; i++)
        {
            var pattern = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(context[i]).ToLowerInvariant());
            foreach (var parameter in ConfigTable.All)
            {
                if (GlobPattern.IsMatch(pattern, Encoding.ASCII.GetBytes(parameter.Name)))
                {
                    found[parameter.Name] = parameter.Get(context.Server);
                }
            }
        }

        context.Reply.Map(found.Count);
        foreach (var (name, value) in found)
        {
            context.Reply.Bulk(name);
            context.Reply.Bulk(value);
        }
    }

    /// <summary>All or nothing: everything is checked before anything is set.</summary>
    public static void Set(CommandContext context)
    {
        if (context.Count % 2 != 0)
        {
            context.WrongArity();
            return;
        }

        var changes = new List<(ConfigParameter Parameter, string Value)>();
        for (var i = 2; i < context.Count; i += 2)
        {
            var name = Encoding.Latin1.GetString(context[i]);
            if (ConfigTable.Find(name) is not { } parameter)
            {
                context.Reply.Error(Encoding.Latin1.GetBytes($"ERR Unknown option or number of arguments for CONFIG SET - '{name}'"));
                return;
            }

            var value = Encoding.UTF8.GetString(context[i + 1]);
            var problem = parameter.IsImmutable ? "can't set immutable config"
                : changes.Exists(change => change.Parameter == parameter) ? "duplicate parameter"
                : parameter.Check(context.Server, value);
            if (problem is not null)
            {
                context.Reply.Error(Encoding.Latin1.GetBytes($"ERR CONFIG SET failed (possibly related to argument '{name}') - {problem}"));
                return;
            }

            changes.Add((parameter, value));
        }

        if (changes.Exists(change => change.Parameter.Commit is not null))
        {
            context.Defer(SetForAllAsync(context.Server, changes));
            return;
        }

        Apply(context.Server, changes);
        context.Reply.Ok();
    }

    /// <summary>First what the cluster has to agree to; if it does not, nothing else is set either.</summary>
    private static async ValueTask<Action<RespWriter>> SetForAllAsync(KeyValueServer server, List<(ConfigParameter Parameter, string Value)> changes)
    {
        foreach (var (parameter, value) in changes.Where(change => change.Parameter.Commit is not null))
        {
            if (await parameter.Commit!(server, value) is CommandResult.Refused refused)
            {
                return reply => reply.Error(refused.Error);
            }
        }

        return reply =>
        {
            Apply(server, changes);
            reply.Ok();
        };
    }

    private static void Apply(KeyValueServer server, List<(ConfigParameter Parameter, string Value)> changes)
    {
        foreach (var (parameter, value) in changes.Where(change => change.Parameter.Commit is null))
        {
            parameter.Apply(server, value);
            server.Settings.Changed.Add(parameter.Name);
        }
    }

    /// <summary>Keeps what CONFIG SET changed for the next start. The disk is synced, so not on this thread.</summary>
    public static void Rewrite(CommandContext context)
    {
        if (context.Server.Rewritten is not { } file)
        {
            context.Reply.Error("ERR The server is running without a config file"u8);
            return;
        }

        var values = context.Server.Settings.Changed
            .Select(name => new KeyValuePair<string, string>(name, ConfigTable.Find(name)!.Get(context.Server))).ToList();
        context.Defer(RewriteAsync(file, values));
    }

    private static async ValueTask<Action<RespWriter>> RewriteAsync(RewrittenSettings file, List<KeyValuePair<string, string>> values)
    {
        try
        {
            await Task.Run(() =>
            {
                lock (file)
                {
                    file.Write(values);
                }
            });
            return reply => reply.Ok();
        }
        catch (IOException error)
        {
            return reply => reply.Error($"ERR Rewriting config file: {error.Message}");
        }
    }

    public static void ResetStatistics(CommandContext context)
    {
        context.Server.Statistics.Reset();
        context.Server.Store.ResetStatistics();
        context.Server.Memory.ResetStatistics();
        foreach (var spec in context.Server.Table.All)
        {
            spec.Statistics.Reset();
        }

        context.Reply.Ok();
    }
}
